"""`make demo`: a sample company in a local Slack, with the real Parley at work, shown in a browser."""

PORT = 4270
