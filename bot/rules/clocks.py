"""The deadlines in both directions: how long each clock runs, by how warm the lead is.

Times are the responsible person's working time: m minutes, h hours, d days; "24h<72h" is capped at 72 real hours.
"""

SALES_CLOCKS = ("S1", "S2", "S3")
WAKE = "leads.wake"  # what falls due on the day a lead kept for later wakes up
_STANDARD = {"S1": "4h", "S2": "24h<72h", "S3": "10d", "M1": "1d", "M2": "5d", "M3": "0m"}
_POLICIES = {
    "hot": {**_STANDARD, "S1": "15m", "S2": "1h"},
    "standard": _STANDARD,
    "list": {**_STANDARD, "S1": "1d", "S2": "3d"},
}


def policy(kind: str, temperature: str = "standard") -> str:
    """The deadline of a clock that starts now."""
    return _POLICIES.get(temperature, _STANDARD)[kind]
