"""Votes: called under the charter's rule, seconded, frozen, chosen in, closed by the clock, decided with their sum."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from ecosystem.actions.people import record_affiliation
from governance.actions.ballot_rules import BallotRefused, Chosen
from governance.actions.ballots import call_ballot, cancel_ballot, second_ballot, write_down
from governance.actions.ballots_choosing import choose, recuse, take_part_again, tell_conflict
from governance.actions.charters import publish_charter
from governance.actions.concerns import lift_hold, place_hold, raise_concern, resolve_concern
from governance.actions.ended import write_down_what_holds
from governance.actions.offices import begin_term, end_term
from governance.actions.proposals import move_proposal
from governance.actions.reminders import remind_electors
from governance.charter import text_of
from governance.models import Ballot, Choice, Elector, Reminder, Term, User
from governance.policies.ballots import may_choose
from governance.progress import Progress
from governance.queries.awaited import Awaited
from governance.queries.ballots import NoSuchVote, awaited_votes, carried, ended_vote, standing
from record.models import Event
from tests.factories.people import SOURCE, a_person, a_project, an_account
from tests.factories.proposals import (
    LONG_AGO,
    a_proposal,
    an_author,
    an_office_of,
    an_officer,
    close,
    rewind,
    rust_team,
)

pytestmark = pytest.mark.django_db

A_WEEK = Chosen(days=7)


@pytest.fixture
def council() -> list[User]:
    """Five people who decide by the rules of Python's charter: more than half of those for or against."""
    project = a_project("python")
    return [an_officer(name, "council", project, kind="council") for name in ("ada", "bea", "cara", "dora", "edda")]


def called(by: User, decision: str = "council_vote", **more: object) -> Ballot:
    more.setdefault("chosen", A_WEEK)
    return call_ballot(project=a_project(by.person.terms.get().office.project.slug), decision=decision,
                       question="Shall looms be red?", by=by, **more)  # fmt: skip


def elector(ballot: Ballot, user: User) -> Elector:
    return ballot.electors.get(person=user.person)


def test_the_electorate_is_frozen_when_it_opens_with_the_office_and_employer_of_that_day(council: list[User]) -> None:
    ballot = called(council[0])
    late = an_officer("late", "council", a_project("python"), kind="council")
    end_term(term=Term.objects.get(person=council[4].person), on=timezone.localdate(), source=SOURCE, by=None)
    names = [one.person.name for one in ballot.electors.order_by("person__name")]
    assert names == ["Ada Example", "Bea Example", "Cara Example", "Dora Example", "Edda Example"]
    assert elector(ballot, council[0]).affiliation == "unknown"
    choose(ballot=ballot, word="yes", by=council[4])
    with pytest.raises(PermissionDenied, match="Only the electors"):
        choose(ballot=ballot, word="yes", by=late)
    with pytest.raises(IntegrityError, match=f"electorate of vote {ballot.pk} is frozen"), transaction.atomic():
        Elector.objects.create(
            ballot=ballot, person=late.person, office="x", affiliation="x", frozen_at=ballot.opened_at
        )


def test_who_is_no_elector_does_not_vote_whatever_their_flags(council: list[User]) -> None:
    ballot = called(council[0])
    root = an_account("root", person=a_person("Root Example"), is_superuser=True, is_staff=True)
    for user in (AnonymousUser(), root, an_author()):
        assert not may_choose(user, standing(ballot))
    with pytest.raises(PermissionDenied):
        choose(ballot=ballot, word="yes", by=root)
    assert not Choice.objects.exists()


def test_the_latest_choice_counts_and_every_one_is_kept(council: list[User]) -> None:
    ballot = called(council[0])
    for word in ("yes", "no", "abstain"):
        choose(ballot=ballot, word=word, by=council[0])
    votes = standing(ballot).votes
    assert (votes.yes, votes.no, votes.abstain) == (0, 0, 1)
    assert Choice.objects.count() == 3
    with pytest.raises(IntegrityError, match="appended"), transaction.atomic():
        Choice.objects.all().delete()
    with pytest.raises(BallotRefused, match="yes, no or abstain"):
        choose(ballot=ballot, word="maybe", by=council[0])


