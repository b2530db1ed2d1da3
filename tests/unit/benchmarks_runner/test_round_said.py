"""What a measured process says: kept whatever it is, and without what names the machine it ran on."""

import getpass
import json
import socket

import pytest

from benchmarks_runner.actions import said
from benchmarks_runner.actions.attempts import detail_of, digests, end_attempt, failure_from, flags_of, store_sample
from benchmarks_runner.actions.leases import take_lease
from benchmarks_runner.actions.said import bounded, names_of_this_machine, plain, public_fact, public_text, whole
from benchmarks_runner.models import Attempt, Sample
from benchmarks_runner.queries.evidence import attempts_of, pairs_in
from ci_gpu.supervisor import Outcome
from tests.factories.nights import attempt_of, fill_round, message, running_night

SUM = "selftest.sum"
SPOILED = "a NUL \x00 and half a character \ud800"


@pytest.fixture(autouse=True)
def _alices_machine(monkeypatch):
    """Let this be alice's machine, called loom."""
    names_of_this_machine.cache_clear()
    monkeypatch.setattr(said.socket, "gethostname", lambda: "loom7.weavers.example")
    monkeypatch.setenv("USER", "alice")
    yield
    names_of_this_machine.cache_clear()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("FileNotFoundError: '/home/bob/secret plans/model.py'", "FileNotFoundError: '…/model.py'"),
        ('  File "/home/bob/w/run.py", line 3, in run', '  File "…/run.py", line 3, in run'),
        ("at /srv/bundles/ab/lib/python3.11/site-packages/torch/nn/f.py:12", "at …/site-packages/torch/nn/f.py:12"),
        ("cannot open /home/bob: no such file", "cannot open …: no such file"),
        ("(/opt/build/x86/kernel.cu:77)", "(…/kernel.cu:77)"),
        ("see ~/notes/a.txt", "see …/a.txt"),
        ("from https://bob:pw@index.example/simple/", "from …"),
        ("connect to 10.1.2.3:8080 failed", "connect to … failed"),
        ("peer fe80::1ff:fe23:4567:890a is gone", "peer … is gone"),
        ("card aa:bb:cc:dd:ee:0f", "card …"),
        ("node17.cluster.internal refused bob@weavers.example", "… refused …"),
        ("alice on LOOM7 and on loom7.weavers.example", "… on … and on …"),
    ],
)
def test_what_names_a_machine_is_left_out(text, shown):
    assert public_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "c10::Error: at::native::add_kernel, CUDA error 2/3 at 12:30:59",
        "AttributeError: module 'torch' has no attribute 'softmax'",
        "nvidia-cudnn-cu12==9.1.0.70 wants more than 1.5/2 GiB and/or less",
        "malice and fireloom70 are words",
    ],
)
def test_other_words_stay_as_they_are(text):
    assert public_text(text) == text


def test_this_very_machine_is_not_named(monkeypatch):
    monkeypatch.undo()
    names_of_this_machine.cache_clear()
    said = public_text(f"{getpass.getuser()}@{socket.gethostname()}: {__file__}")
    assert socket.gethostname() not in said
    assert said.endswith("…/test_round_said.py")


def test_versions_in_a_fingerprint_are_no_addresses():
    assert public_fact("10.3.5.147 built in /home/bob/build") == "10.3.5.147 built in …"


def test_text_that_no_database_keeps_is_mended():
    assert public_text(SPOILED) == "a NUL \N{REPLACEMENT CHARACTER} and half a character ?"


def test_numbers_keep_within_what_columns_hold():
    assert [bounded(value) for value in (10**400, -1e308, 1e-320, 2.5, None)] == [1e300, -1e300, 1e-300, 2.5, None]
    assert bounded(float("nan")) is None
    assert [whole(value) for value in (10**400, -(10**400), 7, None)] == [2**63 - 1, 1 - 2**63, 7, None]


def test_nested_values_are_kept_as_json_that_a_database_takes():
    deep = json.loads("[" * 300 + "]" * 300)
    kept = plain({"a\x00": [float("inf"), True, "/home/bob/x.py", deep], "n": 10**400})
    assert kept["n"] == 2**63 - 1
    assert kept["a\N{REPLACEMENT CHARACTER}"][:3] == [1e300, True, "…/x.py"]
    assert json.dumps(kept, allow_nan=False).count("[") < 30


def test_the_start_of_a_long_story_is_cut_at_a_line():
    stderr = "\n".join(f"/home/bob/{number}/x.py said no" for number in range(500))
    detail = detail_of("crash", "ended by SIGSEGV", stderr)
    assert set(detail.splitlines()) == {"ended by SIGSEGV", "…/x.py said no"}


@pytest.mark.parametrize("strange", [None, [], {"after": []}, {"after": {"throttle_reasons": [["x"], 3]}}])
def test_strange_telemetry_flags_nothing(strange):
    assert flags_of([{"telemetry": strange}]) == []


@pytest.mark.parametrize("strange", [{}, {"digest": 3}, {"digest": {}}, {"digest": {"machine": "a"}}])
def test_a_fingerprint_without_digests_compares_with_nothing(strange):
    assert digests(Attempt(fingerprint=strange)) == {}


@pytest.mark.django_db
def test_a_process_that_says_what_no_database_keeps_ends_as_any_other():
    night = running_night()
    held = take_lease(device=night.device)
    attempt = attempt_of(night.rounds.get(), "candidate", ended="", ended_at=None)
    huge = {"wall_ns": 10**400, "error": 1e-320, "peak_memory_bytes": 2**70, "flops": 10**400}
    assert store_sample(
        held=held, attempt=attempt, message=message(SUM, 10.0, telemetry={SPOILED: [SPOILED, 1e400]}, **huge)
    )
    failure = {"protocol": 1, "kind": "failure", "point": SUM, "reason": "error", "message": SPOILED}
    fingerprint = {"digest": {"machine": "a", "build": "b"}, "framework": {"built": "/home/bob/x", "word": SPOILED}}
    outcome = Outcome(
        ended="crash", last_point=SUM, detail=SPOILED, stderr_tail=SPOILED, exit_status=1, seconds=1.0,
        fingerprint=fingerprint, samples=(), failures=(failure,), clean=True,
    )  # fmt: skip
    end_attempt(held=held, attempt=attempt, outcome=outcome)
    kept = Attempt.objects.get(pk=attempt.pk)
    assert (kept.ended, kept.failures[0]["message"]) == ("crash", public_text(SPOILED))
    assert (kept.fingerprint["framework"]["built"], kept.detail.count("half a character ?")) == ("…", 2)
    sample = Sample.objects.get()
    assert (sample.wall_ns, sample.peak_memory_bytes, sample.measurement["flops"]) == (1e300, 2**63 - 1, 2**63 - 1)


@pytest.mark.django_db
def test_the_smallest_and_the_largest_time_make_a_difference_that_is_a_number():
    night = running_night()
    round = night.rounds.get()
    fill_round(round, {SUM: 0.0}, arms=["baseline"])
    store_sample(
        held=take_lease(device=night.device),
        attempt=attempt_of(round, "candidate"),
        message={**message(SUM, 1.0), "cpu_ns": 10**400},
    )
    (pair,) = pairs_in(attempts_of(night))
    assert 600 < pair.difference("cpu") < 700
    assert failure_from({"point": SUM, "reason": "error", "message": "/home/bob/x.py"})["message"] == "…/x.py"
