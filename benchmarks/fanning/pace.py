"""The pace that the standard input sets: lines of frames a write and writes a second."""

from __future__ import annotations

import os
import sys

INPUT = sys.stdin.fileno()


def read_pace() -> tuple[int, float] | None:
    """Return the last pace of all that was written, or None where nothing will come any more."""
    lines = os.read(INPUT, 4_096).split(b"\n")
    if len(lines) < 2:
        return None
    frames, per_second = lines[-2].split()
    return int(frames), float(per_second)
