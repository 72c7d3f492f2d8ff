"""The signed heads of the chains in a file of the data directory, a line each."""

import os
from pathlib import Path
from typing import Final

_PLACE: Final = Path("audit") / "chain_heads.jsonl"


class ChainHeadFile:
    """A file that only its owner reads, and that is only ever added to.

    Its last line may be without an end: the power went while it was being written. Such a line
    counts as never written, and the next one takes its place.
    """

    def __init__(self, data_dir: Path) -> None:
        """Name the file in `data_dir`; it is made with its first line."""
        self.path = data_dir / _PLACE

    def append(self, line: bytes) -> None:
        """Make a line durable at the end.

        Raises:
            OSError: the file cannot be written.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            written = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
            whole = written.rfind(b"\n") + 1
            os.ftruncate(descriptor, whole)
            os.pwrite(descriptor, line + b"\n", whole)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def lines(self) -> list[bytes] | None:
        """Return the whole lines, or None where the file is missing.

        Raises:
            OSError: the file cannot be read.
        """
        try:
            *lines, _unfinished = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return None
        return lines
