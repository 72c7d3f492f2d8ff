"""The command line as a module: `python -m sectorwars.cli`."""

from sectorwars.cli import main

main()
