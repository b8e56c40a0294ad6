"""The types every feature and every platform share; imports no platform."""