def test_closing_holds_with_every_worker_down(council: list[User]) -> None:
    ballot = called(council[0])
    for user, word in zip(council, ("yes", "yes", "yes", "no", "abstain"), strict=True):
        choose(ballot=ballot, word=word, by=user)
    assert not carried(ballot)
    close(ballot, ago=timedelta(seconds=1))
    ballot.refresh_from_db()
    assert ballot.decided_at is None, "nothing has written it down"
    assert carried(ballot)
    with pytest.raises(PermissionDenied, match="it is closed"):
        choose(ballot=ballot, word="no", by=council[0])
    # A program that asks no policy is refused by the database.
    with pytest.raises(IntegrityError, match="is not open"), transaction.atomic():
        Choice.objects.create(elector=elector(ballot, council[0]), word="no", cast_at=timezone.now())
    with pytest.raises(IntegrityError, match="is not open"), transaction.atomic():
        Choice.objects.create(
            elector=elector(ballot, council[0]), word="no", cast_at=ballot.closes_at - timedelta(hours=1)
        )


def test_the_result_is_written_down_once_with_its_sum(council: list[User]) -> None:
    ballot = called(council[0])
    for user, word in zip(council, ("yes", "yes", "yes", "no", "abstain"), strict=True):
        choose(ballot=ballot, word=word, by=user)
    assert not write_down(ballot=ballot)
    close(ballot)
    assert write_down_what_holds()["votes"] == 1
    assert write_down_what_holds()["votes"] == 0
    ballot.refresh_from_db()
    assert ballot.carried
    assert ballot.arithmetic == (
        "5 seated, 5 voted, one of them to abstain, 4 for or against: more than 1/2 of 4 is more than 2, so 3 yes are "
        "needed; 5 must take part and 5 did; 3 voted yes, 1 no and 1 to abstain: carried."
    )
    event = Event.objects.get(kind="vote.decided")
    assert (event.subject, event.data["yes"], event.actor) == (f"vote/{ballot.pk}", 3, "schedule")
    assert ended_vote(f"vote/{ballot.pk}") == (ballot, True)


@pytest.mark.parametrize("word", ["vote/", "vote/x", "12", "vote/999999", "vote/-1", "proposal/1", "vote/" + "9" * 40])
def test_a_reference_that_is_no_ended_vote_is_refused(word: str) -> None:
    with pytest.raises(NoSuchVote, match="is no vote"):
        ended_vote(word)


def test_an_open_vote_decides_nothing_yet(council: list[User]) -> None:
    ballot = called(council[0])
    with pytest.raises(NoSuchVote, match="is open: nothing is decided"):
        ended_vote(f"vote/{ballot.pk}")


def test_a_tie_is_not_carried(council: list[User]) -> None:
    ballot = called(council[0])
    for user, word in zip(council[:4], ("yes", "yes", "no", "no"), strict=True):
        choose(ballot=ballot, word=word, by=user)
    close(ballot)
    ballot.refresh_from_db()
    assert not carried(ballot)


