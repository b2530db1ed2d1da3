"""The supervisor with real processes that need no framework."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ci_gpu import processes, protocol, supervisor
from ci_gpu.protocol import encode
from ci_gpu.supervisor import Interpreter, Order, environment, run_order

ORDER = Order(("gemm.float32.square",), seed=7)
HELLO = encode("hello", fingerprint={"digest": {"machine": "m", "build": "b"}})

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait_until(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def test_what_the_child_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "avx2")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    given = environment(
        Interpreter(Path("p"), {"OMP_NUM_THREADS": "9", "X": "1"}), Order((), 3, threads=2), tmp_path, "t"
    )
    assert not {"DATABASE_URL", "PYTHONPATH", "ATEN_CPU_CAPABILITY"} & set(given)
    assert given["CUDA_VISIBLE_DEVICES"] == "1"
    assert given["MKL_NUM_THREADS"] == "2"
    assert given["OMP_NUM_THREADS"] == "9"  # the bundle's own word counts
    assert given["FLAMEKEEPER_VARIABLES"] == "OMP_NUM_THREADS,X"
    assert given[processes.MARK] == "t"


def test_caches_lie_in_the_processes_own_folder(tmp_path):
    given = environment(Interpreter(Path("p")), ORDER, tmp_path, "t")
    for name in ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR", "CUDA_CACHE_PATH", "XDG_CACHE_HOME", "TMPDIR"):
        assert Path(given[name]).parent == tmp_path


def test_the_order_is_one_line_of_protocol_1():
    order = Order(("a",), 7, calibration={"flops_per_s": {}}, fault={"point": "a", "kind": "hang"})
    line = order.line()
    assert line.count(b"\n") == 1
    assert json.loads(line) == {
        "protocol": 1,
        "points": ["a"],
        "seed": 7,
        "device": "cpu",
        "threads": 1,
        "calibration": {"flops_per_s": {}},
        "budget_s": 1.0,
        "fault": {"point": "a", "kind": "hang"},
    }


def test_an_interpreter_without_the_framework_is_a_crash_that_says_why():
    outcome = run_order(Interpreter(Path(sys.executable)), ORDER, deadline_s=60)
    assert outcome.ended == "crash"
    assert outcome.last_point is None
    assert "No module named 'torch'" in outcome.stderr_tail
    assert outcome.exit_status == 1
    assert outcome.clean


def test_an_interpreter_that_is_not_there_raises(tmp_path):
    with pytest.raises(OSError, match="nothing"):
        run_order(Interpreter(tmp_path / "nothing"), ORDER, deadline_s=5)


def test_nothing_of_its_folders_is_left(acting, monkeypatch, tmp_path):
    monkeypatch.setattr(supervisor.tempfile, "tempdir", str(tmp_path))
    run_order(acting("pass"), ORDER, deadline_s=60)
    assert not list(tmp_path.glob(f"{supervisor.SCRATCH}*"))


def test_the_folders_of_a_killed_supervisor_are_swept(tmp_path):
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = [tmp_path / f"{supervisor.SCRATCH}{pid}-x" for pid in (dead.pid, os.getpid())]
    for folder in left:
        folder.mkdir()
    supervisor._sweep(tmp_path)
    assert [folder.exists() for folder in left] == [False, True]


def test_messages_are_heard_as_they_come_and_the_process_group_is_told(acting):
    heard, started = [], []
    program = f"say({HELLO!r}); say({encode('start', point='gemm.float32.square')!r}); time.sleep(300)"
    stop = run_order(
        acting(program),
        ORDER,
        deadline_s=60,
        on_message=heard.append,
        on_start=started.append,
        cancelled=lambda: len(heard) == 2,
    )
    assert [message["kind"] for message in heard] == ["hello", "start"]
    assert stop.ended == "cancelled"
    assert stop.last_point == "gemm.float32.square"
    assert stop.seconds < 60
    assert stop.clean
    assert not alive(started[0])


def test_a_line_in_pieces_is_one_line(acting):
    half = len(HELLO) // 2
    program = f"say({HELLO[:half]!r}); time.sleep(0.3); say({HELLO[half:]!r})"
    outcome = run_order(acting(program), ORDER, deadline_s=60)
    assert outcome.fingerprint == {"digest": {"machine": "m", "build": "b"}}
    assert outcome.ended == "crash"
    assert "status 0 without saying done" in outcome.detail


@pytest.mark.parametrize(
    ("program", "detail"),
    [
        ("say(b'hello\\n'); time.sleep(300)", "no JSON message"),
        (f"say({HELLO!r} + {HELLO!r}); time.sleep(300)", "second hello"),
        ("say(b'x' * 3_000_000); time.sleep(300)", "line of more than"),
        ('say(b\'{"protocol": 9, "kind": "hello", "fingerprint": {}}\\n\'); time.sleep(300)', "protocol 9"),
        (f"say({encode('start', point='softmax.float32.rows')!r}); time.sleep(300)", "out of order"),
    ],
)
def test_garbage_ends_the_process_at_once(acting, program, detail):
    outcome = run_order(acting(program), ORDER, deadline_s=60)
    assert outcome.ended == "garbage"
    assert detail in outcome.detail
    assert outcome.seconds < 60
    assert outcome.clean


def test_an_exit_status_and_standard_error_are_kept(acting):
    outcome = run_order(acting("print('x' * 20000 + 'the end', file=sys.stderr); sys.exit(9)"), ORDER, deadline_s=60)
    assert outcome.exit_status == 9
    assert outcome.stderr_tail.rstrip().endswith("the end")
    assert len(outcome.stderr_tail) <= supervisor.STDERR_KEPT


def test_no_text_of_an_outcome_holds_what_a_database_does_not(acting):
    program = f"""
        os.write(2, b'a\\0b \\xff \\xed\\xa0\\x80')
        say({HELLO!r})
        say(b'x\\0\\xed\\xa0\\x80\\n')
        time.sleep(300)
    """
    outcome = run_order(acting(program), ORDER, deadline_s=60)
    assert outcome.ended == "garbage"
    for text in (outcome.stderr_tail, outcome.detail):
        assert protocol.clean(text) == text
        text.encode()
    assert outcome.stderr_tail.startswith("a\ufffdb")


@pytest.mark.parametrize("framework", ["x", {"device": "x"}, {"device": {"uuid": 7}}, {"device": ["x"]}])
def test_a_child_that_lies_about_its_device_is_ended_all_the_same(acting, framework):
    started = []
    program = f"say({encode('hello', fingerprint={'framework': framework})!r}); say(b'nonsense\\n'); time.sleep(300)"
    outcome = run_order(acting(program), ORDER, deadline_s=60, on_start=started.append)
    assert (outcome.ended, outcome.clean) == ("garbage", True)
    assert not alive(started[0])


def test_a_signal_is_named(acting):
    outcome = run_order(acting("os.kill(os.getpid(), 11)"), ORDER, deadline_s=60)
    assert (outcome.ended, outcome.exit_status) == ("crash", -11)
    assert "SIGSEGV" in outcome.detail


def test_sigkill_from_a_person_is_a_crash_and_not_a_lack_of_memory(acting):
    outcome = run_order(acting("os.kill(os.getpid(), 9)"), ORDER, deadline_s=60)
    assert outcome.ended == "crash"
    assert "SIGKILL" in outcome.detail


def test_sigkill_is_a_lack_of_memory_where_the_kernel_counted_one_more(acting, monkeypatch):
    """The count is the kernel's own; a test cannot make it kill without harming its neighbours."""
    counts = iter([4, 5])
    monkeypatch.setattr(supervisor.memory, "kernel_kills", lambda: next(counts))
    outcome = run_order(acting("os.kill(os.getpid(), 9)"), ORDER, deadline_s=60)
    assert outcome.ended == "out_of_memory"


