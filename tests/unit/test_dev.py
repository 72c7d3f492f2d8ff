"""The house command `./dev`: what it skips, what it leaves out, what it says when it cannot."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock")


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The command as a module, with a checkout of its own to work in."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("dev", str(ROOT / "dev"))
    spec = importlib.util.spec_from_loader("dev", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    for name in ("VENV", "PYTHON", "STATE", "CLIENT", "PAGE", "ROOT"):
        here = getattr(module, name).relative_to(ROOT)
        monkeypatch.setattr(module, name, tmp_path / "checkout" / here)
    module.STATE.mkdir(parents=True)
    return module


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Put a program of the test's own first on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def put(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return put


def requirements(lock: str) -> list[str]:
    """Return a lock's requirements, each with its hashes on one line."""
    joined = (ROOT / lock).read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def test_an_old_python_can_read_it_to_be_told_that_it_is_old() -> None:
    ast.parse((ROOT / "dev").read_text(), feature_version=(3, 6))


def test_it_needs_the_standard_library_alone() -> None:
    tree = ast.parse((ROOT / "dev").read_text())
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        node.module.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_name_no_address_and_hash_everything(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()
    lines = requirements(lock)
    assert lines
    assert all("--hash=sha256:" in line for line in lines)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = [*project["project"]["dependencies"], *groups["build"], *groups["dev"]]
    locked = {}
    for line in requirements("requirements.lock") + requirements("requirements-dev.lock"):
        name, version = re.split(r"[=; ]+", line)[:2]
        locked[canonicalize_name(name)] = version
    for text in asked:
        wanted = Requirement(text)
        version = locked.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted.name} is not locked: run ./dev lock"
        assert version in wanted.specifier, f"{wanted.name} {version} is too old: run ./dev lock"


def test_the_clients_lock_names_no_address() -> None:
    assert '"resolved"' not in (ROOT / "client" / "package-lock.json").read_text()


@pytest.mark.parametrize(("arguments", "exit_code"), [((), 2), (("dance",), 2), (("--help",), 0)])
def test_without_a_command_it_names_its_commands(
    arguments: tuple[str, ...], exit_code: int
) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "dev", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == exit_code
    assert "./dev run" in done.stderr
    assert done.stdout == ""


def test_an_unknown_benchmark_is_told_the_known_ones() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "dev", "bench", "dance"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert re.fullmatch(r"Name a benchmark: .*\bstart\b.*\.\n", done.stderr)


def test_a_digest_tells_apart_contents_and_their_order(dev: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("b")
    assert dev.digest("a", file) == dev.digest("a", "b")
    assert len({dev.digest("a", "b"), dev.digest("b", "a"), dev.digest("ab")}) == 3


def test_a_python_without_venv_is_told_what_to_install(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(dev.SetupError, match=r"apt-get install python3\.\d+-venv"):
        dev.ensure_venv(None)


def test_a_python_that_is_too_old_is_told_what_to_install(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "PYTHON_MIN", (3, 99))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(dev.SetupError, match="apt-get install"):
        dev.use_new_enough_python()


def test_what_a_failed_step_printed_is_shown_before_the_mend(
    dev: ModuleType, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(dev.SetupError, match="mend it"):
        dev.call(["sh", "-c", "echo broken; exit 3"], "mend it", cwd=tmp_path)
    assert capfd.readouterr().err == "broken\n"


class TestPage:
    """The page is built when its sources changed, and only then."""

    @pytest.fixture
    def npm(self, dev: ModuleType, program: Callable[[str, str], None]) -> Callable[[], list[str]]:
        """A client to build, and an npm that notes what it was asked to do."""
        dev.CLIENT.mkdir()
        for name in ("package.json", "package-lock.json", "index.html"):
            (dev.CLIENT / name).write_text(json.dumps(name))
        log = dev.STATE / "npm.log"
        program("node", "echo v22.12.0")
        program(
            "npm",
            f'echo "$*" >> {log}\nmkdir -p node_modules {dev.PAGE}\ntouch {dev.PAGE}/index.html',
        )

        def calls() -> list[str]:
            lines = log.read_text().splitlines() if log.exists() else []
            log.unlink(missing_ok=True)
            return [line.split()[0] for line in lines]

        return calls

    def test_it_is_built_once(self, dev: ModuleType, npm: Callable[[], list[str]]) -> None:
        dev.build_page()
        assert npm() == ["ci", "run"]
        dev.build_page()
        assert npm() == []

    @pytest.mark.parametrize("change", ["edit", "add", "rename"])
    def test_a_change_builds_it_again_with_the_same_packages(
        self, dev: ModuleType, npm: Callable[[], list[str]], change: str
    ) -> None:
        dev.build_page()
        npm()
        page = dev.CLIENT / "index.html"
        if change == "edit":
            page.write_text("new")
        elif change == "add":
            (dev.CLIENT / "more.ts").touch()
        else:
            page.rename(page.with_name("other.html"))
        dev.build_page()
        assert npm() == ["run"]

    def test_other_packages_are_installed_anew(
        self, dev: ModuleType, npm: Callable[[], list[str]]
    ) -> None:
        dev.build_page()
        npm()
        (dev.CLIENT / "package-lock.json").write_text("new")
        dev.build_page()
        assert npm() == ["ci", "run"]

    def test_a_page_that_is_gone_is_built_again(
        self, dev: ModuleType, npm: Callable[[], list[str]]
    ) -> None:
        dev.build_page()
        npm()
        (dev.PAGE / "index.html").unlink()
        dev.build_page()
        assert npm() == ["run"]


@pytest.mark.parametrize(
    ("version", "fits"), [("v18.20.1", False), ("v20.18.0", False), ("v20.19.0", True)]
)
def test_only_a_node_that_is_new_enough_is_used(
    dev: ModuleType, program: Callable[[str, str], None], version: str, fits: bool
) -> None:
    program("node", f"echo {version}")
    program("npm", "true")
    assert dev.system_node_fits() is fits


def test_without_root_the_tests_that_lack_a_program_are_left_out_by_name(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    left_out = dev.ensure_system_packages()
    assert set(left_out) == {"browser", "redis"}
    assert "apt-get install chromium" in left_out["browser"]


@pytest.mark.parametrize("options", [["--port", "9000"], ["--", "--port", "9000"]])
def test_the_options_of_a_command_may_be_set_off(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    started: list[tuple[object, ...]] = []
    monkeypatch.setattr(dev, "set_up", lambda: None)
    monkeypatch.setattr(dev, "become", lambda *command: started.append(command))
    dev.main(["run", *options])
    assert started == [(dev.VENV / "bin" / "sectorwars", "serve", "--port", "9000")]


class TestChecks:
    def test_a_failure_is_named_and_its_output_shown(
        self, dev: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        checks = dev.Checks()
        checks.run("good", ["sh", "-c", "echo quiet"], cwd=tmp_path)
        checks.run("bad", ["sh", "-c", "echo loud; exit 1"], cwd=tmp_path)
        assert checks.failed == ["bad"]
        shown = capfd.readouterr().err
        assert "loud" in shown
        assert "quiet" not in shown
        assert re.search(r"^ok +good +\d+\.\d s$", shown, re.MULTILINE)
        assert re.search(r"^FAIL bad +\d+\.\d s$", shown, re.MULTILINE)