def test_a_recusal_lowers_the_denominator_and_is_taken_back_by_who_made_it(council: list[User]) -> None:
    project = a_project("python")
    cores = [an_officer(f"core{i}", "core", project, kind="core") for i in range(3)]
    ballot = call_ballot(project=project, decision="council_vote", question="Red?", chosen=A_WEEK, by=council[0])
    assert ballot.electors.count() == 5
    assert not may_choose(cores[0], standing(ballot))
    choose(ballot=ballot, word="yes", by=council[1])
    recuse(ballot=ballot, elector=elector(ballot, council[1]), reason="I sell red paint.", by=council[1])
    votes = standing(ballot).votes
    assert (votes.seated, votes.recused, votes.may_vote, votes.yes) == (5, 1, 4, 0), (
        "what was chosen before counts no more"
    )
    with pytest.raises(PermissionDenied, match="You are recused"):
        choose(ballot=ballot, word="no", by=council[1])
    take_part_again(ballot=ballot, reason="I sold the shop.", by=council[1])
    assert standing(ballot).votes.yes == 1
    with pytest.raises(PermissionDenied, match="not recused"):
        take_part_again(ballot=ballot, reason="Again.", by=council[1])


def test_nobody_recuses_somebody_else_out_of_the_blue(council: list[User]) -> None:
    ballot = called(council[0])
    with pytest.raises(PermissionDenied, match=r"recuse somebody else|told of a conflict"):
        recuse(ballot=ballot, elector=elector(ballot, council[1]), reason="I do not like them.", by=council[0])


def test_a_conflict_is_told_and_may_lead_to_a_recusal_where_the_charter_asks_it() -> None:
    project = a_project("python")
    council = [an_officer(name, "council", project, kind="council") for name in ("ada", "bea", "cara")]
    ballot = call_ballot(
        project=project,
        decision="eject_core",
        question="Shall Mona be no core member any more?",
        members=[an_author("mona").person],
        chosen=A_WEEK,
        by=council[0],
    )
    tell_conflict(ballot=ballot, text="Mona is my sister.", by=council[1])
    assert standing(ballot).votes.recused == 0, "telling alone changes no number"
    assert [one.conflict.text for one in standing(ballot).voters if one.conflict] == ["Mona is my sister."]


def test_whom_a_removal_is_about_stands_aside_where_the_charter_asks_it() -> None:
    project = a_project("pytorch")
    core = [an_officer(name, "core", project, kind="core") for name in ("ada", "bea", "cara", "dora")]
    with pytest.raises(BallotRefused, match="Name whom it is about"):
        call_ballot(project=project, decision="remove_core", question="x", by=core[0],
                    chosen=Chosen("1/2", "seated", True, 7))  # fmt: skip
    ballot = call_ballot(
        project=project,
        decision="remove_core",
        question="Shall Dora be core maintainer no longer?",
        members=[core[3].person],
        chosen=Chosen("1/2", "seated", True, 7),
        by=core[0],
    )
    stands = standing(ballot)
    assert [voter.elector.person.name for voter in stands.voters if voter.recused] == ["Dora Example"]
    with pytest.raises(PermissionDenied, match="Only who recused themself"):
        take_part_again(ballot=ballot, reason="I want to.", by=core[3])
    assert "The charter does not say what it must reach. Here: more than 1/2 of all who may vote." in ballot.filled_in


def test_what_the_charter_leaves_open_must_be_said_and_is_shown_and_what_it_says_cannot_be_changed(
    council: list[User],
) -> None:
    for chosen in (Chosen(), Chosen(days=0), Chosen(days=400)):
        with pytest.raises(BallotRefused, match="how many days"):
            called(council[0], chosen=chosen)
    ballot = called(council[0], chosen=Chosen(share="1/100", base="cast", strict=False, days=7, electorate=("core",)))
    assert (ballot.share_written, ballot.base, ballot.strict, ballot.electorate) == (
        "1/2",
        "non_abstaining",
        True,
        ["council"],
    )
    with pytest.raises(BallotRefused, match="no time zone"):
        called(council[0], zone="Mars")


def test_only_whom_the_charter_names_calls_a_vote(council: list[User]) -> None:
    core = an_officer("cora", "core", a_project("python"), kind="core")
    with pytest.raises(PermissionDenied, match="may ask to"):
        called(core)
    with pytest.raises(PermissionDenied, match="takes an election"):
        called(core, "elect_council")
    with pytest.raises(PermissionDenied, match="charter knows"):
        called(core, "nonsense")


