"""A backup in one file: a zip archive, uncompressed, whose last member is its manifest.

The manifest says what galaxy it is and has the size and the SHA-256 of every other member. It comes
last because it is known last, so a file that was cut short has none. Whoever has no Sectorwars at
hand can take the members out with `unzip`.
"""

import hashlib
import os
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.persistence.data_directory import reason

FORMAT_VERSION: Final = 1
DATABASE_PART: Final = "database.dump"
"""The database, as pg_dump's custom format has it."""
FILES_PREFIX: Final = "files/"
"""Before the names of files of the data directory."""

_FORMAT: Final = "sectorwars-backup"
_MANIFEST: Final = "manifest.json"
_MANIFEST_BYTES_MAX: Final = 1_000_000
_README: Final = "README-sectorwars-backup.txt"
_README_TEXT: Final = (
    b"A galaxy of Sectorwars 2102: `sectorwars restore FILE --data-dir DIR` brings it back.\n"
    b"It holds the galaxy's private keys and its players' data: let nobody else read it.\n"
)
_START: Final = struct.Struct("<4s22xH2x")
"""A local header: its signature, and how long the name is that follows."""
_CHUNK_BYTES: Final = 1 << 20
_FILE_MODE: Final = 0o600
# What zipfile raises on damage, beside its own error: it believes numbers that it reads.
_DAMAGE: Final = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
)

Write = Callable[[bytes], None]
Progress = Callable[[int, int], None]
"""Called with how many bytes have been done, and how many there are."""


