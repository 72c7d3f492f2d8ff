"""The file of a backup: whole under its name or not there, and told apart from all others."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.backup_file import (
    DATABASE_PART,
    FORMAT_VERSION,
    BackupFileError,
    GalaxyState,
    draft_backup,
    open_backup,
)

NOW = UnixMicros(1_764_000_000_000_000)
GALAXY = GalaxyState("0001", 7, 12, "ab", "cd", 3, "ef")
STRIDE = 7
CONTENT = {"files/keys/frame.pem": b"secret", DATABASE_PART: b"PGDMP" * 40}


def write(path: Path, galaxy: GalaxyState = GALAXY, *, replace: bool = False) -> None:
    with draft_backup(path, NOW, replace=replace) as draft:
        for name, content in CONTENT.items():
            with draft.part(name) as put:
                for byte in content:
                    put(bytes([byte]))
        draft.finish("0.1.0", galaxy)


def read(path: Path) -> tuple[GalaxyState, dict[str, bytes]]:
    with open_backup(path) as backup:
        backup.check(lambda _done, _total: None)
        names = [part.name for part in backup.manifest.parts]
        return backup.manifest.galaxy, {name: b"".join(backup.read(name)) for name in names[1:]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "galaxy.backup"
    write(path)
    return path


def test_what_was_written_is_read_and_is_its_owners_alone(path: Path) -> None:
    assert read(path) == (GALAXY, CONTENT)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    with open_backup(path) as backup:
        assert backup.files() == ["keys/frame.pem"]
        assert backup.manifest.made_at == "2025-11-24T16:00:00.000000Z"


def test_other_programs_can_take_it_apart(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.read(DATABASE_PART) == CONTENT[DATABASE_PART]
        assert json.loads(archive.read("manifest.json"))["galaxy"]["universe_seed"] == 7


def test_progress_ends_with_all_bytes(path: Path) -> None:
    told: list[tuple[int, int]] = []
    with open_backup(path) as backup:
        backup.check(lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > sum(map(len, CONTENT.values()))


def test_an_existing_file_is_left_alone_unless_told_otherwise(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(BackupFileError, match="--force"):
        write(path, replace_seed(8))
    assert path.read_bytes() == before
    write(path, replace_seed(8), replace=True)
    assert read(path)[0].universe_seed == 8


def test_a_file_that_came_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "galaxy.backup"

    def write_slowly() -> None:
        with draft_backup(path, NOW, replace=False) as draft:
            draft.finish("0.1.0", GALAXY)
            path.write_text("mine")

    with pytest.raises(BackupFileError, match="exists"):
        write_slowly()
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "mine"


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def write_half() -> None:
        path = tmp_path / "galaxy.backup"
        with draft_backup(path, NOW, replace=False) as draft, draft.part(DATABASE_PART) as put:
            put(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupFileError, match="cannot be written: no such file or directory"):
        write(tmp_path / "nowhere" / "galaxy.backup")


def test_every_cut_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for size in range(0, len(whole), STRIDE):
        path.write_bytes(whole[:size])
        with pytest.raises(BackupFileError, match=r"cut short\.|no backup of Sectorwars\."):
            read(path)


def test_a_changed_byte_is_noticed_or_changes_nothing(path: Path) -> None:
    whole = path.read_bytes()
    noticed = 0
    for position in range(0, len(whole), STRIDE):
        changed = bytearray(whole)
        changed[position] ^= 0x55
        path.write_bytes(changed)
        try:
            assert read(path) == (GALAXY, CONTENT)
        except BackupFileError:
            noticed += 1
    assert noticed > sum(map(len, CONTENT.values())) // STRIDE


def test_a_part_that_was_exchanged_is_noticed(path: Path) -> None:
    remade(path, lambda name, content: content.replace(b"secret", b"public"))
    with pytest.raises(BackupFileError, match=re.escape("is damaged, in files/keys/frame.pem.")):
        read(path)


@pytest.mark.parametrize("content", [b"", b"PGDMP" * 20, b"PK\x03\x04" + bytes(100)])
def test_a_foreign_file_is_said_to_be_one(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(BackupFileError, match="is no backup of Sectorwars"):
        read(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupFileError, match="cannot be read: no such file or directory"):
        read(tmp_path / "galaxy.backup")


def manifest_with(change: Callable[[dict[str, Any]], None]) -> Callable[[str, bytes], bytes]:
    def changed(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            return content
        manifest = json.loads(content)
        change(manifest)
        return json.dumps(manifest).encode()

    return changed


def test_a_later_format_is_said_whatever_else_it_holds(path: Path) -> None:
    def later(manifest: dict[str, Any]) -> None:
        manifest.update(format_version=FORMAT_VERSION + 1, galaxy="elsewhere")

    remade(path, manifest_with(later))
    with pytest.raises(BackupFileError, match="of a later release"):
        read(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["parts"].pop(),
        lambda manifest: manifest["parts"][1].update(size_bytes=5),
        lambda manifest: manifest["parts"][1].update(name="files/keys/other.pem"),
        lambda manifest: manifest.pop("galaxy"),
        lambda manifest: manifest.update(padding=" " * 1_000_000),
    ],
)
def test_a_manifest_that_does_not_fit_is_noticed(
    path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    remade(path, manifest_with(change))
    with pytest.raises(BackupFileError, match="damaged"):
        read(path)


def test_a_compressed_part_is_not_read(path: Path) -> None:
    remade(path, lambda _name, content: content, zipfile.ZIP_DEFLATED)
    with pytest.raises(BackupFileError, match="damaged"):
        read(path)


def replace_seed(seed: int) -> GalaxyState:
    return replace(GALAXY, universe_seed=seed)


def remade(
    path: Path, change: Callable[[str, bytes], bytes], method: int = zipfile.ZIP_STORED
) -> None:
    """Make the archive anew, with other contents under good check sums of the archive's own."""
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, change(name, content))
