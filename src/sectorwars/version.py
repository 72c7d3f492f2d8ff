"""The release that this code is."""

from importlib.metadata import version
from typing import Final

VERSION: Final = version("sectorwars")
