"""Run pip for bundles, with the user's own pip configuration and without what would lead it elsewhere."""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks_runner.bundles.downloads import DownloadWatch
from benchmarks_runner.bundles.failures import explain
from benchmarks_runner.bundles.lock import Lock, LockedWheel, hashed_requirements, lock_from_report
from benchmarks_runner.bundles.processes import run_tethered
from benchmarks_runner.bundles.python import Python

# Where packages come from and how pip behaves there is the user's to say, by PIP_ variables and configuration
# files. What is installed, and where to, is ours.
_OURS = frozenset(
    {
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_USER",
        "PIP_REPORT",
        "PIP_DRY_RUN",
        "PIP_REQUIREMENT",
        "PIP_EDITABLE",
        "PIP_NO_DEPS",
        "PIP_DEST",
        "PIP_PYTHON",
        "PIP_SRC",
        "PIP_LOG",
        "PIP_QUIET",
        "PIP_ONLY_BINARY",
        "PIP_NO_BINARY",
        "PIP_REQUIRE_HASHES",
        "PIP_REQUIRE_VIRTUALENV",
        "PIP_IGNORE_INSTALLED",
        "PIP_PLATFORM",
        "PIP_PYTHON_VERSION",
        "PIP_ABI",
        "PIP_IMPLEMENTATION",
        "PIP_ISOLATED",
    }
)
_ALWAYS = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

Say = Callable[[str, float | None], None]


def pip_environment(outer: Mapping[str, str], temporary: Path) -> dict[str, str]:
    """Return the variables pip runs with: the user's, without those that would change what is installed where to."""
    kept = {name: value for name, value in outer.items() if name not in _OURS and not name.startswith("PYTHON")}
    return {**kept, **_ALWAYS, "TMPDIR": str(temporary), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Pip:
    """pip at work for one installation: its interpreter, its folder for temporary files, its log."""

    python: Python
    folder: Path
    log: Path

    def resolve(self, requirements: Sequence[str], say: Say) -> Lock:
        """Decide which wheels the requirements need here, without installing anything."""
        report = self.folder / "report.json"
        # --target spares a system Python's refusal to install beside its own packages; nothing is written there.
        arguments = ["--dry-run", "--ignore-installed", "--target", str(self.folder / "nowhere")]
        arguments += ["--only-binary", ":all:", "--report", str(report), "--", *requirements]
        watch = DownloadWatch(self._temporary(), f"asking pip what {', '.join(requirements)} needs")
        # How many packages there will be is not known yet.
        self._run("install", arguments, watch, lambda: say(watch.words, None), relocking=False)
        return lock_from_report(json.loads(report.read_text()))

    def download(self, wheels: Sequence[LockedWheel], into: Path, say: Say, *, relocking: bool) -> None:
        """Fetch these very files; pip compares their hashes."""
        wanted = self.folder / "wanted.txt"
        wanted.write_text(hashed_requirements(wheels))
        arguments = ["--only-binary", ":all:", "--no-deps", "--require-hashes", "-r", str(wanted), "-d", str(into)]
        watch = DownloadWatch(self._temporary(), "fetching wheels")

        def tick() -> None:
            say(watch.words, min(1.0, (max(0, watch.begun - 1) + watch.part) / len(wheels)))

        self._run("download", arguments, watch, tick, relocking=relocking)

    def _temporary(self) -> Path:
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return temporary

    def _run(
        self, command: str, arguments: Iterable[str], watch: DownloadWatch, tick: Callable[[], None], *, relocking: bool
    ) -> None:
        ended = run_tethered(
            self.python.path,
            "pip",
            [command, "--log", str(self.log), *arguments],
            environment=pip_environment(os.environ, self._temporary()),
            folder=self.folder,
            extra_path=str(self.python.pip),
            on_line=watch.feed,
            on_tick=tick,
        )
        if ended.status:
            raise explain(ended.output + self._unreached(), relocking=relocking, log=f"logs/{self.log.name}")

    def _unreached(self) -> str:
        """Return what pip tells of its indexes to its log alone: which ones it could not read, and why."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "".join(f"\n{line}" for line in lines if "Could not fetch URL" in line)
