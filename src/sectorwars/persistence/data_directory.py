"""The data directory of a server and the lock that keeps a second server out of it."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

LOCK_FILE = "server.lock"
RESTORE_MARK = "restore.unfinished"
"""A file that lies in the directory while a backup is brought back into it."""

_LOCK_BYTES_MAX = 256
_LOOK_SECONDS_MAX = 0.1
_TAKEN = (errno.EACCES, errno.EAGAIN)


class DataDirectoryError(Exception):
    """The data directory cannot be used; the text is one sentence for the operator."""


class DataDirectoryInUseError(DataDirectoryError):
    """Another server works in the data directory."""


def reason(error: OSError) -> str:
    """Name the cause of an operating-system error as the operator knows it."""
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "this account may not write there"
    return (error.strerror or str(error)).lower()


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The server that works in a data directory; `address` is None until it listens."""

    process_id: int | None
    address: tuple[str, int] | None


def holder(data_dir: Path) -> int | None:
    """Return the id of the process that holds a data directory's lock, or None.

    Raises:
        OSError: the lock cannot be read.
    """
    server = running_server(data_dir)
    return None if server is None else server.process_id


def running_server(data_dir: Path) -> RunningServer | None:
    """Return the server that holds a data directory's lock, or None.

    Raises:
        OSError: the lock cannot be read.
    """
    try:
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
        return _server_named_in(descriptor)
    finally:
        os.close(descriptor)
    return None


def restore_is_unfinished(data_dir: Path) -> bool:
    """Tell whether a restore into a data directory is under way, or was killed."""
    return (data_dir / RESTORE_MARK).exists()


def refuse_unfinished_restore(data_dir: Path) -> None:
    """See that no interrupted restore is taken for a galaxy.

    Raises:
        DataDirectoryError: `data_dir` holds what such a restore has left.
    """
    if restore_is_unfinished(data_dir):
        raise DataDirectoryError(
            f"A restore into {data_dir} was interrupted: begin it again with "
            "`sectorwars restore`, or delete the directory."
        )


def _server_named_in(descriptor: int) -> RunningServer:
    """Read a process id and, on a second line, the host and the port where it listens."""
    process_id, _, address = os.pread(descriptor, _LOCK_BYTES_MAX, 0).decode().partition("\n")
    host, _, port = address.strip().rpartition(" ")
    return RunningServer(
        int(process_id) if process_id.isdigit() else None,
        (host, int(port)) if port.isdigit() else None,
    )


def _lock_text() -> bytes:
    return f"{os.getpid()}\n".encode()


class DataDirectoryLock:
    """Hold a data directory for this process until released or until the process ends.

    The lock is the kernel's (flock on an open file), so a killed server leaves none behind,
    and child processes do not inherit it. It can be used as a context manager.
    """

    def __init__(self, data_dir: Path, *, restoring: bool = False) -> None:
        """Hold `data_dir`, in which only who is `restoring` may find a restore unfinished."""
        self._path = data_dir / LOCK_FILE
        self._restoring = restoring
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Make the directory if it is missing, and take the lock now or not at all.

        Raises:
            DataDirectoryInUseError: another process holds the lock.
            DataDirectoryError: the directory cannot be made or written, or holds what an
                interrupted restore has left.
        """
        if self._descriptor is not None:
            return
        data_dir = self._path.parent
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DataDirectoryError(
                f"The data directory {data_dir} cannot be used: {reason(error)}."
            ) from error
        try:
            self._lock(descriptor)
        except OSError as error:
            holder = _server_named_in(descriptor).process_id
            os.close(descriptor)
            if error.errno not in _TAKEN:
                raise DataDirectoryError(
                    f"The data directory {data_dir} cannot be locked: {reason(error)}."
                ) from error
            raise DataDirectoryInUseError(
                f"Another server (process {holder or 'unknown'}) is using the data directory "
                f"{data_dir}: stop it, or choose another with --data-dir."
            ) from error
        if not self._restoring:
            try:
                refuse_unfinished_restore(data_dir)
            except DataDirectoryError:
                os.close(descriptor)
                raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _lock_text(), 0)
        self._descriptor = descriptor

    def note_address(self, host: str, port: int) -> None:
        """Tell who looks at the lock where the server listens; the lock must be held."""
        if self._descriptor is None:
            raise ValueError("the data directory is not held")
        os.pwrite(self._descriptor, _lock_text() + f"{host} {port}\n".encode(), 0)

    @staticmethod
    def _lock(descriptor: int) -> None:
        deadline = time.monotonic() + _LOOK_SECONDS_MAX
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                # `holder` touches the lock for an instant; a server that stays is no such look.
                if error.errno not in _TAKEN or time.monotonic() > deadline:
                    raise
                time.sleep(_LOOK_SECONDS_MAX / 10)
            else:
                return

    def release(self) -> None:
        """Give the directory back; harmless when it is not held."""
        if self._descriptor is not None:
            # The file stays: removing it would let two servers lock two files of one name.
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> DataDirectoryLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
