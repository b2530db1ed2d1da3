"""An election from its announcement to the terms of whom it elected, by its actions."""

import csv
import io
import json
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from ecosystem.actions.people import record_affiliation
from governance.actions.elections import (
    NEXT,
    ElectionRefused,
    cancel,
    close_voting,
    open_nominations,
    open_voting,
)
from governance.actions.elections_casting import VoteRefused, cast, look_up, replace
from governance.actions.elections_counting import confirm, count_votes, settle_tie
from governance.actions.elections_nominations import (
    accept,
    decline,
    nominate,
    stand_back,
    withdraw,
    write_statement,
)
from governance.actions.elections_roll import ask_exception, decide_exception, import_activity
from governance.actions.ended import write_down_what_holds
from governance.actions.offices import begin_term
from governance.ballot_box import code_of
from governance.models import BallotBox, Count, Election, Office, RollEntry, Term, TieDecision
from governance.policies.elections import may_announce, may_run, may_see_ballots, may_vote, why_not_see_ballots
from governance.queries.candidates import candidates
from governance.queries.elections import considered, has_voted, stands, turnout
from record.models import Event
from tests.factories.elections import RULE, Stage, a_member, a_vote, an_election, opened_now
from tests.factories.people import SOURCE, a_person, an_account

pytestmark = pytest.mark.django_db

ORDERS = {
    "ann": "ida>joe>kim",
    "ben": "ida>kim",
    "cat": "joe>ida>kim",
    "dov": "kim>ida>joe",
    "eve": "ida=joe>kim",
    "fay": "joe",
}


def voted(stage: Stage, orders: dict[str, str] = ORDERS) -> dict[str, str]:
    """Let everybody vote; return the receipts."""
    return {name: stage.ranked(name, order) for name, order in orders.items()}


def counted(stage: Stage) -> Count:
    stage.over()
    return count_votes(election=stage.election, by=stage.officer)


def events(stage: Stage) -> list[str]:
    found = Event.objects.filter(subject=f"election/{stage.election.slug}").order_by("position")
    return [event.kind.removeprefix("election.") for event in found]


# -- the whole way ---------------------------------------------------------------------------------------------------


def test_an_election_is_held_from_announcement_to_terms() -> None:
    stage = a_vote()
    voted(stage)
    count = counted(stage)
    assert count.outcome["winners"] == ["Ida Candidate"]
    assert (count.ballots, count.electors) == (6, 6)
    (term,) = confirm(election=stage.election, by=stage.officer)
    assert (term.person.name, term.office.slug) == ("Ida Candidate", "council")
    assert (term.held.lower, term.expires_on) == (date(2031, 1, 1), date(2033, 1, 1))
    assert stage.now().state == Election.State.CONFIRMED
    steps = ["announced", "nominations", "opened", "closed", "counted", "confirmed"]
    assert [kind for kind in events(stage) if kind in steps] == steps


