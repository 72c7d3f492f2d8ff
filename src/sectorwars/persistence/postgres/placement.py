"""Where an embedded cluster lies on the disk, and which account runs it.

PostgreSQL refuses to run as root. For root it therefore runs as the system user `sectorwars`,
and then both the cluster and the programs must lie where that user can go. Where it cannot (a
checkout in root's own home, say), they go to /var/lib/sectorwars, and the data directory keeps
a symbolic link to the cluster's place.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sectorwars.persistence.data_directory import DataDirectoryError, reason
from sectorwars.persistence.postgres.binaries import (
    binaries_folder,
    binaries_in_copy,
    binaries_version,
    copy_binaries,
)

SYSTEM_USER = "sectorwars"
SYSTEM_ROOT = Path("/var/lib/sectorwars")
AREA = "postgres"
_OWNER_FILE = "data-directory"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Placement:
    """The place of one cluster.

    Attributes:
        area: the resolved folder, mode 0700, that holds the cluster, its log and its socket.
        binaries: the folder of PostgreSQL's programs that the account can run.
        account: the account to switch to, or None to stay the one we are.
    """

    area: Path
    binaries: Path
    account: Account | None


def find_area(data_dir: Path) -> Path:
    """Return where the cluster of a data directory lies or would lie, changing nothing."""
    return (data_dir / AREA).resolve()


def prepare(data_dir: Path, system_root: Path = SYSTEM_ROOT) -> Placement:
    """Decide where the cluster of a data directory lies, and make the place.

    Args:
        data_dir: the server's data directory, which exists.
        system_root: where root's clusters go that cannot lie in the data directory.

    Raises:
        DataDirectoryError: the place cannot be made, or root has no account to switch to.
    """
    try:
        if os.geteuid() != 0:
            area = find_area(data_dir)
            area.mkdir(mode=0o700, exist_ok=True)
            return Placement(area, binaries_folder(), None)
        return _prepare_as_root(data_dir, system_root)
    except OSError as error:
        raise DataDirectoryError(
            f"No database can be kept in {data_dir}: {reason(error)}."
        ) from error


def abandoned_areas(system_root: Path = SYSTEM_ROOT) -> list[Path]:
    """Return the clusters below the system root that no data directory points to any more."""
    if not system_root.is_dir():
        return []
    abandoned = []
    for owner_file in sorted(system_root.glob(f"*/{_OWNER_FILE}")):
        area = owner_file.parent
        if find_area(Path(owner_file.read_text().strip())) != area.resolve():
            abandoned.append(area)
    return abandoned


def _prepare_as_root(data_dir: Path, system_root: Path) -> Placement:
    link = data_dir / AREA
    area = find_area(data_dir)
    if link.is_symlink() and not area.exists():
        raise DataDirectoryError(
            f"The database of {data_dir} lay in {area}, which is gone: restore it, or remove "
            f"the link {link} to begin with a new galaxy."
        )
    account = _owner(area) or _system_account()
    if not area.exists() and not _can_enter(account, data_dir):
        link.symlink_to(_claim_area(data_dir.resolve(), system_root))
        area = find_area(data_dir)
    area.mkdir(mode=0o700, exist_ok=True)
    os.chown(area, account.uid, account.gid)
    binaries = binaries_folder()
    if not _can_run(account, binaries / "postgres"):
        binaries = _copy_for_all(system_root / f"postgresql-{binaries_version()}")
    return Placement(area, binaries, account)


def _owner(area: Path) -> Account | None:
    """Return who owns an area already, unless it is root: root may look after a user's galaxy."""
    if not area.exists():
        return None
    status = area.stat()
    return Account(status.st_uid, status.st_gid) if status.st_uid != 0 else None


def _system_account() -> Account:
    """Return the account that runs PostgreSQL for root, making it if it is missing."""
    with contextlib.suppress(KeyError):
        return _account_named(SYSTEM_USER)
    useradd = shutil.which("useradd", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if useradd is not None:
        subprocess.run(  # a lost race shows in the look-up below
            [useradd, "--system", "--user-group", "--no-create-home", "--home-dir",
             "/nonexistent", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            capture_output=True,
            check=False,
        )  # fmt: skip
    try:
        return _account_named(SYSTEM_USER)
    except KeyError:
        raise DataDirectoryError(
            "PostgreSQL does not run as root, and the system user 'sectorwars' could not be "
            "made: make it, or start the server as an ordinary user."
        ) from None


def _account_named(name: str) -> Account:
    entry = pwd.getpwnam(name)
    return Account(entry.pw_uid, entry.pw_gid)


def _can_enter(account: Account, folder: Path) -> bool:
    return _passes(account, "-x", folder)


def _can_run(account: Account, program: Path) -> bool:
    return _passes(account, "-r", program) and _passes(account, "-x", program)


def _passes(account: Account, test: str, path: Path) -> bool:
    """Ask the kernel, as that account, so that access lists and mounts count too."""
    done = subprocess.run(
        ["/usr/bin/env", "test", test, str(path.resolve())],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return done.returncode == 0


def _claim_area(data_dir: Path, system_root: Path) -> Path:
    """Make the place below the system root for a data directory that has no cluster yet."""
    _make_system_root(system_root)
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    area = system_root / name
    if area.exists():
        # An earlier data directory of this path was deleted. Its galaxy must not come back in
        # the new one, and is not ours to delete: it is set aside, and `doctor` names it.
        set_aside = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=system_root))
        area.rename(set_aside)
    area.mkdir(mode=0o700)
    (area / _OWNER_FILE).write_text(f"{data_dir}\n")
    return area


def _make_system_root(system_root: Path) -> None:
    system_root.mkdir(parents=True, exist_ok=True)
    system_root.chmod(0o755)  # whatever root's umask says, the account must pass through


def _copy_for_all(target: Path) -> Path:
    """Copy PostgreSQL's programs to where its account can run them, once per version."""
    if not target.exists():
        _make_system_root(target.parent)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            copy = Path(scratch) / "copy"
            copy_binaries(copy)
            # A rename is all or nothing; whoever comes second finds the first one's copy.
            try:
                copy.rename(target)
            except OSError:
                if not target.exists():
                    raise
    return binaries_in_copy(target)