def test_a_clock_that_runs_slow_is_not_believed(acting, monkeypatch):
    monkeypatch.setattr(supervisor, "CLOCKS_SLACK_S", 0.1)
    program = f"say({HELLO!r}); time.sleep(1); say({encode('done', seconds=0.1)!r})"
    outcome = run_order(acting(program), Order((), 1), deadline_s=60)
    assert outcome.ended == "garbage"
    assert "our clock" in outcome.detail


# A child that counts from before it was started: its seconds are never fewer than they were.
HONEST = """
    say(HELLO)
    seconds = time.monotonic() - float(os.environ["BEGAN"])
    say(b'{"protocol": 1, "kind": "done", "seconds": %f}\\n' % seconds)
""".replace("HELLO", repr(HELLO))


def test_our_clock_stops_when_the_child_says_done(acting, monkeypatch):
    """However long the process takes to go afterwards: that is the machine's doing, not a lie of the child's."""
    monkeypatch.setattr(supervisor, "CLOCKS_SLACK_S", 0.5)
    child = acting(HONEST + "    time.sleep(2)", BEGAN=str(time.monotonic()))
    outcome = run_order(child, Order((), 1), deadline_s=60)
    assert outcome.ended == "done", outcome.detail
    assert outcome.seconds > 2


def test_what_a_slow_listener_takes_is_not_the_childs(acting, monkeypatch):
    monkeypatch.setattr(supervisor, "CLOCKS_SLACK_S", 0.5)
    child = acting(HONEST, BEGAN=str(time.monotonic()))
    outcome = run_order(child, Order((), 1), deadline_s=60, on_message=lambda message: time.sleep(1))
    assert outcome.ended == "done", outcome.detail
    assert outcome.seconds > 2


def test_done_is_done(acting):
    outcome = run_order(acting(f"say({HELLO!r}); say({encode('done', seconds=60)!r})"), Order((), 1), deadline_s=60)
    assert (outcome.ended, outcome.last_point, outcome.exit_status) == ("done", None, 0)