def test_the_published_file_recounts_to_the_same_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stage = a_vote(seats=2)
    voted(stage)
    count = counted(stage)
    (tmp_path / "ballots.csv").write_text(count.file)
    call_command("tally", str(tmp_path / "ballots.csv"), "--method", "schulze", "--seats", "2", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["winners"] == count.outcome["winners"]
    assert told["ranking"] == count.result["ranking"]
    assert told["ballots"] == 6


def test_steps_follow_their_table_only() -> None:
    stage = a_vote()
    with pytest.raises(ElectionRefused, match="cannot become"):
        open_voting(election=stage.election, by=stage.officer)
    assert set(NEXT) == set(Election.State.values)
    assert {step for steps in NEXT.values() for step in steps} <= set(Election.State.values)


# -- who may vote ----------------------------------------------------------------------------------------------------


def test_electors_come_from_offices_of_the_day_and_from_activity_with_reasons() -> None:
    stage = an_election(("Ann",), activity_from=50)
    a_person("Busy Bee", github="BusyBee")
    a_person("Idle Ivy", github="idle")
    found = import_activity(
        election=stage.election, text="login,contributions\nbusybee,57\n@idle,49\nstranger,99\n", source=SOURCE,
        by=stage.officer,
    )  # fmt: skip
    assert [line.login for line in found if line.person is None] == ["stranger"]
    told = {each.person.name: (each.eligible, each.because) for each in considered(stage.election)}
    assert told == {
        "Ann Elector": (True, "office of weavers on 2026-01-01"),
        "Busy Bee": (True, "activity of 57, of 50 that the rule asks for"),
        "Idle Ivy": (False, "activity of 49 only, of 50 that the rule asks for"),
    }


@pytest.mark.parametrize("text", ["ann", "ann,many\nben,x", "a,1\nA,2", "a,1,2", "login,n\n,5", "a,-1\nb,2"])
def test_a_list_of_activity_that_cannot_be_read_changes_nothing(text: str) -> None:
    stage = an_election()
    import_activity(election=stage.election, text="bee,57", source=SOURCE, by=stage.officer)
    with pytest.raises(ElectionRefused, match="Line"):
        import_activity(election=stage.election, text=f"{text}\nzed,oops", source=SOURCE, by=stage.officer)
    assert [line.login for line in stage.election.activity.all()] == ["bee"]


def test_an_exception_is_asked_for_decided_with_a_reason_and_kept() -> None:
    stage = an_election()
    newcomer = a_member("New Comer")
    request = ask_exception(election=stage.election, words="I run the infrastructure.", by=newcomer)
    with pytest.raises(ElectionRefused, match="reason is public"):
        decide_exception(request=request, granted=True, reason=" ", by=stage.officer)
    decide_exception(request=request, granted=True, reason="Infrastructure counts.", by=stage.officer)
    told = {each.person.name: each.because for each in considered(stage.election) if each.eligible}
    assert told["New Comer"] == "exception granted: Infrastructure counts."
    with pytest.raises(PermissionDenied, match="asked already"):
        ask_exception(election=stage.election, words="Again.", by=newcomer)
    assert "I run the infrastructure" not in " ".join(str(event.data) + event.summary for event in Event.objects.all())


def test_exceptions_are_decided_by_officers_only_and_never_their_own() -> None:
    stage = an_election()
    request = ask_exception(election=stage.election, words="Me too.", by=a_member("New Comer"))
    with pytest.raises(PermissionDenied):
        decide_exception(request=request, granted=True, reason="Yes.", by=stage.accounts["ann"])
    own = ask_exception(election=stage.election, words="And me.", by=stage.officer)
    with pytest.raises(ElectionRefused, match="their own"):
        decide_exception(request=own, granted=True, reason="Yes.", by=stage.officer)


def test_the_roll_is_frozen_at_opening() -> None:
    stage = a_vote()
    late = a_member("Late Comer", Office.objects.get(slug="weavers"))
    assert not may_vote(late, stage.election)
    with pytest.raises(ElectionRefused, match="frozen"):
        import_activity(election=stage.election, text="x,1", source=SOURCE, by=stage.officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        RollEntry.objects.filter(election=stage.election).update(eligible=True)
    assert stage.election.roll.filter(eligible=True).count() == 6


def test_voting_does_not_open_with_an_exception_undecided_or_nobody_standing() -> None:
    stage = an_election()
    open_nominations(election=stage.election, by=stage.officer)
    stage.now()
    with pytest.raises(ElectionRefused, match="Nobody stands"):
        opened_now(stage)
    Election.objects.update(
        exceptions_close_at=timezone.now() + timedelta(hours=1), opens_at=timezone.now() + timedelta(hours=2)
    )
    ask_exception(election=stage.now(), words="Me.", by=a_member("New Comer"))
    with pytest.raises(ElectionRefused, match="1 exceptions wait"):
        opened_now(stage)


# -- who stands ------------------------------------------------------------------------------------------------------


def test_a_nominee_stands_once_they_accepted() -> None:
    stage = an_election()
    open_nominations(election=stage.election, by=stage.officer)
    stage.now()
    ida, joe = a_member("Ida Candidate"), a_member("Joe Candidate")
    for_ida = nominate(election=stage.election, person=ida.person, by=stage.accounts["ann"])
    for_joe = nominate(election=stage.election, person=joe.person, by=stage.accounts["ben"])
    assert list(candidates(stage.election)) == []
    accept(nomination=for_ida, by=ida)
    write_statement(nomination=for_ida, statement="I *weave*.", by=ida)
    decline(nomination=for_joe, by=joe)
    assert [each.person.name for each in candidates(stage.election)] == ["Ida Candidate"]
    with pytest.raises(PermissionDenied, match="Only who was nominated"):
        accept(nomination=for_joe, by=ida)
    with pytest.raises(ElectionRefused, match="already"):
        nominate(election=stage.election, person=ida.person, by=stage.accounts["cat"])


def test_only_whom_the_rule_allows_nominates_and_officers_do_not_stand() -> None:
    stage = an_election()
    open_nominations(election=stage.election, by=stage.officer)
    stage.now()
    outsider = a_member("Out Sider")
    with pytest.raises(PermissionDenied, match="Only electors nominate"):
        nominate(election=stage.election, person=outsider.person, by=outsider)
    with pytest.raises(PermissionDenied, match="officers do not stand"):
        nominate(election=stage.election, person=stage.officer.person, by=stage.accounts["ann"])


def test_who_withdraws_after_opening_is_counted_out_and_ballots_stand() -> None:
    stage = a_vote()
    voted(stage)
    withdraw(nomination=stage.election.nominations.get(person__name="Ida Candidate"), by=stage.accounts["ida"])
    count = counted(stage)
    assert count.outcome["winners"] == ["Joe Candidate"]
    assert count.ballots == 6
    assert "Ida" not in count.file


# -- ballots ---------------------------------------------------------------------------------------------------------


def test_only_electors_vote_and_only_while_voting_is_open() -> None:
    stage = a_vote()
    keys = stage.keys()
    for account in (a_member("Out Sider"), an_account("second-root", is_superuser=True), stage.accounts["ida"]):
        with pytest.raises(PermissionDenied):
            cast(election=stage.election, marks={keys["ida"]: 1}, by=account)
    stage.over()
    with pytest.raises(PermissionDenied, match="Voting is over"):
        cast(election=stage.election, marks={keys["ida"]: 1}, by=stage.accounts["ann"])
    assert turnout(stage.now()) == 0


def test_a_ballot_is_replaced_by_its_receipt_alone() -> None:
    stage = a_vote()
    keys = stage.keys()
    receipt = stage.ranked("ann", "ida>joe")
    with pytest.raises(VoteRefused, match="You have voted"):
        stage.ranked("ann", "kim")
    assert (
        replace(election=stage.election, receipt=receipt.lower().replace("-", " "), marks={keys["kim"]: 1}) == receipt
    )
    assert look_up(election=stage.election, receipt=receipt) == {keys["kim"]: 1}
    assert turnout(stage.now()) == 1
    with pytest.raises(VoteRefused, match="No ballot has this receipt"):
        replace(
            election=stage.election, receipt=receipt[:-1] + ("A" if receipt[-1] != "A" else "B"), marks={keys["ida"]: 1}
        )
    stage.over()
    with pytest.raises(VoteRefused, match="not open"):
        replace(election=stage.election, receipt=receipt, marks={keys["ida"]: 1})


@pytest.mark.parametrize(
    ("method", "mark"), [("schulze", 0), ("schulze", 4), ("star", 6), ("star", -1), ("approval", 2)]
)
def test_marks_that_are_no_ballot_are_refused(method: str, mark: int) -> None:
    stage = a_vote(method=method)
    with pytest.raises(VoteRefused, match="give a number from"):
        stage.vote("ann", {"ida": mark})
    with pytest.raises(VoteRefused, match="empty ballot"):
        stage.vote("ann", {})
    with pytest.raises(VoteRefused, match="does not stand"):
        cast(election=stage.election, marks={999999: 1}, by=stage.accounts["ann"])
    assert not has_voted(stage.now(), stage.person("ann"))


@pytest.mark.parametrize("method", ["schulze", "ranked-pairs", "irv", "stv", "star", "bloc-star", "approval"])
def test_every_method_is_voted_counted_and_recounted(
    method: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = a_vote(method=method, seats=1 if method == "irv" else 2, tie_break=["draw"])
    highest = {"star": 5, "bloc-star": 5, "approval": 1}.get(method, 3)
    for number, name in enumerate(("ann", "ben", "cat", "dov", "eve")):
        marks = {"ida": 1, "joe": min(highest, 1 + number % 2), "kim": highest if number else 1}
        marks = {who: mark for who, mark in marks.items() if number or who != "kim"}
        stage.vote(name, marks)
    count = counted(stage)
    (tmp_path / "ballots.csv").write_text(count.file)
    words = ["tally", str(tmp_path / "ballots.csv"), "--method", method, "--seats", str(stage.election.seats), "--json"]
    call_command(*words)
    told = json.loads(capsys.readouterr().out)
    assert told["winners"] == count.result["winners"]
    assert told["ties"] == count.result["ties"]


def test_gaps_between_ranks_are_closed_since_they_only_tell_ballots_apart() -> None:
    stage = a_vote()
    keys = stage.keys()
    receipt = stage.vote("ann", {"ida": 3, "joe": 1, "kim": 3})
    assert look_up(election=stage.election, receipt=receipt) == {keys["joe"]: 1, keys["ida"]: 2, keys["kim"]: 2}


# -- ties --------------------------------------------------------------------------------------------------------------

TIED = {"ann": "ida>joe", "ben": "joe>ida", "cat": "ida>joe", "dov": "joe>ida", "eve": "ida=joe>kim"}


def tied(**rules: object) -> Stage:
    stage = a_vote(**rules)
    voted(stage, TIED)
    counted(stage)
    return stage


def test_a_contested_tie_waits_for_a_decision() -> None:
    stage = tied()
    count = stage.election.counts.get()
    assert count.outcome["winners"] == []
    assert count.outcome["ties"] == [{"candidates": ["Ida Candidate", "Joe Candidate"], "seats": 1, "about": "a seat"}]
    with pytest.raises(ElectionRefused, match="contested tie is open"):
        confirm(election=stage.now(), by=stage.officer)
    assert not Term.objects.filter(office__slug="council").exists()


def test_a_tie_is_settled_by_the_draw_that_anyone_can_make_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = tied()
    first = stage.election.counts.get()
    count = settle_tie(election=stage.now(), how="draw", reason="They did not agree.", by=stage.officer)
    (tmp_path / "ballots.csv").write_text(count.file)
    opened = Event.objects.get(kind="election.opened").data["seed"]
    call_command("tally", str(tmp_path / "ballots.csv"), "--tie-break", f"seed:{opened}:{first.digest}", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["winners"] == count.outcome["winners"]
    assert count.digest == first.digest
    assert len(confirm(election=stage.now(), by=stage.officer)) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        TieDecision.objects.update(reason="Another.")


def test_a_tie_is_settled_by_agreement_once_enough_stand_back() -> None:
    stage = tied()
    with pytest.raises(ElectionRefused, match="1 of Ida Candidate, Joe Candidate must stand back, and 0 did"):
        settle_tie(election=stage.now(), how="agreement", reason="They agreed.", by=stage.officer)
    with pytest.raises(ElectionRefused, match="part of no tie"):
        stand_back(nomination=stage.election.nominations.get(person__name="Kim Candidate"), by=stage.accounts["kim"])
    stand_back(nomination=stage.election.nominations.get(person__name="Ida Candidate"), by=stage.accounts["ida"])
    count = settle_tie(election=stage.now(), how="agreement", reason="Ida stood back.", by=stage.officer)
    assert count.outcome["winners"] == ["Joe Candidate"]


def test_a_tie_is_settled_only_as_the_rule_says() -> None:
    stage = tied(tie_break=["draw"])
    with pytest.raises(ElectionRefused, match="settles ties by a draw"):
        settle_tie(election=stage.now(), how="agreement", reason="They agreed.", by=stage.officer)
    with pytest.raises(PermissionDenied):
        settle_tie(election=stage.now(), how="draw", reason="I want to.", by=stage.accounts["ida"])


def test_a_tie_is_settled_by_a_runoff_among_the_tied() -> None:
    stage = tied(tie_break=["runoff"])
    again = an_election((), slug="runoff")
    open_nominations(election=again.election, by=again.officer)
    again.now()
    again.accounts = stage.accounts
    for name in ("ida", "joe"):
        nomination = nominate(election=again.election, person=stage.person(name), by=stage.accounts["ann"])
        accept(nomination=nomination, by=stage.accounts[name])
    opened_now(again)
    with pytest.raises(ElectionRefused, match="must be counted"):
        settle_tie(election=stage.now(), how="runoff", reason="Runoff.", runoff=again.election, by=stage.officer)
    for name in ("ann", "ben", "cat", "dov", "eve"):
        again.ranked(name, "joe>ida" if name != "ann" else "ida>joe")
    counted(again)
    count = settle_tie(election=stage.now(), how="runoff", reason="Runoff.", runoff=again.now(), by=stage.officer)
    assert count.outcome["winners"] == ["Joe Candidate"]
    with pytest.raises(ElectionRefused, match="was a runoff"):
        confirm(election=again.now(), by=again.officer)


def test_a_candidate_who_is_called_otherwise_later_is_elected_all_the_same() -> None:
    stage = a_vote()
    voted(stage)
    ida = stage.person("ida")
    ida.name = "Ida Renamed"
    ida.save()
    assert counted(stage).outcome["winners"] == ["Ida Candidate"]
    (term,) = confirm(election=stage.now(), by=stage.officer)
    assert term.person == ida


def test_nobody_is_counted_for_where_everybody_withdrew() -> None:
    stage = a_vote()
    voted(stage)
    for name in ("ida", "joe", "kim"):
        withdraw(nomination=stage.election.nominations.get(person=stage.person(name)), by=stage.accounts[name])
    with pytest.raises(ElectionRefused, match="Everybody who stood has withdrawn"):
        counted(stage)
    cancel(election=stage.now(), reason="Nobody was left.", by=stage.officer)


def test_who_was_merged_votes_once_and_keeps_their_candidacy() -> None:
    stage = a_vote()
    stage.ranked("ann", "ida")
    ann, other = stage.person("ann"), stage.person("ben")
    ann.merged_into = other
    ann.save()
    with pytest.raises(VoteRefused, match="You have voted"):
        stage.ranked("ben", "joe")


# -- caps and terms ---------------------


def employed(stage: Stage, name: str, employer: str) -> None:
    record_affiliation(
        person=stage.person(name), employer=employer, employer_slug=employer.lower(), since=date(2020, 1, 1),
        until=None, source=SOURCE, by=None,
    )  # fmt: skip


def test_the_employer_cap_counts_the_affiliations_of_the_day_and_who_sits() -> None:
    stage = a_vote(employer_cap=1)
    sitting = a_member("Sit Ting", Office.objects.get(slug="council"))
    stage.accounts["sit"] = sitting
    for name, employer in (("sit", "Loomco"), ("ida", "Loomco"), ("joe", "Threadco")):
        employed(stage, name, employer)
    voted(stage)
    count = counted(stage)
    assert count.outcome["winners"] == ["Joe Candidate"]
    assert count.result["excluded"][0]["candidate"] == "Ida Candidate"
    assert "Loomco" in count.result["excluded"][0]["reason"]


def test_the_first_elected_get_the_long_terms() -> None:
    stage = a_vote(seats=2, long_seats=1, short_until=date(2032, 1, 1))
    voted(stage)
    counted(stage)
    terms = confirm(election=stage.now(), by=stage.officer)
    assert {term.person.name: term.expires_on for term in terms} == {
        "Ida Candidate": date(2033, 1, 1),
        "Joe Candidate": date(2032, 1, 1),
    }


def test_a_tie_over_the_long_term_waits_for_a_decision_too() -> None:
    stage = a_vote(seats=2, long_seats=1, short_until=date(2032, 1, 1))
    voted(stage, TIED)
    count = counted(stage)
    assert sorted(count.outcome["winners"]) == ["Ida Candidate", "Joe Candidate"]
    assert [tie["about"] for tie in count.outcome["ties"]] == ["a long term"]
    with pytest.raises(ElectionRefused, match="contested tie is open"):
        confirm(election=stage.now(), by=stage.officer)
    stand_back(nomination=stage.election.nominations.get(person__name="Ida Candidate"), by=stage.accounts["ida"])
    settle_tie(election=stage.now(), how="agreement", reason="Ida serves the shorter term.", by=stage.officer)
    terms = confirm(election=stage.now(), by=stage.officer)
    assert {term.person.name: term.expires_on for term in terms} == {
        "Joe Candidate": date(2033, 1, 1),
        "Ida Candidate": date(2032, 1, 1),
    }


def test_confirming_ends_the_terms_that_expire_and_who_is_elected_again_begins_anew() -> None:
    stage = a_vote()
    council = Office.objects.get(slug="council")
    old = begin_term(
        office=council,
        person=stage.person("ida"),
        on=date(2029, 1, 1),
        expires_on=date(2031, 1, 1),
        source=SOURCE,
        by=None,
    )
    voted(stage)
    counted(stage)
    (new,) = confirm(election=stage.now(), by=stage.officer)
    old.refresh_from_db()
    assert old.held.upper == new.held.lower == date(2031, 1, 1)


def test_confirming_begins_all_terms_or_none() -> None:
    stage = a_vote(seats=2)
    begin_term(
        office=Office.objects.get(slug="council"),
        person=stage.person("joe"),
        on=date(2020, 1, 1),
        source=SOURCE,
        by=None,
    )
    voted(stage)
    counted(stage)
    with pytest.raises(ElectionRefused, match="Nothing was begun: Joe Candidate holds"):
        confirm(election=stage.now(), by=stage.officer)
    assert Term.objects.filter(office__slug="council").count() == 1
    assert stage.now().state == Election.State.COUNTED


# -- what is published -----------------------------------------------------------------------------------------------


def test_nobody_sees_a_ballot_before_the_count() -> None:
    stage = a_vote()
    voted(stage)
    assert not may_see_ballots(stage.election)
    with pytest.raises(ElectionRefused, match="after voting has closed"):
        count_votes(election=stage.election, by=stage.officer)
    counted(stage)
    assert may_see_ballots(stage.now())


def test_the_published_set_holds_each_ballot_under_its_receipts_code_and_no_order_of_casting() -> None:
    stage = a_vote()
    receipts = voted(stage)
    count = counted(stage)
    rows = list(csv.DictReader(io.StringIO(count.coded_file)))
    by_code = {row["code"]: row for row in rows}
    assert set(by_code) == {code_of(receipt) for receipt in receipts.values()}
    assert by_code[code_of(receipts["fay"])]["Joe Candidate"] == "1"
    assert by_code[code_of(receipts["fay"])]["Ida Candidate"] == "No opinion"
    assert [row["code"] for row in rows] == sorted(by_code)
    assert all(receipt not in count.coded_file for receipt in receipts.values())
    assert sha256(count.coded_file.encode()).hexdigest() == count.digest


@pytest.mark.parametrize(
    ("orders", "publish_from", "publishes"),
    [
        (ORDERS, 5, "ballots"),
        ({**ORDERS, "fay": "joe>kim>ida"}, 7, "totals"),
        ({**ORDERS, "dov": "ida>kim>joe", "fay": "ida=joe>kim"}, 7, "names"),
        (dict(list(ORDERS.items())[:4]), 5, "names"),
        (dict.fromkeys(ORDERS, "ida>joe"), 5, "names"),
        ({}, 5, "ballots"),
    ],
)
def test_what_is_published_gives_no_voter_away(orders: dict[str, str], publish_from: int, publishes: str) -> None:
    stage = a_vote(publish_from=publish_from)
    voted(stage, orders)
    count = counted(stage)
    assert count.publishes == publishes
    assert bool(count.coded_file) == (publishes == "ballots")
    assert bool(count.result.get("pairwise")) == (publishes != "names")
    assert bool(why_not_see_ballots(stage.now())) == (publishes != "ballots")


def test_the_record_names_no_voter_and_no_moment_of_a_ballot() -> None:
    stage = a_vote()
    before = Event.objects.count()
    receipt = stage.ranked("ann", "ida>joe")
    replace(election=stage.election, receipt=receipt, marks={stage.keys()["kim"]: 1})
    assert Event.objects.count() == before


def test_a_cancelled_election_is_kept_and_its_ballots_are_destroyed_unread() -> None:
    stage = a_vote()
    voted(stage)
    with pytest.raises(ElectionRefused, match="Say why"):
        cancel(election=stage.election, reason="", by=stage.officer)
    cancel(election=stage.election, reason="The roll was wrong.", by=stage.officer)
    assert stage.now().state == "cancelled"
    assert bytes(BallotBox.objects.get().sealed) == b""
    assert turnout(stage.now()) == 6
    with pytest.raises(ElectionRefused):
        cancel(election=stage.now(), reason="Again.", by=stage.officer)


# -- the clock ---------------------------------------------------------------------------------------------------------


def test_voting_ends_by_the_clock_though_nobody_writes_it_down() -> None:
    stage = a_vote()
    assert stands(stage.election) == "voting"
    assert stands(stage.election, stage.election.closes_at - timedelta(microseconds=1)) == "voting"
    assert stands(stage.election, stage.election.closes_at) == "closed"
    with pytest.raises(ElectionRefused, match="before its moment"):
        close_voting(election=stage.election, by=None)
    assert write_down_what_holds()["elections"] == 0
    stage.over()
    assert stage.election.state == "voting"
    assert write_down_what_holds()["elections"] == 1
    assert stage.now().state == "closed"
    assert write_down_what_holds()["elections"] == 0
    assert events(stage).count("closed") == 1
    assert Event.objects.get(kind="election.closed").actor == ""


# -- who may what -----------------------


def test_officers_run_an_election_and_an_administrator_only_where_there_are_none() -> None:
    stage = an_election()
    root = stage.election.announced_by
    assert may_run(stage.officer, stage.election)
    assert not may_run(root, stage.election)
    stage.election.officers.clear()
    assert may_run(root, stage.election)
    assert may_announce(root)
    assert not may_announce(a_member("Out Sider"))


def test_an_election_that_cannot_hold_together_is_refused() -> None:
    for wrong in ({"electing_offices": []}, {"tie_break": []}, {"publish_from": 3}, {"long_seats": 2}, {"rule": "x"}):
        with pytest.raises(ElectionRefused):
            an_election((), **wrong)
    assert not Election.objects.exists()
    assert RULE
