"""The only wiring place: from settings to a running server and back to a clean stop."""

from sectorwars.bootstrap.process import run
from sectorwars.bootstrap.start_error import StartError

__all__ = ["StartError", "run"]
