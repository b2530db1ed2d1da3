#!/usr/bin/env python3
"""Write the locks anew from pyproject.toml: `python3 config/locks/compile.py [--upgrade]`.

A lock holds names, versions and hashes, and no address: each machine asks the index that its own pip is told to ask.
Without --upgrade what is locked stays, and only what pyproject.toml changed is looked up.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from config.pip_settings import for_uv, pip_settings  # noqa: E402  (the path above comes first)

LOCKS = ROOT / "config" / "locks"
# The installer is locked apart: it must be there before the rest, and pip fetches it.
INSTALLER = "uv>=0.13"


def compile_lock(name: str, *what: str) -> None:
    """Resolve for every platform and the oldest Python we support, and write one lock."""
    options, variables = for_uv(pip_settings(sys.executable))
    subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", *what),
            *("--universal", "--python-version", "3.11", "--generate-hashes"),
            *("--no-header", "--no-emit-index-url", "--no-emit-find-links"),
            *("--quiet", "--output-file", str(LOCKS / f"{name}.txt")),
            *options,
            *sys.argv[1:],
        ],
        cwd=ROOT,
        env={**os.environ, **variables},
        check=True,
    )


def main() -> None:
    """Write the three locks: the installer's, the site's, and the tests' (the site's and more)."""
    with tempfile.NamedTemporaryFile("w", suffix=".in") as wanted:
        wanted.write(INSTALLER + "\n")
        wanted.flush()
        compile_lock("installer", wanted.name, "--no-annotate")
    compile_lock("runtime", "pyproject.toml")
    # Constrained by the site's lock: what is tested is what is shipped.
    compile_lock("test", "pyproject.toml", "--group", "test", "-c", "config/locks/runtime.txt")


if __name__ == "__main__":
    main()
