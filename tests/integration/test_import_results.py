"""Results that the harness measured alone: imported as a whole, once, and judged by the same engine."""

import copy
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from benchmarks_runner.actions import importing
from benchmarks_runner.actions.importing import import_results
from benchmarks_runner.actions.results_file import ResultsRefused, checked, read_results
from benchmarks_runner.models import Attempt, Build, Bundle, Machine, Night, Round, Sample
from benchmarks_runner.queries.replay import replayed
from record.models import Event

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def measured(output: Path, rounds: int, *candidate: str) -> dict:
    """Return the results of a real night of the harness alone, on the suite that needs no framework."""
    python = sys.executable
    command = [
        *(python, "-m", "ci_gpu", "night", "--suite", "selftest", "--rounds", str(rounds), "--output", str(output)),
        *("--baseline-python", python, "--candidate-python", python, *candidate),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return json.loads(output.read_text())


@pytest.fixture(scope="module")
def itself(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("results") / "aa.json", 5)


@pytest.fixture(scope="module")
def slower(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("results") / "slower.json", 12, "--candidate-env", "SELFTEST_SLOWDOWN=sort")


def imported(document):
    return import_results(results=checked(document), by="ada")


def failing(night):
    return set(night.verdicts.filter(verdict="fail").exclude(point="").values_list("point", flat=True))


def test_a_night_against_itself_becomes_an_aa_night(itself):
    night, is_new = imported(itself)
    assert (is_new, night.kind, night.state, night.rounds.count()) == (True, "aa", "decided", 5)
    assert Sample.objects.count() == 2 * 5 * 4
    assert night.ended_at > night.started_at
    assert Machine.objects.get().digest == itself["machine"]["digest"]
    assert Bundle.objects.get().state == Bundle.State.COLLECTED, "nobody asked this site to install it"


def test_a_second_import_changes_nothing(itself):
    night, _ = imported(itself)
    before = [model.objects.count() for model in (Night, Round, Attempt, Sample, Event)]
    assert imported(json.loads(json.dumps(itself))) == (night, False)
    assert [model.objects.count() for model in (Night, Round, Attempt, Sample, Event)] == before


def test_a_comparison_is_judged_by_the_machines_own_aa_pairs(itself, slower, tmp_path):
    imported(itself)
    night, _ = imported(slower)
    failed = failing(night)
    if len(failed) > 1:  # one such night of 200 fails a point by chance; measured anew, the same one does not
        again, _ = imported(measured(tmp_path / "again.json", 12, "--candidate-env", "SELFTEST_SLOWDOWN=sort"))
        failed &= failing(again)
    assert failed == {"selftest.sort"}
    assert night.candidate.bundle.variables == {"SELFTEST_SLOWDOWN": "sort"}
    live = {v.point: (v.verdict, v.estimate) for v in night.verdicts.exclude(point="")}
    assert live == {p.point: (p.verdict, p.estimate) for p in replayed(night).engine.result().points}


def test_without_aa_pairs_nothing_passes_and_the_reason_is_told(slower):
    night, _ = imported(slower)
    rows = night.verdicts.all()
    assert set(rows.values_list("verdict", flat=True)) == {"inconclusive"}
    assert all("cannot be judged" in row.reason.lower() or "no point" in row.reason.lower() for row in rows)


def test_an_import_that_fails_on_the_way_leaves_nothing(itself, monkeypatch):
    def refuse(night):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(importing, "_judge", refuse)
    with pytest.raises(RuntimeError):
        imported(itself)
    assert not any(model.objects.exists() for model in (Machine, Bundle, Night, Round, Attempt, Sample, Event))


def spoilt(document, *path_and_value):
    *path, name, value = path_and_value
    changed = copy.deepcopy(document)
    inner = changed
    for step in path:
        inner = inner[step]
    if value is ...:
        del inner[name]
    else:
        inner[name] = value
    return changed


ATTEMPT = ("rounds", 1, "attempts", 0)
SAMPLE = (*ATTEMPT, "samples", 2)


def nested(depth):
    """Return lists within lists."""
    found = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("format", "something/9"), "format"),
        (("suite", 7), "suite"),
        (("device", "id", "gpu"), "device.id"),
        (("machine", "digest", ...), "machine.digest"),
        (("rounds", []), "rounds"),
        (("rounds", 1, "number", 7), "rounds"),
        (("rounds", 1, "attempts", []), r"rounds\[1\].attempts"),
        (("rounds", 1, "attempts", 0, "arm", "other"), r"rounds\[1\].attempts\[0\].arm"),
        (("rounds", 1, "attempts", 0, "ended", "well"), r"rounds\[1\].attempts\[0\].ended"),
        (("rounds", 1, "attempts", 0, "started_at", "noon"), r"rounds\[1\].attempts\[0\].started_at"),
        ((*SAMPLE, "wall_ns", -1), r"rounds\[1\].attempts\[0\].samples\[2\]: .*wall_ns"),
        ((*SAMPLE, "point", "another"), r"rounds\[1\].attempts\[0\].samples\[2\].point"),
        ((*SAMPLE, "cpu_ns", "fast"), r"samples\[2\]: .*cpu_ns"),
        (("arms", "candidate", "variables", {"A": 1}), "arms.candidate.variables"),
        (("arms", "candidate", "framework", "version", "new"), "arms.candidate.framework.version"),
        (("threads", True), "threads"),
        # What no database keeps, wherever it stands.
        (("machine", "processor", "a\x00b"), r"machine\.processor: expected text without NUL"),
        (("machine", "\ud800", 1), r"machine\.\\ud800: expected text without NUL and half"),
        ((*ATTEMPT, "stderr_tail", "\udcff"), r"attempts\[0\]\.stderr_tail: expected text"),
        (("machine", "memory_gib", float("nan")), r"machine\.memory_gib: expected a finite number"),
        (("machine", "memory_gib", 10**400), r"machine\.memory_gib: expected a number below 2\^63"),
        ((*SAMPLE, "peak_memory_bytes", 2**63), r"samples\[2\]\.peak_memory_bytes: expected a number below"),
        (("machine", "more", nested(600)), r"machine\.more.*: nested more than 40 deep"),
        # What the columns cannot hold, by their own limits.
        (("suite", "s" * 61), "suite: Ensure this value has at most 60 characters"),
        (("suite_version", "s" * 65), "suite_version: Ensure this value has at most 64"),
        (("machine", "digest", "d" * 65), r"machine\.digest: Ensure this value has at most 64"),
        (("machine", "gpus", "two"), r"machine\.gpus: expected a list"),
        (("machine", "gpus", ["one"]), r"machine\.gpus\[0\]: expected an object"),
        (("machine", "gpus", [{"uuid": "u" * 81}]), r"machine\.gpus\[0\]\.uuid: Ensure this value has at most 80"),
        (("device", "id", "cuda:40000"), r"device\.id: Ensure this value is less than or equal to 32767"),
        (("device", "id", "cuda:\u00b2"), r"device\.id: expected cpu or cuda:N"),
        (("threads", 40000), "threads: Ensure this value is less than or equal to 32767"),
        (("seed", -3), "seed: expected a whole number from 0"),
        ((*ATTEMPT, "shard", 40000), r"attempts\[0\]\.shard: Ensure this value is less"),
        ((*ATTEMPT, "number", 40000), r"attempts\[0\]\.number: Ensure this value is less"),
        ((*ATTEMPT, "points", 0, "p" * 121), r"attempts\[0\]\.points\[0\]: Ensure this value has at most 120"),
        ((*ATTEMPT, "points", 0, "a/b"), r"attempts\[0\]\.points: expected at 0 a name of letters"),
        ((*ATTEMPT, "last_point", "elsewhere"), r"attempts\[0\]\.last_point: expected one of the points"),
        ((*ATTEMPT, "started_at", "9999-12-31T23:59:59"), r"started_at: expected a moment of the years 2000 to 2200"),
        ((*ATTEMPT, "started_at", "0001-01-01T00:00:00+23:00"), r"started_at: expected a moment of the years"),
        # What pages and ratios could not be made of.
        ((*SAMPLE, "cpu_ns", 1e-320), r"samples\[2\].* ?'?cpu_ns"),
        ((*SAMPLE, "cpu_ns", 1e-4), r"samples\[2\]\.cpu_ns: expected a time from 0\.001 ns to a day"),
        ((*SAMPLE, "wall_ns", 1e15), r"samples\[2\]\.wall_ns: expected a time"),
        (("calibration", "wrong"), "calibration: expected dict or null"),
        (("calibration", {"flops_per_s": 5}), r"calibration\.flops_per_s: expected an object"),
        (
            ("calibration", {"flops_per_s": {"float32": "fast"}}),
            r"calibration\.flops_per_s\.float32: expected a number",
        ),
        (("calibration", {"flops_per_s": {}}), r"calibration\.bandwidth_bytes_per_s: missing"),
        ((*ATTEMPT, "fingerprint", "framework", "some"), r"attempts\[0\]\.fingerprint\.framework: expected an object"),
        ((*ATTEMPT, "fingerprint", {}), r"attempts\[0\]\.fingerprint\.machine: missing"),
        ((*SAMPLE, "telemetry", {"after": "hot"}), r"samples\[2\]\.telemetry: expected an object"),
        (
            (*SAMPLE, "telemetry", {"after": {"throttle_reasons": 3}}),
            r"telemetry\.after\.throttle_reasons: expected a list",
        ),
        # What no bundle may be made of.
        (("arms", "candidate", "variables", {"my_var": "1"}), r"arms\.candidate\.variables: my_var=1: .* upper-case"),
        (("arms", "candidate", "variables", {"A": "\u00fc"}), r"arms\.candidate\.variables: .*ASCII"),
        (("arms", "candidate", "variables", {"A=1,B": "2"}), r"arms\.candidate\.variables: expected one package"),
        (
            ("arms", "candidate", "variables", {"LD_PRELOAD": "x"}),
            r"arms\.candidate\.variables: LD_PRELOAD cannot be part",
        ),
        (
            ("arms", "candidate", "framework", "name", "f" * 61),
            r"arms\.candidate\.framework.*: a package's name has at most",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_before_a_row_is_written(itself, change, place):
    with pytest.raises(ResultsRefused, match=place):
        imported(spoilt(itself, *change))
    assert not Machine.objects.exists()


def test_a_development_build_is_known_as_one(itself):
    night, _ = imported(spoilt(itself, "arms", "candidate", "framework", "version", "2.15.0.dev20261101+cpu"))
    assert night.candidate.kind == Build.Kind.NIGHTLY


def test_what_is_wrong_with_a_large_file_is_one_line(itself, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps(spoilt(itself, "machine", "more", "\ud800")))
    with pytest.raises(CommandError) as refused:
        call_command("import_results", str(path))
    assert refused.value.returncode == 2
    assert str(refused.value).isascii()
    assert str(refused.value).isprintable()


def test_the_same_process_twice_is_refused(itself):
    doubled = copy.deepcopy(itself)
    doubled["rounds"][0]["attempts"].append(doubled["rounds"][0]["attempts"][0])
    with pytest.raises(ResultsRefused, match=r"rounds\[0\].attempts: expected each process once"):
        checked(doubled)


@pytest.mark.parametrize(("content", "words"), [("{", "no JSON document"), ("[]", "format"), (None, "cannot be read")])
def test_the_command_says_in_one_line_what_is_wrong(tmp_path, content, words):
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ResultsRefused, match=words):
        read_results(path)
    with pytest.raises(CommandError, match=words) as refused:
        call_command("import_results", str(path))
    assert refused.value.returncode == 2


def test_the_command_answers_for_people_and_as_one_document(itself, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps(itself))
    shown = io.StringIO()
    call_command("import_results", str(path), stdout=shown)
    assert "imported: 5 rounds" in shown.getvalue()
    shown = io.StringIO()
    call_command("import_results", str(path), json=True, stdout=shown)
    document = json.loads(shown.getvalue())
    assert (document["new"], document["kind"], document["rounds"]) == (False, "aa", 5)
