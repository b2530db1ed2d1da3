"""A whole night through real Celery workers: from the command to the verdict, and what it leaves behind."""

import json
import subprocess
import sys

import pytest

from config.launcher.processes import process
from tests.night_stage import BASELINE, POINTS, ROOT, SLOWER, SORT, spare_the_unchanged, staged

pytestmark = pytest.mark.slow
FIELDS = {"point", "verdict", "estimate", "low", "high", "pairs_used", "areas", "maintainers"}


@pytest.fixture(scope="module")
def stage():
    with staged() as made:
        yield made


@pytest.fixture(scope="module")
def first(stage):
    """The first night on a fresh data folder: tables, bundle, A/A pairs, rounds, verdict."""
    played = stage.play("--baseline", BASELINE, "--candidate", SLOWER)
    status, document = played.answer()
    return status, document, played


def test_a_build_that_is_slower_at_one_point_fails_there_and_nowhere_else(first, stage):
    status, document, played = first
    told = {row["point"]: row for row in document["points"]}
    assert (status, set(told)) == (1, set(POINTS)), played.said()
    assert told["selftest.sort"]["verdict"] == "fail"
    assert 0.8 < told["selftest.sort"]["estimate"] < 1.4  # three times the work: ln 3 is 1.1
    assert told["selftest.sort"]["low"] > 0
    assert "broken" not in {row["verdict"] for row in told.values()}
    stage.whole(document["night"])


def test_where_nothing_is_slower_nothing_fails_twice(first, stage):
    """Once may be chance, and the first night cannot be played again: another of the same builds can."""
    _, document, _ = first
    failed = {row["point"] for row in document["points"] if row["verdict"] == "fail"}
    if failed > {SORT}:
        _, document = stage.compare().answer()
        failed &= {row["point"] for row in document["points"] if row["verdict"] == "fail"}
    assert failed == {SORT}


def test_the_document_is_the_one_that_is_promised(first):
    _, document, _ = first
    assert {"night", "baseline", "candidate", "machine", "seconds", "suite", "points"} <= document.keys()
    assert (document["baseline"], document["candidate"]) == (BASELINE, SLOWER)
    assert document["suite"]["verdict"] in ("pass", "fail", "inconclusive")
    assert document["seconds"] > 0
    assert all(row.keys() >= FIELDS for row in document["points"])


def test_the_night_measured_its_own_noise_first(first, stage):
    rows = stage.rows("SELECT kind, state, scale_from_id IS NOT NULL FROM benchmarks_runner_night ORDER BY id")
    assert rows == [("comparison", "decided", True), ("aa", "decided", False)]
    copies = list((stage.services.data / "bundles" / "environments").iterdir())
    assert sorted(path.name[-2:] for path in copies) == ["-a", "-b"]


def test_every_step_is_in_the_record(first, stage):
    _, document, _ = first
    subject = f"night/{document['night']}"
    kinds = stage.rows("SELECT kind FROM record_event WHERE subject = %s ORDER BY position", subject)
    assert [kind for (kind,) in kinds] == ["night.requested", "night.scaling", "night.started", "night.decided"]
    command = [sys.executable, str(ROOT / "manage.py"), "verify_record"]
    subprocess.run(command, env=stage.environment, check=True, stdout=subprocess.DEVNULL)


def test_the_workers_that_it_started_are_gone(first, stage):
    _, _, played = first
    assert not list((stage.services.data / "run").glob("lent-workers-*.json"))
    assert process(played.popen.pid) is None


def test_the_same_command_again_answers_at_once_from_what_was_decided(first, stage):
    status, document = stage.play("--baseline", BASELINE, "--candidate", SLOWER).answer(60)
    assert (status, document) == first[:2]


def test_a_build_against_itself_does_not_fail(first, stage):
    """With the machine's noise known already, no A/A night comes first."""
    aa_nights = "SELECT count(*) FROM benchmarks_runner_night WHERE kind = 'aa'"
    before = stage.rows(aa_nights)
    status, document = stage.compare(BASELINE).answer()
    told = {row["point"]: row["verdict"] for row in document["points"]} | {"suite": document["suite"]["verdict"]}
    assert stage.rows(aa_nights) == before == [(1,)]
    spare_the_unchanged(told, changed=())
    assert status in (0, 3)


def test_people_get_a_table(first, stage):
    command = [sys.executable, str(ROOT / "manage.py"), "night", "--suite", "selftest"]
    command += ["--baseline", BASELINE, "--candidate", SLOWER]
    shown = subprocess.run(command, env=stage.environment, capture_output=True, text=True, check=False)
    assert shown.returncode == 1
    assert "selftest.sort    ▲ fail" in shown.stdout
    assert "Its page" in shown.stdout
    assert "/nights/1/" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--baseline", BASELINE, "--candidate", "nonsense"], "nonsense"),
        (["--baseline", BASELINE, "--candidate", SLOWER, "--suite", "none"], "There is no suite 'none'"),
        (["--baseline", BASELINE, "--candidate", SLOWER, "--device", "cuda:9"], "has no device 'cuda:9'"),
        (["--baseline", BASELINE], "--candidate"),
        (["--baseline", BASELINE, "--candidate", "selftested==9.9.9"], "cannot be installed"),
    ],
)
def test_bad_input_ends_with_one_line_and_status_2(stage, arguments, words):
    command = [sys.executable, str(ROOT / "manage.py"), "night", "--suite", "selftest", *arguments]
    shown = subprocess.run(command, env=stage.environment, capture_output=True, text=True, check=False, timeout=120)
    assert shown.returncode == 2
    assert shown.stdout == ""
    assert words in shown.stderr.strip().splitlines()[-1]
    assert "Traceback" not in shown.stderr


def test_without_a_broker_it_ends_before_a_night_is_asked_for(first, stage):
    nights = stage.rows("SELECT count(*) FROM benchmarks_runner_night")
    command = [sys.executable, str(ROOT / "manage.py"), "night", "--suite", "selftest", "--again"]
    command += ["--baseline", BASELINE, "--candidate", SLOWER]
    away = {**stage.environment, "CELERY_BROKER_URL": "redis://:secret@127.0.0.1:1"}
    shown = subprocess.run(command, env=away, capture_output=True, text=True, check=False, timeout=120)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "The message broker at redis://:**@127.0.0.1:1" in shown.stderr.strip().splitlines()[-1]
    assert "Traceback" not in shown.stderr
    assert stage.rows("SELECT count(*) FROM benchmarks_runner_night") == nights


def test_the_queues_are_those_of_this_machines_devices(first, stage):
    command = [sys.executable, str(ROOT / "manage.py"), "device_queues", "--json"]
    queues = json.loads(subprocess.run(command, env=stage.environment, check=True, capture_output=True).stdout)
    (row,) = stage.rows("SELECT digest FROM benchmarks_runner_machine")
    assert f"device-{row[0][:12]}-cpu" in queues
