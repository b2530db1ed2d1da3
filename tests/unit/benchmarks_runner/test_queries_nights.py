"""What pages and commands ask of nights: progress in words, sentences, documents, noise and proof."""

import math
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import transaction
from django.utils import timezone

from benchmarks_runner import queries
from benchmarks_runner.actions.closing import go_on
from benchmarks_runner.actions.plans import freeze_plan
from benchmarks_runner.models import Bundle, Device, Night, Round
from benchmarks_runner.providers import AreaNote, PersonNote, areas_of, forget_area_provider, register_area_provider
from benchmarks_runner.queries.clocks import CLOCKS, IN_WORDS, OF_DEVICE, Reading, read
from benchmarks_runner.queries.documents import maintainers_of
from benchmarks_runner.queries.machines import NoiseRow, proven
from benchmarks_runner.queries.scales import night_scales, noise_of
from tests.factories.nights import POINTS, attempt_of, fill_round, ready_build, running_night, selftest_night

pytestmark = pytest.mark.django_db
SORT = "selftest.sort"


def close(round, differences):
    fill_round(round, {p: differences.get(p, 0.001 * (1 if round.number % 2 else -1)) for p in round.points})
    now = timezone.now()
    Round.objects.filter(pk=round.pk).update(
        state=Round.State.COMPLETE, started_at=now - timedelta(seconds=8), ended_at=now
    )
    with transaction.atomic():
        go_on(night=round.night)


def play(night, differences=None, rounds=100):
    for _ in range(rounds):
        round = night.rounds.filter(state=Round.State.DUE).first()
        if round is None:
            break
        close(round, differences or {})
    night.refresh_from_db()
    return night


def test_a_waiting_night_says_what_it_waits_for():
    night = selftest_night()
    assert queries.night_progress(night).doing == "preparing the plan"
    Bundle.objects.update(state=Bundle.State.INSTALLING, progress="downloading six")
    night = Night.objects.get(pk=night.pk)
    assert queries.night_progress(night).doing.startswith("installing six==1.17.0 (downloading six); installing ")
    assert "measuring begins by itself" in queries.night_sentence(night).text


def test_a_running_night_says_how_far_it_is_and_how_long_yet():
    night = running_night()
    assert queries.night_progress(night).doing.startswith("round 1 waits for machine")
    assert queries.night_progress(night).seconds_left_estimate is None
    close(night.rounds.get(), {})
    night.refresh_from_db()
    progress = queries.night_progress(night)
    assert (progress.round_number, progress.points_decided, progress.points_total) == (2, 0, 4)
    assert progress.seconds_left_estimate == pytest.approx(11 * 8, rel=0.1)  # what is usual, at this round's pace
    assert 0 < progress.fraction < 0.5
    round = night.rounds.get(number=2)
    Round.objects.filter(pk=round.pk).update(state=Round.State.RUNNING)
    attempt_of(round, "baseline", ended="", ended_at=None)
    assert queries.night_progress(night).doing == "round 2: 0 of 8 measurements"
    assert queries.night_sentence(night).text.startswith("Round 2 is being measured: 0 of 4 points decided")


def test_a_night_whose_device_is_out_of_use_says_so():
    night = running_night()
    Device.objects.update(state=Device.State.QUARANTINED, state_reason="a process is stuck.")
    night = Night.objects.get(pk=night.pk)
    assert "out of use: a process is stuck." in queries.night_progress(night).doing


def test_a_decided_night_is_one_sentence_and_its_worst_comes_first():
    night = play(running_night(), {SORT: math.log(3)})
    assert queries.last_decided_night() == night
    assert queries.night_sentence(night).text == "1 of 4 points is slower, by 3.0 ×; 3 passed."
    assert [v.verdict for v in queries.night_verdicts(night)] == ["fail", "pass", "pass", "pass"]
    assert queries.night_progress(night).ended
    assert len(queries.pairs_of(night, SORT)) == queries.night_verdicts(night)[0].pairs_used
    assert queries.recent_nights()[0] == night


