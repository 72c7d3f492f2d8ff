"""Log lines, as a process of its own writes them."""

import json
import subprocess
import sys

PROGRAM = """
import logging
import structlog
from sectorwars.observability.logging import configure_logging

configure_logging("info", json_lines={json_lines})
structlog.get_logger("sectorwars.test").info("traded", quantity=3)
structlog.get_logger("sectorwars.test").debug("hidden")
logging.getLogger("library").warning("careful: %s", "hot")
logging.getLogger("uvicorn.access").error("an address")
try:
    password = "hunter2"
    raise ValueError("no good")
except ValueError:
    structlog.get_logger("sectorwars.test").exception("failed")
"""


def _log_of(*, json_lines: bool) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(json_lines=json_lines)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    return done.stderr


def test_each_event_is_a_json_object_on_a_line() -> None:
    traded, warned, failed = map(json.loads, _log_of(json_lines=True).splitlines())
    assert (traded["event"], traded["quantity"], traded["level"]) == ("traded", 3, "info")
    assert traded["timestamp"].endswith("Z")
    assert (warned["event"], warned["logger"]) == ("careful: hot", "library")
    assert "ValueError: no good" in failed["exception"]


def test_the_terminal_shows_the_same_but_no_variables() -> None:
    text = _log_of(json_lines=False)
    assert "traded" in text
    assert "ValueError: no good" in text
    for absent in ("hidden", "an address", "hunter2"):
        # The program's own text is not in a traceback of `python -c`.
        assert absent not in text