class BackupFileError(Exception):
    """A backup cannot be written or read; the text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class GalaxyState:
    """The moment that a backup holds.

    Attributes:
        schema: the revision of the database's schema.
        last_offset: of the event log; `event_hash` and `tick_hash` are the heads of its two
            chains there, in hex.
        audit_entry: the last entry of the audit trail, with the head of its chain in hex.
    """

    schema: str
    universe_seed: int
    last_offset: int
    event_hash: str
    tick_hash: str
    audit_entry: int
    audit_hash: str


@dataclass(frozen=True, slots=True)
class Part:
    """A member of the archive beside the manifest; `sha256` is in hex."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; `made_at` is RFC 3339, `release` that of the maker."""

    format: str
    format_version: int
    made_at: str
    release: str
    galaxy: GalaxyState
    parts: tuple[Part, ...]

    @property
    def size_bytes(self) -> int:
        """Return the size of all parts."""
        return sum(part.size_bytes for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What every version of the format says alike."""

    format: str
    format_version: int


class BackupDraft:
    """A backup that is being written."""

    def __init__(self, archive: zipfile.ZipFile, made_at: UnixMicros) -> None:
        """Write into `archive`."""
        self._archive = archive
        self._made_at = made_at
        self._parts: list[Part] = []
        with self.part(_README) as write:
            write(_README_TEXT)

    @contextmanager
    def part(self, name: str) -> Iterator[Write]:
        """Give a function that writes the part `name`, of any size, until the block ends."""
        digest = hashlib.sha256()
        size_bytes = 0
        with self._archive.open(_member(name), "w", force_zip64=True) as member:

            def write(data: bytes) -> None:
                nonlocal size_bytes
                member.write(data)
                digest.update(data)
                size_bytes += len(data)

            yield write
        self._parts.append(Part(name, size_bytes, digest.hexdigest()))

    def finish(self, release: str, galaxy: GalaxyState) -> Manifest:
        """Write the manifest, after every part; return it."""
        made_at = rfc3339(self._made_at)
        parts = tuple(self._parts)
        manifest = Manifest(_FORMAT, FORMAT_VERSION, made_at, release, galaxy, parts)
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
        self._archive.writestr(_member(_MANIFEST), text)
        return manifest


@contextmanager
def draft_backup(path: Path, made_at: UnixMicros, *, replace: bool) -> Iterator[BackupDraft]:
    """Write a backup beside `path`, and give it that name when it is finished and on the disk.

    Only its owner may read it. A block that fails leaves nothing.

    Args:
        replace: whether a file that is there may be replaced.

    Raises:
        BackupFileError: the file exists or cannot be written.
    """
    _require_free(path, replace)
    draft: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(".part", f".{path.name}.", path.parent)
        draft = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                yield BackupDraft(archive, made_at)
            file.flush()
            os.fsync(file.fileno())
        _require_free(path, replace)
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise BackupFileError(f"The backup {path} cannot be written: {reason(error)}.") from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


class Backup:
    """A backup that can be read."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        """Read the manifest of the `archive` at `path`.

        Raises:
            BackupFileError: it has none that this release can read.
        """
        self._path = path
        self._archive = archive
        with _told_apart(path):
            self.manifest = self._read_manifest()

    def check(self, progress: Progress) -> None:
        """Make sure that every part is there as it was written.

        Raises:
            BackupFileError: one is not.
        """
        done_bytes = 0
        for part in self.manifest.parts:
            digest = hashlib.sha256()
            for chunk in self.read(part.name):
                digest.update(chunk)
                done_bytes += len(chunk)
                progress(done_bytes, self.manifest.size_bytes)
            if digest.hexdigest() != part.sha256:
                raise BackupFileError(f"The backup {self._path} is damaged, in {part.name}.")

    def read(self, name: str) -> Iterator[bytes]:
        """Yield the part `name` in pieces.

        Raises:
            BackupFileError: it is damaged.
        """
        with _told_apart(self._path), self._archive.open(name) as member:
            while chunk := member.read(_CHUNK_BYTES):
                yield chunk

    def files(self) -> list[str]:
        """Return the names of the files of the data directory, relative to it."""
        names = (part.name for part in self.manifest.parts)
        return [name.removeprefix(FILES_PREFIX) for name in names if name.startswith(FILES_PREFIX)]

    def _read_manifest(self) -> Manifest:
        if self._archive.getinfo(_MANIFEST).file_size > _MANIFEST_BYTES_MAX:
            raise ValueError("the manifest is too long")
        text = self._archive.read(_MANIFEST)
        version = msgspec.json.decode(text, type=_Kind).format_version
        if version > FORMAT_VERSION:
            raise BackupFileError(
                f"The backup {self._path} is of a later release (format {version}, this one knows "
                f"{FORMAT_VERSION}): restore it with that release."
            )
        manifest = msgspec.json.decode(text, type=Manifest)
        members = self._archive.infolist()
        promised = [
            *((part.name, part.size_bytes) for part in manifest.parts),
            (_MANIFEST, len(text)),
        ]
        if [(member.filename, member.file_size) for member in members] != promised:
            raise ValueError("the manifest names other parts")
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("a part is compressed")
        return manifest


@contextmanager
def open_backup(path: Path) -> Iterator[Backup]:
    """Open a backup for as long as the block lasts; its parts are not yet checked.

    Raises:
        BackupFileError: it cannot be read, is damaged, is no backup, or of a later release.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupFileError(f"The backup {path} cannot be read: {reason(error)}.") from error
    with file:
        with _told_apart(path):
            if not _begins_as_backup(file.read(_START.size + len(_README))):
                raise BackupFileError(f"{path} is no backup of Sectorwars.")
            archive = zipfile.ZipFile(file)
        with archive:
            yield Backup(path, archive)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable.

    Raises:
        OSError: the disk says no.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _begins_as_backup(start: bytes) -> bool:
    if len(start) < _START.size + len(_README):
        return False
    signature, name_bytes = _START.unpack_from(start)
    name = start[_START.size :]
    return (signature, name_bytes, name) == (b"PK\x03\x04", len(_README), _README.encode())


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = _FILE_MODE << 16
    return member


def _require_free(path: Path, replace: bool) -> None:
    if not replace and os.path.lexists(path):
        raise BackupFileError(f"{path} exists: name another file, or replace it with --force.")


@contextmanager
def _told_apart(path: Path) -> Iterator[None]:
    """Say of whatever shows damage that the file is damaged."""
    try:
        yield
    except (*_DAMAGE, KeyError, msgspec.DecodeError) as error:
        raise BackupFileError(f"The backup {path} is damaged or was cut short.") from error
