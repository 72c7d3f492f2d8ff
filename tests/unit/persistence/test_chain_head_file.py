"""The file of signed heads, whole after any crash."""

import stat
from pathlib import Path

from sectorwars.persistence.chain_head_file import ChainHeadFile


def test_lines_are_kept_in_their_order_for_their_owner_only(tmp_path: Path) -> None:
    file = ChainHeadFile(tmp_path)
    assert file.lines() is None
    file.append(b"one")
    file.append(b"two")
    assert ChainHeadFile(tmp_path).lines() == [b"one", b"two"]
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


def test_a_line_without_an_end_was_never_written(tmp_path: Path) -> None:
    file = ChainHeadFile(tmp_path)
    file.append(b"one")
    with file.path.open("ab") as torn:
        torn.write(b'{"at":"20')
    assert file.lines() == [b"one"]
    file.append(b"two")
    assert file.lines() == [b"one", b"two"]
