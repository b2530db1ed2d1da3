"""The first steps of every command, for a bare Python: make `.venv` from the lock, then go on inside it.

Standard library only, and nothing of Django or Celery: this runs before either is there.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.pip_settings import for_uv, pip_settings

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCKS = ROOT / "config" / "locks"
# Wider before narrower: an environment made for the tests also serves the site.
LOCKS_THAT_SERVE = {"runtime": ("test", "runtime"), "test": ("test",)}
NEEDED_BYTES = 900 * 10**6


class SetupError(Exception):
    """The environment cannot be made; the message is one line that says what to do."""


def run(argv: Sequence[str]) -> int:
    """Answer the exit status of one command line, making the environment first where it is lacking."""
    command = argv[1] if len(argv) > 1 else "help"
    try:
        if command == "up":
            refuse_bad_arguments(argv[2:])
        lock = "test" if command == "test" else "runtime"
        if not inside_environment() or (command in ("up", "test") and not ready(lock)):
            began = time.monotonic()
            prepare(lock)
            enter(argv, time.monotonic() - began)
    except SetupError as error:
        print(f"Flamekeeper cannot set itself up: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What was half made is not used; the next start makes it anew.", file=sys.stderr)
        return 130
    return go_on(command, argv)


def refuse_bad_arguments(arguments: Sequence[str]) -> None:
    """Let `up --help` and `up --prot 1` be answered at once, before a minute of installing."""
    from config.up.arguments import parse

    parse(arguments)


def go_on(command: str, argv: Sequence[str]) -> int:
    """Run the command inside the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if command == "up":
        from config.up import main

        return main(argv[2:])
    if command == "test":
        from config.testing import main as run_tests

        return run_tests(argv[2:])
    from config.commands import run_command

    return run_command(argv)


# --- which environment ------------------------------------------------------------------------------------------


def inside_environment() -> bool:
    """Tell whether this Python is the project's own, with its packages in reach."""
    return Path(sys.prefix).resolve() == ENVIRONMENT.resolve() and not sys.flags.no_site


def environment_python() -> Path:
    return ENVIRONMENT / "bin" / "python"


def enter(argv: Sequence[str], seconds: float) -> None:
    """Become the environment's own Python, with the same command; `up` tells how long this took."""
    if argv[1:2] == ["up"]:
        os.environ["FLAMEKEEPER_SETUP_SECONDS"] = f"{seconds:.1f}"
    python = str(environment_python())
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(python, [python, str(ROOT / "manage.py"), *argv[1:]])  # noqa: S606  (no shell is wanted)


def stamp_file() -> Path:
    return ENVIRONMENT / "flamekeeper.json"


def stamp(lock: str) -> dict[str, str]:
    """Describe the environment that this lock, this folder and the environment's interpreter make."""
    return {
        "lock": hashlib.sha256((LOCKS / f"{lock}.txt").read_bytes()).hexdigest(),
        "interpreter": str(environment_python().resolve()),
        # Scripts of an environment name its folder: one that was moved is made anew.
        "folder": str(ENVIRONMENT),
        "machine": platform.machine(),
    }


def stamped() -> dict[str, str] | None:
    """Return the stamp of a finished environment, None where there is none: the stamp is written last."""
    try:
        found = json.loads(stamp_file().read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and environment_python().exists() else None


def ready(lock: str) -> bool:
    """Tell whether a finished environment of this lock (or of a wider one) is there."""
    found = stamped()
    return found is not None and any(found == stamp(name) for name in LOCKS_THAT_SERVE[lock])


# --- making it --------------------------------------------------------------------------------------------------


def prepare(lock: str) -> None:
    """Make the environment unless it is ready; a second start beside this one waits for it."""
    if ready(lock):
        return
    refuse_what_cannot_work()
    with only_one():
        if not ready(lock):
            make(lock)


def refuse_what_cannot_work() -> None:
    """Check what would fail after minutes: the modules, the folder, the disk."""
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise SetupError(
                f"this Python ({sys.executable}) lacks its module `{module}`. Install it "
                f"(Debian and Ubuntu: apt-get install python3-venv), or start with another Python."
            )
    if not os.access(ENVIRONMENT if ENVIRONMENT.exists() else ROOT, os.W_OK):
        raise SetupError(f"no permission to write in {ROOT}. Start as its owner, or make a clone of your own.")
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES and stamped() is None:
        raise SetupError(
            f"{free / 1e6:.0f} MB are free on the disk of {ROOT}, the environment needs {NEEDED_BYTES / 1e6:.0f}. "
            f"Make room and start again."
        )


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the project's folder, so that two first starts do not write one environment."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("waiting for another start that is making the environment")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@dataclass(frozen=True)
class Step:
    """One program of the set-up, shown by what it does."""

    does: str
    command: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    pip_may_do_better: bool = False


def make(lock: str) -> None:
    """Make the environment: by uv, which pip installs first; by pip alone where uv cannot."""
    began = time.monotonic()
    tell(f"making the environment .venv from config/locks/{lock}.txt (once; half a minute to three minutes)")
    python = str(environment_python())
    outdated = stamped() is not None
    stamp_file().unlink(missing_ok=True)
    if not outdated:
        # --clear: whatever a killed start left is not to be trusted.
        perform(Step("an empty environment", (bare_python(), "-m", "venv", "--clear", str(ENVIRONMENT))))
    elif not (package_folder() / "pip").exists():
        perform(Step("pip", (python, "-m", "ensurepip")))
    install(lock, python)
    stamp_file().write_text(json.dumps(stamp(lock), indent=1) + "\n")
    tell(f"the environment is ready ({time.monotonic() - began:.0f} s)")


def install(lock: str, python: str) -> None:
    """Fill the environment with exactly the locked packages."""
    file = str(LOCKS / f"{lock}.txt")
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "--progress-bar", "off", "--require-hashes")
    try:
        perform(Step("the installer uv", (*pip, "-r", str(LOCKS / "installer.txt"))))
        perform(with_uv(python, file))
    except StepFailedError as failure:
        if failure.is_final:
            raise
        tell(f"{failure.cause}; trying with pip alone, which takes a few minutes")
        perform(Step("the packages, with pip", (*pip, "-r", file)))


