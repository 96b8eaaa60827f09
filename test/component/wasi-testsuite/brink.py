"""Lets the runner of WebAssembly/wasi-testsuite test Brink: see README.md beside this file."""

import os
import shlex
from pathlib import Path
from typing import Dict, List, Optional, Tuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
# The Node that the repository brings.
NODE = str(ROOT / "node_modules" / ".bin" / "node")
BRINK = shlex.split(os.getenv("BRINK", f"{NODE} {ROOT / 'host' / 'cli' / 'bin.js'}"))
ENGINE = os.getenv("BRINK_ENGINE", "node")


def get_name() -> str:
    return f"brink-{ENGINE}"


def get_version() -> str:
    return "0.1.0"


def get_wasi_versions() -> List[str]:
    return ["wasm32-wasip3"]


def get_wasi_worlds() -> List[str]:
    # Commands run in Node alone, against the hosts that functions have.
    commands = ["wasi:cli/command"] if ENGINE == "node" else []
    return ["wasi:http/service", *commands]


def get_timeout_seconds() -> float:
    return 60


def compute_argv(
    test_path: str,
    args_env_root: Tuple[List[str], Dict[str, str], Optional[str]],
    proposals: List[str],
    wasi_world: str,
    wasi_version: str,
) -> List[str]:
    args, env, root = args_env_root
    variables = [part for name, value in env.items() for part in ("--env", f"{name}={value}")]
    if wasi_world == "wasi:cli/command":
        directory = ["--dir", str(root)] if root else []
        return [NODE, str(HERE / "run-command.ts"), *variables, *directory, test_path, *args]
    # The runner looks for the server's URL in the first line of stderr, and `brink run` says it on stdout.
    swapped = ["sh", "-c", 'exec "$@" 3>&1 1>&2 2>&3', "sh"]
    return [*swapped, *BRINK, "run", test_path, "--port", "0", "--engine", ENGINE, *variables]
