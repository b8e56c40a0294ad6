"""Identifiers that are unique and ascend in time."""

import os
import time
from threading import Lock

_last_id = 0
_id_lock = Lock()


def new_id() -> str:
    """A UUID (version 7, as hex): unique, and in the order of creation within this process."""
    global _last_id
    with _id_lock:
        _last_id = max(_last_id + 1, time.time_ns() // 1_000_000 << 12)
        stamp = _last_id
    high = (stamp >> 12) << 16 | 0x7000 | (stamp & 0xFFF)
    low = int.from_bytes(os.urandom(8)) & (1 << 62) - 1 | 1 << 63
    return f"{high << 64 | low:032x}"