def with_uv(python: str, file: str) -> Step:
    """Give uv the settings that pip has on this machine: it reads none of them by itself."""
    options, variables = for_uv(pip_settings(python))
    if not os.access(os.environ.get("HOME") or "/nonexistent", os.W_OK):
        options = (*options, "--no-cache")
    uv = (python, "-m", "uv", "pip", "sync", "--python", python, "--require-hashes", *options, file)
    return Step("the packages", uv, tuple(variables.items()), pip_may_do_better=True)


def bare_python() -> str:
    """Name the interpreter to make the environment with: never the one inside it, which would clear itself."""
    return getattr(sys, "_base_executable", "") or sys.executable


def package_folder() -> Path:
    return next((ENVIRONMENT / "lib").glob("python3*/site-packages"), ENVIRONMENT)


# --- programs and their failures ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Remedy:
    """One way to fail: by which words it is known, what it is, and what helps."""

    signs: tuple[str, ...]
    cause: str
    help: str
    # Whether no other installer would do better; uv may miss a proxy or a certificate that pip finds.
    is_final: bool = True


REMEDIES = (
    Remedy(("No space left on device", "os error 28", "Errno 28"), "the disk is full", "Make room and start again."),
    Remedy(
        ("Permission denied", "os error 13", "Errno 13", "Read-only file system"),
        "no permission to write the environment",
        "Start as the owner of this folder.",
    ),
    Remedy(
        ("DO NOT MATCH THE HASHES", "Hash mismatch"),
        "a downloaded package is not the one that the lock names; it was not used",
        "Ask who keeps the package index that `pip config list` names.",
    ),
    Remedy(
        ("CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "UnknownIssuer"),
        "the package index's certificate is not trusted here",
        "Name the right one: pip config set global.cert FILE.",
        is_final=False,
    ),
    Remedy(
        (
            "NewConnectionError",
            "Failed to establish a new connection",
            "name resolution",
            "Network connectivity is disabled",
            "dns error",
            "error sending request",
            "Failed to fetch",
            "ConnectTimeout",
            "Read timed out",
            "ProxyError",
        ),
        "the package index was not reached",
        "Check the network (and the proxy and index of `pip config list`), then start again.",
        is_final=False,
    ),
    Remedy(
        ("(from versions: none)",),
        "the package index cannot be reached, or knows nothing of a package that the lock names",
        "Check the network and the index that `pip config list` names.",
        is_final=False,
    ),
    Remedy(
        ("No matching distribution found",),
        "the package index lacks a package that the lock names",
        "Check the index that `pip config list` names.",
        is_final=False,
    ),
)


class StepFailedError(SetupError):
    """A program of the set-up failed."""

    def __init__(self, step: Step, output: str) -> None:
        remedy = diagnose(output)
        self.cause = remedy.cause if remedy else f"{step.does}: {last_words(output)}"
        unreached = remedy is not None and "not reached" in remedy.cause
        self.is_final = remedy is not None and (remedy.is_final or (unreached and not step.pip_may_do_better))
        super().__init__(f"{self.cause}. {remedy.help}" if remedy else self.cause)


def diagnose(output: str) -> Remedy | None:
    """Find what failed by the words of pip and uv."""
    return next((each for each in REMEDIES if any(sign in output for sign in each.signs)), None)


def last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "the program said nothing"


def perform(step: Step) -> None:
    """Run one program, passing on what it says line by line.

    Raises:
        StepFailedError: with one line of advice.
    """
    tell(step.does)
    environment = {**os.environ, **dict(step.variables)}
    said: list[str] = []
    with subprocess.Popen(
        step.command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as program:
        assert program.stdout is not None
        for line in program.stdout:
            said.append(line)
            if worth_showing(line):
                print(f"      {line.partition(' (from')[0].rstrip()[:110]}", file=sys.stderr, flush=True)
    if program.returncode:
        raise StepFailedError(step, "".join(said))


def worth_showing(line: str) -> bool:
    """Tell progress from chatter: the list of every installed package says nothing to a reader."""
    return line.startswith(
        ("Downloading", " Downloading", "Installing", "Installed", "Prepared", "Collecting", "ERROR")
    )


def tell(message: str) -> None:
    """Show one line of progress; standard output belongs to the command."""
    print(f"  ... {message}", file=sys.stderr, flush=True)
