"""Pure rules that several features need: no database, no platform, no clock."""