def test_no_confidence_is_seconded_within_a_week_or_lapses(council: list[User]) -> None:
    project = a_project("python")
    cores = [an_officer(f"core{i}", "core", project, kind="core") for i in range(3)]
    ballot = called(cores[0], "no_confidence", members=[council[0].person])
    assert standing(ballot).state == "awaiting seconds"
    assert not ballot.electors.exists(), "nothing is frozen before it opens"
    with pytest.raises(PermissionDenied, match="Who called it"):
        second_ballot(ballot=ballot, by=cores[0])
    with pytest.raises(PermissionDenied, match="Only who the charter names"):
        second_ballot(ballot=ballot, by=an_author())
    assert standing(second_ballot(ballot=ballot, by=cores[1])).state == "open"
    ballot.refresh_from_db()
    assert ballot.electors.count() == 3
    assert timedelta(days=14) <= ballot.closes_at - ballot.opened_at < timedelta(days=15)
    other = called(cores[0], "no_confidence")
    rewind(timedelta(days=7, minutes=1))
    other.refresh_from_db()
    assert standing(other).state == "lapsed"
    with pytest.raises(PermissionDenied, match="awaits no second"):
        second_ballot(ballot=other, by=cores[2])
    assert write_down_what_holds()["votes"] == 1
    other.refresh_from_db()
    assert other.cancelled_why == "Nobody seconded it in time."


def test_seconds_must_come_from_as_many_employers_as_the_charter_says(council: list[User]) -> None:
    project = a_project("python")
    text = text_of("python").replace(
        'second_required = { by = ["core"], count = 1, within_days = 7 }',
        'second_required = { by = ["core"], count = 2, employers = 2, within_days = 7 }',
    )
    publish_charter(project=project, text=text, by=None)
    cores = [an_officer(f"core{i}", "core", project, kind="core") for i in range(4)]
    for core, employer in zip(cores[1:], ("Acme", "Acme", "Bolt"), strict=True):
        record_affiliation(
            person=core.person,
            employer=employer,
            employer_slug=employer.lower(),
            since=LONG_AGO,
            until=None,
            source=SOURCE,
            by=None,
        )
    ballot = called(cores[0], "no_confidence", members=[council[0].person])
    for core in cores[1:3]:
        second_ballot(ballot=ballot, by=core)
    assert standing(ballot).state == "awaiting seconds"
    assert standing(ballot).needs.startswith("seconds from 1 more employer by ")
    assert standing(second_ballot(ballot=ballot, by=cores[3])).state == "open"
    seconded = Event.objects.filter(kind="vote.seconded").order_by("position")
    assert [event.data["employer"] for event in seconded] == ["Acme", "Acme", "Bolt"]


def test_seconds_from_unknown_employers_do_not_open_a_vote_that_asks_for_two(council: list[User]) -> None:
    project = a_project("python")
    text = text_of("python").replace("count = 1, within_days = 7", "count = 2, employers = 2, within_days = 7")
    publish_charter(project=project, text=text, by=None)
    cores = [an_officer(f"core{i}", "core", project, kind="core") for i in range(3)]
    ballot = called(cores[0], "no_confidence", members=[council[0].person])
    for core in cores[1:]:
        second_ballot(ballot=ballot, by=core)
    assert standing(ballot).state == "awaiting seconds"
    assert "is unknown, and counts as no other" in standing(ballot).needs
    rewind(timedelta(days=7, minutes=1))
    ballot.refresh_from_db()
    assert standing(ballot).state == "lapsed"


