"""Slack, through slack-bolt. Nothing outside this package and the playground knows Slack."""