def test_a_deadline_ends_the_process(acting):
    outcome = run_order(acting("time.sleep(300)"), ORDER, deadline_s=0.5)
    assert (outcome.ended, outcome.last_point, outcome.clean) == ("timeout", None, True)
    assert "between points" in outcome.detail
    assert 0.5 <= outcome.seconds < 60


@linux
def test_children_of_children_are_ended_too_even_those_that_fled(acting, tmp_path):
    """One grandchild in the group, one in a session of its own that ignores what can be ignored."""
    note = tmp_path / "pids"
    program = f"""
        import subprocess
        sleeper = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
        start = [sys.executable, "-c", sleeper]
        pids = [subprocess.Popen(start, start_new_session=flees).pid for flees in (False, True)]
        open({str(note)!r} + ".new", "w").write(" ".join(map(str, [os.getpid(), *pids])))
        os.rename({str(note)!r} + ".new", {str(note)!r})
        time.sleep(300)
    """
    outcome = run_order(acting(program), ORDER, deadline_s=120, cancelled=note.exists)
    pids = [int(pid) for pid in note.read_text().split()]
    assert outcome.ended == "cancelled"
    assert outcome.clean
    assert len(pids) == 3
    assert not [pid for pid in pids if alive(pid)]


@linux
def test_a_process_that_cannot_be_ended_is_told(acting, monkeypatch):
    monkeypatch.setattr(processes, "PATIENCE_S", 0.5)
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        monkeypatch.setattr(processes, "_kill", lambda group, token: None)
        monkeypatch.setattr(processes, "marked", lambda token: {bystander.pid})
        outcome = run_order(acting("pass"), ORDER, deadline_s=60)
    finally:
        bystander.kill()
        bystander.wait()
    assert not outcome.clean


def test_what_a_listener_raises_ends_the_process_and_is_passed_on(acting):
    started = []

    def refuse(message):
        raise LookupError("the lease is lost")

    with pytest.raises(LookupError, match="lease"):
        run_order(
            acting(f"say({HELLO!r}); time.sleep(300)"), ORDER, deadline_s=60, on_message=refuse, on_start=started.append
        )
    assert not alive(started[0])


LIFELINE = """
import ctypes, os, sys, time
sys.path.insert(0, {root!r})
from ci_gpu import lifeline
parent = os.getppid()
lifeline.read_order()
{before}
lifeline.die_with_parent(parent, {descriptor})
print("armed", flush=True)
{hang}
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {child!r}], stdin=subprocess.PIPE, start_new_session=True)
child.stdin.write(b"order\\n"); child.stdin.flush()
print(child.pid, flush=True)
time.sleep(300)
"""
HANGS = {
    "in Python": "time.sleep(300)",
    "in C, keeping the interpreter": "library = ctypes.PyDLL(None)\nwhile True: library.pause()",
}


def tied(hang, *, before="print('begun', flush=True)", descriptor=0):
    """Return the program of a child that is tied to its parent and then hangs."""
    root = str(Path(supervisor.__file__).parent.parent)
    return LIFELINE.format(root=root, before=before, descriptor=descriptor, hang=hang)


@contextlib.contextmanager
def parent_of(child):
    """Start a parent with that child; give the parent, its child's id, and what the child prints."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT.format(child=child)], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    try:
        yield parent, pid
    finally:
        parent.kill()
        parent.wait()
        if alive(pid):
            os.kill(pid, signal.SIGKILL)
        parent.stdout.close()


@linux
@pytest.mark.parametrize("hang", HANGS.values(), ids=HANGS)
def test_a_child_dies_with_a_parent_that_was_killed(hang):
    with parent_of(tied(hang)) as (parent, pid):
        assert [parent.stdout.readline() for _ in range(2)] == ["begun\n", "armed\n"]
        assert alive(pid)
        parent.kill()
        parent.wait()
        wait_until(lambda: not alive(pid))


@linux
def test_a_child_whose_parent_died_before_the_kernel_was_asked_dies_too():
    """No signal comes for a death that is past; nor does its standard input end while somebody else holds it open."""
    late = "kept = os.pipe()\nprint('begun', flush=True)\nwhile os.getppid() == parent: time.sleep(0.01)"
    with parent_of(tied(HANGS["in Python"], before=late, descriptor="kept[0]")) as (parent, pid):
        assert parent.stdout.readline() == "begun\n"
        parent.kill()
        parent.wait()
        assert parent.stdout.readline() == "", "it went on after its parent's death"
        wait_until(lambda: not alive(pid))


def test_the_end_of_standard_input_is_enough():
    """Where there is no parent-death signal: the pipe ends, and so does the child."""
    command = [sys.executable, "-c", tied(HANGS["in Python"])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, start_new_session=True, **pipes) as process:
        process.stdin.write(b"order\n")
        process.stdin.flush()
        assert [process.stdout.readline() for _ in range(2)] == [b"begun\n", b"armed\n"]
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(timeout=60) == -signal.SIGKILL