def test_choices_are_hidden_until_the_close_where_the_charter_says_so() -> None:
    project = a_project("node")
    tsc = [an_officer(name, "tsc", project, kind="council") for name in ("ada", "bea")]
    ballot = call_ballot(project=project, decision="tsc_vote", question="Red?", chosen=A_WEEK, by=tsc[0])
    choose(ballot=ballot, word="yes", by=tsc[0])
    stands = standing(ballot)
    assert not stands.shows_choices
    assert not stands.shows_numbers
    assert "yes" not in stands.needs
    assert "choice" not in Event.objects.get(kind="vote.chosen").data
    close(ballot)
    ballot.refresh_from_db()
    assert standing(ballot).shows_choices


def test_a_cancelled_vote_is_kept_with_the_reason(council: list[User]) -> None:
    ballot = called(council[0])
    choose(ballot=ballot, word="yes", by=council[1])
    with pytest.raises(PermissionDenied, match="Only Ada Example"):
        cancel_ballot(ballot=ballot, reason="x", by=council[1])
    cancel_ballot(ballot=ballot, reason="Asked wrongly.", by=council[0])
    ballot.refresh_from_db()
    assert standing(ballot).state == "cancelled"
    assert ballot.electors.count() == 5
    with pytest.raises(PermissionDenied, match="it is cancelled"):
        choose(ballot=ballot, word="no", by=council[1])
    for wrong in ({"cancelled_why": ""}, {"decided_at": timezone.now()}, {"closes_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ballot.objects.filter(pk=ballot.pk).update(**wrong)
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM governance_ballot")


def test_one_vote_at_a_time_on_a_proposal_and_none_over_a_concern_or_a_hold() -> None:
    team = rust_team("tess", "tilda")
    proposal = a_proposal()
    open_rule = Chosen("1/2", "seated", True, 7)
    concern = raise_concern(proposal=proposal, name="Speed", text="x", by=team[0])

    def on_it() -> Ballot:
        return call_ballot(project=proposal.project, decision="accept_rfc", question="Accept?", proposal=proposal,
                           chosen=open_rule, by=team[0])  # fmt: skip

    with pytest.raises(BallotRefused, match="only its raiser"):
        on_it()
    resolve_concern(concern=concern, reason="Fine.", by=team[0])
    hold = place_hold(proposal=proposal, reason="Wait.", by=team[1])
    with pytest.raises(BallotRefused, match="hold of Tilda Example"):
        on_it()
    lift_hold(hold=hold, reason="Go.", by=team[1])
    first = on_it()
    with pytest.raises(BallotRefused, match="under way"):
        on_it()
    choose(ballot=first, word="yes", by=team[0])
    close(first)
    second = on_it()
    first.refresh_from_db()
    assert first.decided_at, "the clock had decided it; the next call wrote it down"
    assert not first.carried
    assert second.pk != first.pk


def test_a_carried_vote_is_the_decision_that_a_move_needs() -> None:
    project = a_project("pytorch")
    core = [an_officer(name, "core", project, kind="core") for name in ("ada", "bea", "cara")]
    author = an_author()
    proposal = move_proposal(proposal=a_proposal(author, project=project), enters="commenting", by=author)
    ballot = call_ballot(project=project, decision="accept_change", question="Accept it?", proposal=proposal,
                         chosen=Chosen("1/2", "non_abstaining", True, 7), by=core[0])  # fmt: skip
    for user in core[:2]:
        choose(ballot=ballot, word="yes", by=user)
    assert Progress(proposal).decisions_passed == ()
    close(ballot)
    proposal.refresh_from_db()
    assert Progress(proposal).decisions_passed == ("accept_change",)
    proposal.moved_at = timezone.now()
    assert Progress(proposal).decisions_passed == (), "what an earlier state decided opens no later move"


def test_reminders_are_sent_once_of_a_kind_and_never_to_who_has_voted(
    council: list[User], django_capture_on_commit_callbacks
) -> None:
    for user in council:
        user.email = f"{user.username}@example.org"
        user.save()
    ballot = called(council[0])
    choose(ballot=ballot, word="yes", by=council[0])
    recuse(ballot=ballot, elector=elector(ballot, council[1]), reason="Mine.", by=council[1])
    with django_capture_on_commit_callbacks(execute=True):
        assert remind_electors() == 3
    assert remind_electors() == 0
    assert sorted(message.to[0] for message in mail.outbox) == [
        "cara@example.org",
        "dora@example.org",
        "edda@example.org",
    ]
    rewind(ballot.closes_at - timezone.now() - timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert remind_electors() == 3
    assert remind_electors() == 0
    assert "closes soon" in mail.outbox[-1].subject
    assert Reminder.objects.count() == 6


def test_what_awaits_an_elector_is_told_with_its_deadline(council: list[User]) -> None:
    ballot = called(council[0])
    now = timezone.now()
    assert awaited_votes(council[1].person, now) == [
        Awaited("vote", "Vote on “Shall looms be red?”.", f"/votes/{ballot.pk}/", ballot.closes_at)
    ]
    choose(ballot=ballot, word="no", by=council[1])
    assert awaited_votes(council[1].person, now) == []
    assert awaited_votes(an_author().person, now) == []
    assert awaited_votes(council[2].person, ballot.closes_at) == []


def test_what_it_still_needs_is_said() -> None:
    project = a_project("pytorch")
    core = [an_officer(f"c{i}", "core", project, kind="core") for i in range(4)]
    ballot = call_ballot(project=project, decision="remove_lead", question="Shall the lead go?",
                         members=[core[3].person], chosen=A_WEEK, by=core[0])  # fmt: skip
    choose(ballot=ballot, word="yes", by=core[0])
    words = standing(ballot).needs
    assert words.endswith("; 3 electors have not voted, 2 more yes are needed.")
    assert "anywhere on Earth" in words


def test_a_person_with_two_offices_votes_once() -> None:
    project = a_project("python")
    ada = an_officer("ada", "council", project, kind="council")
    second = an_office_of("council", project, kind="council", slug="python-council-2")
    begin_term(office=second, person=ada.person, on=LONG_AGO, source=SOURCE, by=None)
    ballot = call_ballot(project=project, decision="council_vote", question="x", chosen=A_WEEK, by=ada)
    assert ballot.electors.get().office == "office of python-council, office of python-council-2"


def test_nothing_is_half_done_when_the_record_fails(council: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    ballot = called(council[0])

    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the second write fails")

    monkeypatch.setattr("record.append", refuse, raising=False)
    with pytest.raises(RuntimeError, match="second write"), transaction.atomic():
        choose(ballot=ballot, word="yes", by=council[0])
    with pytest.raises(RuntimeError, match="second write"), transaction.atomic():
        called(council[1])
    assert not Choice.objects.exists()
    assert Ballot.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM governance_elector")
        assert cursor.fetchone() == (5,)


def test_who_told_of_a_conflict_is_recused_by_another_elector_where_the_charter_asks_it() -> None:
    project = a_project("pytorch")
    core = [an_officer(name, "core", project, kind="core") for name in ("ada", "bea", "cara", "dora")]
    ballot = call_ballot(project=project, decision="remove_core", question="Shall Dora go?", members=[core[3].person],
                         chosen=Chosen("1/2", "seated", True, 7), by=core[0])  # fmt: skip
    with pytest.raises(PermissionDenied, match="only after they have told of a conflict"):
        recuse(ballot=ballot, elector=elector(ballot, core[1]), reason="She is Dora's aunt.", by=core[0])
    tell_conflict(ballot=ballot, text="I am Dora's aunt.", by=core[1])
    recuse(ballot=ballot, elector=elector(ballot, core[1]), reason="She said so.", by=core[0])
    votes = standing(ballot).votes
    assert (votes.seated, votes.recused, votes.may_vote) == (4, 2, 2)
    with pytest.raises(PermissionDenied, match="Only who recused themself"):
        take_part_again(ballot=ballot, reason="No.", by=core[1])
