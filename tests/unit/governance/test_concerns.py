"""What stops a proposal: concerns, which only their raiser resolves, holds, and the final comment period's clock."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from governance.actions.comment_periods import begin_final_comment, note_end, stop_final_comment
from governance.actions.concerns import lift_hold, place_hold, raise_concern, resolve_concern
from governance.actions.ended import write_down_what_holds
from governance.actions.imported_proposals import ProposalRefused
from governance.actions.proposals import move_proposal, revise, take_position
from governance.models import CommentPeriod, Concern, Proposal, User
from governance.policies.proposals import may_resolve, why_not_begin_final_comment
from governance.progress import Progress
from record.models import Event
from tests.factories.people import a_person, a_project, an_account
from tests.factories.proposals import a_proposal, an_author, close, rewind, rust_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> list[User]:
    return rust_team("tess", "tilda", "thea")


@pytest.fixture
def proposal(team: list[User]) -> Proposal:
    return move_proposal(proposal=a_proposal(), enters="proposed_fcp", by=team[0])


def begun(proposal: Proposal, team: list[User], **more: object) -> CommentPeriod:
    for one in team[:2]:
        take_position(proposal=proposal, stand="agree", by=one)
    return begin_final_comment(proposal=proposal, disposition="merge", days=10, by=team[0], **more)


def test_only_the_raiser_resolves_a_concern(proposal: Proposal, team: list[User]) -> None:
    concern = raise_concern(proposal=proposal, name="Speed", text="How fast?", by=team[1])
    root = an_account("root", is_superuser=True, person=a_person("Rita Example"))
    for other in (team[0], team[2], an_author("olga"), root):
        with pytest.raises(PermissionDenied, match="Only Tilda Example, who raised it"):
            resolve_concern(concern=concern, reason="Fine.", by=other)
    resolve_concern(concern=concern, reason="Measured.", by=team[1])
    concern.refresh_from_db()
    assert not concern.is_open
    assert not may_resolve(team[1], concern, Progress(proposal))


def test_a_raiser_who_was_merged_still_resolves_their_own(proposal: Proposal, team: list[User]) -> None:
    concern = raise_concern(proposal=proposal, name="Speed", text="How fast?", by=team[1])
    kept = an_author("hanna")
    team[1].person.merged_into = kept.person
    team[1].person.save()
    concern.refresh_from_db()
    resolve_concern(concern=concern, reason="Measured.", by=kept)


def test_only_whom_the_charter_names_raises_a_concern(proposal: Proposal, team: list[User]) -> None:
    with pytest.raises(PermissionDenied, match="may raise a concern that blocks"):
        raise_concern(proposal=proposal, name="Speed", text="x", by=an_author("olga"))
    raise_concern(proposal=proposal, name="Speed", text="x", by=team[1])
    with pytest.raises(ProposalRefused, match="known already"):
        raise_concern(proposal=proposal, name=" speed ", text="x", by=team[2])


def test_who_and_when_belong_together(proposal: Proposal, team: list[User]) -> None:
    concern = raise_concern(proposal=proposal, name="Speed", text="x", by=team[1])
    with pytest.raises(IntegrityError, match="concern_resolved_by_whom_and_when"), transaction.atomic():
        Concern.objects.filter(pk=concern.pk).update(resolved_at=timezone.now())
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
        Concern.objects.filter(pk=concern.pk).delete()
    with pytest.raises(IntegrityError, match="concern_resolved_by_whom_and_when"), transaction.atomic():
        Concern.objects.filter(pk=concern.pk).update(resolved_by=team[1].person, resolution="When?")
    hold = place_hold(proposal=proposal, reason="Wait.", by=team[0])
    with pytest.raises(IntegrityError, match="hold_lifted"), transaction.atomic():
        type(hold).objects.filter(pk=hold.pk).update(lifted_by=team[0].person)


def test_the_period_begins_only_when_nothing_stands_in_its_way(proposal: Proposal, team: list[User]) -> None:
    concern = raise_concern(proposal=proposal, name="Speed", text="x", by=team[1])
    hold = place_hold(proposal=proposal, reason="Wait for the release.", by=team[2])
    reason = why_not_begin_final_comment(team[0], Progress(proposal))
    assert "the hold of Thea Example lifted" in reason
    assert "one concern must be resolved" in reason
    assert "(3 outstanding)" in reason
    resolve_concern(concern=concern, reason="Done.", by=team[1])
    lift_hold(hold=hold, reason="Released.", by=team[2])
    period = begun(proposal, team)
    proposal.refresh_from_db()
    assert proposal.state == "final_comment"
    assert Progress(proposal).running == period
    assert "one of two" not in period.filled_in


def test_where_the_sources_disagree_the_length_must_be_said(proposal: Proposal, team: list[User]) -> None:
    for one in team:
        take_position(proposal=proposal, stand="agree", by=one)
    for days in (None, 9, 0):
        with pytest.raises(ProposalRefused, match="Say which: 7 or 10 days"):
            begin_final_comment(proposal=proposal, disposition="merge", days=days, by=team[0])
    with pytest.raises(ProposalRefused, match="Say what it is for: merge, close, postpone"):
        begin_final_comment(proposal=proposal, days=7, by=team[0])
    with pytest.raises(ProposalRefused, match="no time zone"):
        begin_final_comment(proposal=proposal, disposition="merge", days=7, zone="Mars", by=team[0])
    period = begin_final_comment(proposal=proposal, disposition="merge", days=7, by=team[0])
    assert "Here: 7 days." in period.filled_in


def test_a_reading_that_would_not_let_it_begin_is_told(proposal: Proposal, team: list[User]) -> None:
    assert "disagree on whether it may begin with" in begun(proposal, team).filled_in


def test_it_closes_by_the_clock_with_every_worker_down(proposal: Proposal, team: list[User]) -> None:
    period = begun(proposal, team)
    lasts = period.closes_at - period.started_at
    assert timedelta(days=10) <= lasts < timedelta(days=11)
    assert period.closes_at.hour == 12, "the day is over anywhere on Earth at noon in UTC"
    rewind(period.closes_at - timezone.now() - timedelta(minutes=10))
    proposal.refresh_from_db()
    assert Progress(proposal).running
    with pytest.raises(PermissionDenied, match="final comment period that has run to its end"):
        move_proposal(proposal=proposal, enters="active", by=team[0])
    rewind(timedelta(minutes=11))
    proposal.refresh_from_db()
    progress = Progress(proposal)
    assert not progress.running
    assert progress.over == period
    assert move_proposal(proposal=proposal, enters="active", reason="Merged.", by=team[0]).state == "active"


def test_its_end_is_written_down_once(proposal: Proposal, team: list[User]) -> None:
    period = begun(proposal, team)
    assert write_down_what_holds()["periods"] == 0
    close(period)
    assert write_down_what_holds()["periods"] == 1
    assert write_down_what_holds()["periods"] == 0
    assert not note_end(period=period)
    assert Event.objects.filter(kind="proposal.final_comment_ended").count() == 1


@pytest.mark.parametrize("by", ["concern", "hold", "revision", "hand", "move"])
def test_what_stops_it_keeps_it_with_the_reason(by: str, proposal: Proposal, team: list[User]) -> None:
    period = begun(proposal, team)
    if by == "concern":
        raise_concern(proposal=proposal, name="Late", text="x", by=team[2])
    elif by == "hold":
        place_hold(proposal=proposal, reason="Wait.", by=team[2])
    elif by == "revision":
        revise(proposal=proposal, text="Other.", by=User.objects.get(username="wanda"))
    elif by == "hand":
        stop_final_comment(proposal=proposal, reason="New ideas.", by=team[1])
    else:
        move_proposal(proposal=proposal, enters="open", reason="New ideas.", by=team[1])
    period.refresh_from_db()
    proposal.refresh_from_db()
    assert period.stopped_at
    assert period.stopped_why
    assert proposal.state == "open", "the table leads back to open"
    close(period)
    assert Progress(proposal).over is None, "a stopped period never counts as run"
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
        CommentPeriod.objects.all().delete()


def test_a_period_of_an_earlier_round_does_not_count_again(proposal: Proposal, team: list[User]) -> None:
    close(begun(proposal, team))
    move_proposal(proposal=proposal, enters="open", reason="Once more.", by=team[0])
    proposal.refresh_from_db()
    assert Progress(proposal).over is None


def test_who_may_not_begin_or_stop_it_does_not(proposal: Proposal, team: list[User]) -> None:
    author = User.objects.get(username="wanda")
    with pytest.raises(PermissionDenied, match="No final comment period runs"):
        stop_final_comment(proposal=proposal, reason="x", by=team[0])
    for one in team:
        take_position(proposal=proposal, stand="agree", by=one)
    with pytest.raises(PermissionDenied, match="may begin it"):
        begin_final_comment(proposal=proposal, disposition="merge", days=7, by=author)
    begin_final_comment(proposal=proposal, disposition="merge", days=7, by=team[0])
    with pytest.raises(PermissionDenied, match="Only who may begin it"):
        stop_final_comment(proposal=proposal, reason="x", by=author)
    with pytest.raises(PermissionDenied, match="It runs already"):
        begin_final_comment(proposal=proposal, disposition="merge", days=7, by=team[0])


def test_a_hold_is_lifted_by_who_placed_it_or_a_decider(proposal: Proposal, team: list[User]) -> None:
    hold = place_hold(proposal=proposal, reason="Wait.", by=team[1])
    with pytest.raises(PermissionDenied, match="Only Tilda Example, who placed it, or a decider"):
        lift_hold(hold=hold, reason="x", by=an_author("olga"))
    lift_hold(hold=hold, reason="Enough.", by=team[0])
    with pytest.raises(PermissionDenied, match="It is lifted"):
        lift_hold(hold=hold, reason="Again.", by=team[0])
    with pytest.raises(PermissionDenied, match="placed by a reviewer"):
        place_hold(proposal=proposal, reason="x", by=an_author("petra"))


def test_a_hold_keeps_it_from_going_on_and_not_from_going_back(proposal: Proposal, team: list[User]) -> None:
    place_hold(proposal=proposal, reason="Wait.", by=team[1])
    assert move_proposal(proposal=proposal, enters="open", by=team[0]).state == "open"
    with pytest.raises(PermissionDenied, match="the hold of Tilda Example lifted"):
        move_proposal(proposal=proposal, enters="proposed_fcp", by=team[0])


def test_what_it_still_needs_is_said_with_names(proposal: Proposal, team: list[User]) -> None:
    raise_concern(proposal=proposal, name="Speed", text="x", by=team[1])
    take_position(proposal=proposal, stand="object", text="No.", by=team[2])
    needs = Progress(proposal).needs
    assert needs[0] == "Tilda Example to resolve the concern “Speed”, which only Tilda Example can."
    assert needs[1] == "2 positions: of Tess Example and Tilda Example."
    assert needs[2] == "An answer to Thea Example, who objects."
    assert needs[3].startswith("Before the final comment period can begin: one concern must be resolved")
    assert Progress(proposal).sentence == "RFC 1 is proposed for final comment and held by 1 concern."


def test_two_workers_that_stop_it_at_once_stop_it_once(proposal: Proposal, team: list[User]) -> None:
    period = begun(proposal, team)
    raise_concern(proposal=proposal, name="Late", text="x", by=team[2])
    place_hold(proposal=proposal, reason="Wait.", by=team[2])
    assert Event.objects.filter(kind="proposal.final_comment_stopped").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT stopped_why FROM governance_commentperiod WHERE id = %s", [period.pk])
        assert cursor.fetchone() == ("Thea Example raised the concern “Late”.",)


def test_a_project_without_such_periods_begins_none() -> None:
    author = an_author()
    proposal = a_proposal(author, project=a_project("pytorch"))
    with pytest.raises(PermissionDenied, match="has no final comment period"):
        begin_final_comment(proposal=proposal, by=author)
