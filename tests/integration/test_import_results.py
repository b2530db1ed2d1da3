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
from benchmarks_runner.models import Attempt, Bundle, Machine, Night, Round, Sample
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


def test_a_comparison_is_judged_by_the_machines_own_aa_pairs(itself, slower):
    imported(itself)
    night, _ = imported(slower)
    words = dict(night.verdicts.exclude(point="").values_list("point", "verdict"))
    assert words["selftest.sort"] == "fail"
    assert "fail" not in {word for point, word in words.items() if point != "selftest.sort"}
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


SAMPLE = ("rounds", 1, "attempts", 0, "samples", 2)


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
    ],
)
def test_what_is_wrong_is_refused_with_its_place_before_a_row_is_written(itself, change, place):
    with pytest.raises(ResultsRefused, match=place):
        imported(spoilt(itself, *change))
    assert not Machine.objects.exists()


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
