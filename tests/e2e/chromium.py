"""Debian's Chromium, and how it is started without a screen."""

from __future__ import annotations

import os
import shutil

import pytest

_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> tuple[str, list[str]]:
    """Return the program and its flags; skip the test where there is none."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is missing: install Debian's package chromium")
    return program, [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
