"""The files of a data directory, beside PostgreSQL's, without which a galaxy is not the same."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from sectorwars.application.keys import (
    AUDIT_KEY_FILE,
    BUS_KEY_FILE,
    FRAME_KEY_FILE,
    GATEWAY_KEY_FILE,
    KEYS_DIRECTORY,
    TOKEN_KEY_FILE,
)
from sectorwars.persistence.backup_file import sync_folder
from sectorwars.persistence.chain_head_file import ChainHeadFile
from sectorwars.persistence.data_directory import DataDirectoryError

BOT_ACCOUNTS_FILE: Final = "bots.json"

_NEEDED: Final = (
    TOKEN_KEY_FILE,
    FRAME_KEY_FILE,
    GATEWAY_KEY_FILE,
    AUDIT_KEY_FILE,
    BUS_KEY_FILE,
)
_DRAFT_SUFFIX: Final = ".new"
_FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700


def kept_files(data_dir: Path) -> list[str]:
    """Return the names, relative to the data directory, of the files that a backup holds.

    These are all keys and secrets, the signed heads of the chains and the accounts of bots.

    Raises:
        DataDirectoryError: a key that a galaxy cannot do without is missing.
    """
    keys = data_dir / KEYS_DIRECTORY
    missing = next((name for name in _NEEDED if not (keys / name).is_file()), None)
    if missing is not None:
        raise DataDirectoryError(
            f"The key {keys / missing} is missing, without which no galaxy goes on: name the data "
            "directory of its engine with --data-dir."
        )
    others = (ChainHeadFile(data_dir).path, data_dir / BOT_ACCOUNTS_FILE)
    found = [
        *(path for path in sorted(keys.iterdir()) if path.suffix != _DRAFT_SUFFIX),
        *others,
    ]
    return [path.relative_to(data_dir).as_posix() for path in found if path.is_file()]


def is_kept(name: str) -> bool:
    """Tell whether a backup may hold a file of this name; it leads nowhere else."""
    path = PurePosixPath(name)
    in_keys = path.parts[:-1] == (KEYS_DIRECTORY,) and path.name != ".."
    return in_keys or name in (
        ChainHeadFile(Path()).path.as_posix(),
        BOT_ACCOUNTS_FILE,
    )


def put_file(data_dir: Path, name: str, content: Iterable[bytes]) -> None:
    """Make a kept file durable, readable by its owner only, where there is none.

    Raises:
        OSError: it cannot be written, or is there.
    """
    path = data_dir / name
    if path.parent != data_dir:
        path.parent.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
