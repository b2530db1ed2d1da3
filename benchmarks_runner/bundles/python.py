"""The interpreter that bundles are made with, and where its pip lies."""

import functools
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks_runner.bundles.errors import BundleError

OLDEST_PIP = (23, 0)  # the first whose installation report has its settled form

# Asked of the interpreter itself. pip is looked for beside it, then in the wheel that ensurepip (or Debian) carries.
_QUESTION = """
import json, platform, sys, sysconfig
def pip():
    try:
        import pip
        return pip.__path__[0].rpartition("pip")[0], pip.__version__
    except ImportError:
        pass
    try:
        import ensurepip, os
        package = ensurepip._get_packages()["pip"]
        bundled = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", package.wheel_name or "")
        return package.wheel_path or bundled, package.version
    except Exception:  # a private function of ensurepip: however it fails, this Python offers no pip
        return "", "0"
abi = sysconfig.get_config_var("SOABI") or f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
print(json.dumps({"path": getattr(sys, "_base_executable", sys.executable), "abi": abi, "pip": pip(),
                  "version": platform.python_version()}))
"""


@dataclass(frozen=True)
class Python:
    """An interpreter that makes bundles: where it is, what it is, and the pip that serves it."""

    path: Path
    version: str
    abi: str
    pip: Path

    @property
    def tag(self) -> str:
        """Name the interpreter in digests: a patch release is another interpreter."""
        return f"{self.version} {self.abi}"


def bundle_python() -> Python:
    """Return the interpreter for bundles: FLAMEKEEPER_BUNDLE_PYTHON, else the one that the site was set up with."""
    chosen = os.environ.get("FLAMEKEEPER_BUNDLE_PYTHON")
    return examine(chosen or getattr(sys, "_base_executable", sys.executable))


@functools.cache
def examine(path: str) -> Python:
    """Ask an interpreter what it is; raise BundleError where it cannot make bundles."""
    try:
        answer = subprocess.run(
            [path, "-I", "-c", _QUESTION], capture_output=True, text=True, timeout=120, check=True, env=_bare()
        )
        facts = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        raise BundleError("FLAMEKEEPER_BUNDLE_PYTHON names no working Python: let it name one, or unset it") from None
    where, version = facts["pip"]
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < OLDEST_PIP:
        raise BundleError(
            f"Python {facts['version']} of the bundles has no pip from {OLDEST_PIP[0]}.{OLDEST_PIP[1]} on: "
            "install it there (python3 -m ensurepip, or the package python3-pip), then try again"
        )
    return Python(Path(facts["path"]), facts["version"], facts["abi"], Path(where))


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
