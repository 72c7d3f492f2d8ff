"""What of a data directory goes into a backup, and what may come out of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from sectorwars.bootstrap.keys import Keys
from sectorwars.persistence.data_directory import DataDirectoryError
from sectorwars.persistence.kept_files import is_kept, kept_files, put_file

KEYS = {"audit.pem", "bus.key", "frame.pem", "gateway.pem", "token.pem"}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    Keys.load(tmp_path / "keys")
    return tmp_path


def test_keys_heads_and_bots_are_kept_and_what_can_be_made_anew_is_not(data_dir: Path) -> None:
    (data_dir / "keys" / "frame.pem.new").touch()
    (data_dir / "server.lock").touch()
    (data_dir / "old.backup").touch()
    (data_dir / "postgres").mkdir()
    assert {f"keys/{name}" for name in KEYS} <= set(kept_files(data_dir))
    assert all(name.startswith("keys/") for name in kept_files(data_dir))
    assert "keys/frame.pem.new" not in kept_files(data_dir)
    (data_dir / "audit").mkdir()
    for name in ("audit/chain_heads.jsonl", "bots.json"):
        (data_dir / name).touch()
        assert kept_files(data_dir)[-1] == name
    assert all(map(is_kept, kept_files(data_dir)))


@pytest.mark.parametrize("name", sorted(KEYS))
def test_without_a_key_there_is_no_backup(data_dir: Path, name: str) -> None:
    (data_dir / "keys" / name).unlink()
    with pytest.raises(DataDirectoryError, match=name):
        kept_files(data_dir)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../keys", "keys/..", "keys/../x", "keys", "keys/a/b", "", "postgres/x"]
)
def test_nothing_else_comes_out_of_a_backup(name: str) -> None:
    assert not is_kept(name)


def test_a_file_is_put_for_its_owner_alone_and_never_over_another(tmp_path: Path) -> None:
    put_file(tmp_path, "keys/frame.pem", [b"a", b"b"])
    path = tmp_path / "keys" / "frame.pem"
    assert path.read_bytes() == b"ab"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(FileExistsError):
        put_file(tmp_path, "keys/frame.pem", [b"c"])
