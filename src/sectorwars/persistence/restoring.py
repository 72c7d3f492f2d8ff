"""A data directory into which a backup is brought back."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sectorwars.application.keys import KEYS_DIRECTORY
from sectorwars.persistence.backup_file import sync_folder
from sectorwars.persistence.chain_head_file import ChainHeadFile
from sectorwars.persistence.data_directory import (
    LOCK_FILE,
    RESTORE_MARK,
    DataDirectoryError,
    DataDirectoryLock,
    reason,
)
from sectorwars.persistence.kept_files import BOT_ACCOUNTS_FILE
from sectorwars.persistence.postgres.cluster import stop_orphan
from sectorwars.persistence.postgres.placement import AREA, find_area

_RESTORED: Final = frozenset(
    (AREA, KEYS_DIRECTORY, BOT_ACCOUNTS_FILE, ChainHeadFile(Path()).path.parts[0])
)
"""What a restore makes in a data directory."""


def require_vacant(data_dir: Path) -> None:
    """Make sure that a data directory is missing, empty, or left by an interrupted restore.

    Raises:
        DataDirectoryError: it holds something else, or cannot be read.
    """
    try:
        names = {path.name for path in data_dir.iterdir()} if data_dir.exists() else set()
    except OSError as error:
        raise DataDirectoryError(
            f"The data directory {data_dir} cannot be read: {reason(error)}."
        ) from error
    allowed = {LOCK_FILE}
    if RESTORE_MARK in names:
        allowed |= {RESTORE_MARK, *_RESTORED}
    if not names <= allowed:
        raise DataDirectoryError(
            f"The data directory {data_dir} is not empty: a galaxy is restored into a new one only."
        )


@contextmanager
def vacant_directory(data_dir: Path) -> Iterator[Callable[[], None]]:
    """Hold a data directory for a restore; give what is to be called when the galaxy is whole.

    Until then no server takes the directory; a block that fails leaves it empty, and what one that
    was killed has left is removed by the next.

    Raises:
        DataDirectoryError: the directory is not vacant, or cannot be used.
    """
    require_vacant(data_dir)
    mark = data_dir / RESTORE_MARK
    with DataDirectoryLock(data_dir, restoring=True):
        require_vacant(data_dir)

        def settle() -> None:
            mark.unlink()
            sync_folder(data_dir)

        try:
            _clear(data_dir)
            mark.touch(mode=0o600)
            sync_folder(data_dir)
            try:
                yield settle
            finally:
                if mark.exists():
                    _clear(data_dir)
                    settle()
        except OSError as error:
            raise DataDirectoryError(
                f"The data directory {data_dir} cannot be written: {reason(error)}."
            ) from error


def _clear(data_dir: Path) -> None:
    """Remove what a restore has made; the database of our own, were it running, is stopped."""
    stop_orphan(data_dir)
    area = find_area(data_dir)
    if area.exists():
        shutil.rmtree(area)
    for name in _RESTORED:
        path = data_dir / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
