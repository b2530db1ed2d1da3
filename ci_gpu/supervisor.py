"""Run one measured process from outside: start it, follow what it says, end it, and see that nothing is left.

Nothing here imports a framework. The child gets a session of its own, an environment with only what it needs,
folders of its own for caches, and a deadline. Whatever happens, `run_order` returns when its processes are gone, or
says that they are not.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from ci_gpu import memory, processes, protocol
from ci_gpu.faults import VARIABLE as FAULTS

Ended = Literal["done", "crash", "timeout", "out_of_memory", "garbage", "cancelled"]

SCRATCH = "flamekeeper-measuring-"
CHILD = Path(__file__).with_name("child.py")
STDERR_KEPT = 8192
LOOK_S = 0.2  # how often cancellation is asked about
LAST_WORDS_S = 10.0  # from "done" to the end of the process
CLOCKS_AGREE = 1.25  # a child whose own seconds are this much shorter than ours has a clock that cannot be believed
CLOCKS_SLACK_S = 5.0

# What passes from our own environment; docs/reference/harness.md says why for each.
PASSED = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_HOME", "CUDA_PATH",
    "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES",
    FAULTS,
)  # fmt: skip

# Each process compiles into a folder of its own: what one build left there must not serve, or spoil, the other.
CACHES = (
    "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR", "TORCH_EXTENSIONS_DIR", "TORCH_HOME", "CUDA_CACHE_PATH",
    "NUMBA_CACHE_DIR", "JAX_COMPILATION_CACHE_DIR", "XDG_CACHE_HOME", "TMPDIR",
)  # fmt: skip


@dataclass(frozen=True)
class Interpreter:
    """A bundle to measure with: its Python and its own variables."""

    python: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """What one process is to measure."""

    points: tuple[str, ...]
    seed: int
    device: str = "cpu"
    threads: int = 1
    calibration: Mapping[str, Any] | None = None
    budget_s: float = 1.0
    fault: Mapping[str, Any] | None = None

    def line(self) -> bytes:
        """Return the order as the child reads it."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps({"protocol": protocol.VERSION, **plain}, default=dict).encode() + b"\n"


@dataclass(frozen=True)
class Outcome:
    """What became of one process."""

    ended: Ended
    last_point: str | None  # the point it was at, or that it fell over, when it ended otherwise than "done"
    detail: str
    stderr_tail: str
    exit_status: int | None
    seconds: float
    fingerprint: dict[str, Any] | None
    samples: tuple[dict[str, Any], ...]
    failures: tuple[dict[str, Any], ...]
    clean: bool  # every process it started is gone


def deadline_for(order: Order) -> float:
    """Return the seconds after which an order is surely stuck: its import, and each point several times its budget."""
    return 60 + len(order.points) * (5 + 4 * order.budget_s)


def environment(interpreter: Interpreter, order: Order, scratch: Path, token: str) -> dict[str, str]:
    """Return everything that the child finds in its environment."""
    passed = {name: os.environ[name] for name in PASSED if name in os.environ}
    threads = str(order.threads)
    return {
        **passed,
        **{name: str(scratch / name.lower()) for name in CACHES},
        "PYTHONHASHSEED": str(order.seed % 2**32),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        **interpreter.environment,
        "FLAMEKEEPER_VARIABLES": ",".join(sorted(interpreter.environment)),
        processes.MARK: token,
    }


