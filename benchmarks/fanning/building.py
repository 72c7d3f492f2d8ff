"""What has to be made before a run: the C programs, npm's `ws`. All goes into `.cache`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MADE = ROOT / ".cache" / "bench"
_NODE_OF_DEV = ROOT / ".cache" / "dev" / "node" / "bin"
_WS = "ws@8"


def compile_program(name: str) -> Path:
    """Return the program made from `name`.c, compiling it where its sources have changed."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        raise SystemExit(
            "This benchmark is loaded by a program in C and finds no compiler: install one, "
            "on Debian with 'apt-get install gcc libc6-dev'."
        )
    sources = [HERE / f"{name}.c", HERE / "wire.h"]
    stamp = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    program = MADE / f"{name}-{stamp[:16]}"
    if not program.exists():
        MADE.mkdir(parents=True, exist_ok=True)
        command = [compiler, "-O2", "-Wall", "-Wextra", "-o", str(program), str(sources[0])]
        subprocess.run(command, check=True)
    return program


def node_with_ws() -> tuple[str, dict[str, str]] | None:
    """Return Node and the environment that leads it to `ws`; None, loudly, where there is none."""
    path = os.pathsep.join([os.environ.get("PATH", ""), str(_NODE_OF_DEV)])
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        print("LEFT OUT: npm's ws, because there is no Node here.")
        return None
    folder = MADE / "npm"
    environment = {**os.environ, "PATH": path, "PEER_MODULES": str(folder)}
    if not (folder / "node_modules" / "ws").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", _WS]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"LEFT OUT: npm's ws, which could not be installed:\n{done.stderr}")
            return None
    return node, environment