def test_the_document_names_areas_and_maintainers():
    night = play(running_night(), {SORT: math.log(3)})
    document = queries.night_document(night)
    assert (document["points"][0]["point"], document["points"][0]["verdict"]) == (SORT, "fail")
    assert document["points"][0]["estimate"] == pytest.approx(math.log(3))
    assert document["machine"] == night.device.machine.name
    notes = [
        AreaNote("a", "Area", maintainers=(PersonNote("Ada"), PersonNote("Ben"))),
        AreaNote("b", "B", "", (PersonNote("Ada"),)),
    ]
    assert maintainers_of(notes) == ["Ada", "Ben"]


def test_a_provider_is_asked_once_however_often_it_registers():
    def provider(tags):
        return [AreaNote(tag, tag.title()) for tag in tags if tag == "an-area-of-this-test"]

    register_area_provider(provider)
    register_area_provider(provider)
    try:
        assert [note.name for note in areas_of(["an-area-of-this-test"])] == ["An-Area-Of-This-Test"]
    finally:
        forget_area_provider(provider)
    assert areas_of(["an-area-of-this-test"]) == []


def test_every_clock_has_words_and_a_reading():
    whole = Reading(200.0, 100.0, 50.0, 10.0, 20.0)
    assert {name: read(whole, name) for name in CLOCKS} == {
        "cpu": 100.0, "cpu/sentinel": 10.0, "wall": 200.0, "wall/sentinel": 10.0, "device": 50.0,
    }  # fmt: skip
    assert set(CLOCKS) <= set(IN_WORDS)
    assert all(clock in CLOCKS for clocks in OF_DEVICE.values() for clock in clocks)
    assert read(Reading(1.0, 0.0), "cpu") is None
    assert read(Reading(1.0, 1.0), "cpu/sentinel") is None


def aa_night(differences):
    night = selftest_night(kind=Night.Kind.AA, rounds_cap=8)
    freeze_plan(night=night)
    return play(night, differences)


def test_a_machines_aa_pairs_choose_clock_and_scale():
    night = aa_night({SORT: 0.08})
    noise = noise_of(night.device, "six", "selftest", night.suite_version)
    assert set(noise) == set(POINTS)
    assert noise[SORT].choice.scale > 0.05 > noise["selftest.sum"].choice.scale
    assert {found.pairs for found in noise.values()} == {5}
    assert night_scales(night)[SORT] == noise[SORT].choice.scale
    assert noise_of(night.device, "torch", "selftest", night.suite_version) == {}
    assert noise_of(night.device, "six", "selftest", "another version") == {}


def test_an_aa_nights_sentence_tells_the_noise():
    assert "seems to change by about" in queries.night_sentence(aa_night({})).text


def test_the_standing_proof_finds_few_errors_where_nothing_changed():
    night = aa_night({})
    (record,) = queries.aa_records(night.device)
    assert (record.nights, record.rounds, len(record.rows), record.flips) == (1, 5, 4, 200)
    assert record.false_point_nights <= 6  # at most 1 % is promised; 3 % of 200 would be bad luck of one in a thousand
    assert record.false_suite_nights <= 6
    assert queries.aa_records(Device.objects.create(machine=night.device.machine, kind="cuda", model="none")) == []


def test_a_scale_that_is_much_too_small_costs_power_and_never_validity(monkeypatch):
    """The coin alone decides whether a bet is fair."""
    monkeypatch.setattr(import_module("benchmarks_runner.queries.machines"), "FLIPS", 60)
    rows = (NoiseRow(SORT, "cpu", 0.0005, 0.02, (0.05,) * 5),)
    proof = proven(rows, ((0.05,),) * 5)
    assert (proof.nights, proof.nights_with_a_fail <= 3) == (60, True)
    assert proven((), ()) is None


def test_a_build_without_a_night_is_nobodys_baseline():
    ready_build()
    assert queries.last_decided_night() is None
    assert queries.recent_nights() == []
