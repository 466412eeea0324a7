"""Runs the command line of the product, built where `npm test` has built it, else from its sources."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
_IS_BUILT = "import('./src/setup/build.mjs').then(({ buildIsCurrent }) => process.exit(buildIsCurrent() ? 0 : 1))"


@cache
def _entry() -> tuple[str, ...]:
    built = subprocess.run(["node", "-e", _IS_BUILT], cwd=PROJECT).returncode == 0
    return ("src/setup/valley.mjs",) if built else ("--import", "tsx", "src/cli.ts")


def valley(*arguments: str | Path, folder: Path) -> str:
    """What a command prints. `folder` is its temporary one; settings of whoever runs the tests do not reach it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = kept | {"TMPDIR": str(folder), "VALLEY_CONFIG": os.devnull, "VALLEY_DATA_DIR": str(folder / "data")}
    command = ["node", *_entry(), *map(str, arguments)]
    ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, f"valley {' '.join(map(str, arguments))}: {ended.stdout}{ended.stderr}"
    return ended.stdout