def run_order(
    interpreter: Interpreter,
    order: Order,
    *,
    deadline_s: float,
    on_message: Callable[[dict[str, Any]], None] | None = None,
    on_start: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Outcome:
    """Measure an order in a fresh process and return when that process is gone.

    `on_start` is told the process group; `on_message` hears each message as it comes; what either raises ends the
    process and is passed on. OSError where the interpreter cannot be started.
    """
    _sweep(Path(tempfile.gettempdir()))
    scratch = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-"))
    try:
        for name in CACHES:
            (scratch / name.lower()).mkdir()
        return _Run(interpreter, order, scratch, on_message, cancelled).until(deadline_s, on_start)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove the scratch folders of supervisors that were killed before they could."""
    for left in folder.glob(f"{SCRATCH}*-*"):
        owner = left.name.removeprefix(SCRATCH).partition("-")[0]
        if owner.isdigit() and not _lives(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class _Run:
    """One process while it runs."""

    def __init__(
        self,
        interpreter: Interpreter,
        order: Order,
        scratch: Path,
        on_message: Callable[[dict[str, Any]], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._interpreter, self._order, self._scratch = interpreter, order, scratch
        self._on_message, self._cancelled = on_message, cancelled
        self._token = uuid.uuid4().hex
        self._talk = protocol.Conversation(order.points)
        self._half = b""
        self._stderr = b""
        self._samples: list[dict[str, Any]] = []
        self._failures: list[dict[str, Any]] = []
        self._fingerprint: dict[str, Any] | None = None
        self._last: dict[str, Any] = {"kind": None}
        self._claimed_s = self._taken_s = self._listened_s = 0.0
        self._ask_again = 0.0
        self._kills = memory.kernel_kills()

    def until(self, deadline_s: float, on_start: Callable[[int], None] | None) -> Outcome:
        """Follow the process to its end, its deadline or its cancellation."""
        self._started = time.monotonic()
        process = self._start()
        verdict: tuple[Ended, str] | None = None
        try:
            if on_start:
                on_start(process.pid)
            self._hand_over(process)
            verdict = self._follow(process, self._started + deadline_s)
            if verdict is None:
                _let_end(process)
        finally:
            clean = processes.end_group(process, self._token, self._device_uuid())
            self._drain(process)
        return self._outcome(process, verdict, clean)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(self._interpreter.python.absolute()), "-P", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._scratch,
            env=environment(self._interpreter, self._order, self._scratch, self._token),
            start_new_session=True,
            bufsize=0,
        )

    def _hand_over(self, process: subprocess.Popen[bytes]) -> None:
        """Write the order and leave the pipe open: its end tells the child that we are gone."""
        with suppress(BrokenPipeError):  # it ended already; following it says how
            assert process.stdin
            process.stdin.write(self._order.line())

    def _follow(self, process: subprocess.Popen[bytes], deadline: float) -> tuple[Ended, str] | None:
        """Read until the process closed its ends (None) or there is a reason to end it."""
        assert process.stdout
        assert process.stderr
        with selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ, self._read_message)
            waiting.register(process.stderr, selectors.EVENT_READ, self._read_stderr)
            while waiting.get_map():
                if self._talk.finished:
                    deadline = min(deadline, time.monotonic() + LAST_WORDS_S)
                left = deadline - time.monotonic()
                if left <= 0:
                    return self._late()
                if self._is_cancelled():
                    return "cancelled", "cancelled from outside"
                wrong = self._hear(waiting, min(left, LOOK_S), process)
                if wrong:
                    return "garbage", wrong
        return None

    def _is_cancelled(self) -> bool:
        """Ask whether to stop, a few times a second at most: the answer may cost a query."""
        now = time.monotonic()
        if self._cancelled is None or now < self._ask_again:
            return False
        self._ask_again = now + LOOK_S
        return self._cancelled()

    def _late(self) -> tuple[Ended, str] | None:
        if self._talk.finished:
            return None
        where = f"at {self._talk.current}" if self._talk.current else "between points"
        return "timeout", f"not done after {time.monotonic() - self._started:.0f} s, {where}"

    def _hear(self, waiting: selectors.BaseSelector, wait_s: float, process: subprocess.Popen[bytes]) -> str | None:
        """Take in what there is; return what is wrong with it."""
        ready = waiting.select(wait_s)
        if not ready and process.poll() is not None:
            for key in list(waiting.get_map().values()):  # a grandchild holds the pipe of a dead child open
                waiting.unregister(key.fileobj)
        for key, _ in ready:
            data = os.read(key.fd, 1 << 16)
            if not data:
                waiting.unregister(key.fileobj)
                continue
            try:
                key.data(data)
            except protocol.ProtocolError as error:
                return str(error)
        return None

    def _read_stderr(self, data: bytes) -> None:
        self._stderr = (self._stderr + data)[-STDERR_KEPT:]

    def _read_message(self, data: bytes) -> None:
        *lines, self._half = (self._half + data).split(b"\n")
        for line in lines:
            self._take(self._talk.hear(line))
        if len(self._half) > protocol.LONGEST_LINE:
            raise protocol.ProtocolError(f"a line of more than {protocol.LONGEST_LINE} bytes")

    def _take(self, message: dict[str, Any]) -> None:
        self._last = message
        if message["kind"] == "hello":
            self._fingerprint = message["fingerprint"]
        elif message["kind"] == "sample":
            self._samples.append(message)
        elif message["kind"] == "failure":
            self._failures.append(message)
        elif message["kind"] == "done":
            self._claimed_s = float(message["seconds"])
            self._taken_s = time.monotonic() - self._started - self._listened_s
        if self._on_message:
            began = time.monotonic()
            self._on_message(message)
            self._listened_s += time.monotonic() - began

    def _drain(self, process: subprocess.Popen[bytes]) -> None:
        for pipe in (process.stdin, process.stdout, process.stderr):
            _close(pipe)

    def _device_uuid(self) -> str | None:
        """Return the GPU that the child says it measures on; it may say anything."""
        found: object = self._fingerprint
        for name in ("framework", "device", "uuid"):
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else None

    def _outcome(self, process: subprocess.Popen[bytes], verdict: tuple[Ended, str] | None, clean: bool) -> Outcome:
        ended, detail = verdict or self._natural_end(process.returncode)
        return Outcome(
            ended=ended,
            last_point=None if ended == "done" else self._suspect(),
            detail=protocol.clean(detail),
            stderr_tail=protocol.clean(self._stderr.decode(errors="replace")),
            exit_status=process.returncode,
            seconds=time.monotonic() - self._started,
            fingerprint=self._fingerprint,
            samples=tuple(self._samples),
            failures=tuple(self._failures),
            clean=clean,
        )

    def _suspect(self) -> str | None:
        """Return the point it was at; after a failure that ended the process, the point that failed."""
        if self._talk.current is not None:
            return self._talk.current
        return self._last["point"] if self._last["kind"] == "failure" else None

    def _natural_end(self, status: int) -> tuple[Ended, str]:
        """Return how a process that ended by itself ended."""
        if self._talk.finished:
            return self._check_clocks()
        if self._last.get("reason") == "out_of_memory":
            return "out_of_memory", self._last["message"]
        if status == -signal.SIGKILL and self._killed_for_memory():
            return "out_of_memory", "killed by the kernel for want of memory"
        return "crash", self._how(status)

    def _check_clocks(self) -> tuple[Ended, str]:
        """Hold the child's seconds against ours: a build may have tampered with its clock.

        Ours end when it said done, and leave out what our own listener took: neither how long a process takes to go
        nor a slow database is a child's lie.
        """
        if self._taken_s > CLOCKS_AGREE * self._claimed_s + CLOCKS_SLACK_S:
            return "garbage", f"it says {self._claimed_s:.1f} s, our clock says {self._taken_s:.1f} s"
        return "done", "done"

    def _killed_for_memory(self) -> bool:
        now = memory.kernel_kills()
        return now is not None and self._kills is not None and now > self._kills

    def _how(self, status: int) -> str:
        half = ", in the middle of a line" if self._half else ""
        if status < 0:
            return f"ended by signal {_signal_name(-status)}{half}"
        return f"ended with status {status} without saying done{half}"


def _let_end(process: subprocess.Popen[bytes]) -> None:
    """Give a process that closed its ends the moment it needs to be gone, so that its status is its own."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=LAST_WORDS_S)


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with suppress(OSError):
            pipe.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
