"""Lazy consensus: silence for as long as the charter says, read from the clock, written down once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.utils import timezone

from ecosystem.models import Project
from governance import charter as charters
from governance.actions.charters import adopt_charter, publish_charter
from governance.actions.concerns import lift_hold, place_hold, raise_concern, resolve_concern
from governance.actions.ended import write_down_what_holds
from governance.actions.proposals import move_proposal, revise, take_position, withdraw_position
from governance.charter import text_of
from governance.models import Proposal, User
from governance.policies.proposals import may_move, why_not_move
from governance.progress import Progress
from governance.silence import Stretch, consent_from, stretches
from record.models import Event
from tests.factories.people import a_project
from tests.factories.proposals import a_proposal, a_read_proposal, an_author, an_officer, rewind

NIGHT = datetime(2026, 5, 1, tzinfo=UTC)
THREE = timedelta(days=3)


def on(day: float) -> datetime:
    """Return a moment so many days after the first of May."""
    return NIGHT + timedelta(days=day)


# -- the arithmetic ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disturbed", "expected"),
    [
        ([], 3),
        ([(1, None)], None),
        ([(1, 2)], 5),
        ([(1, 2), (4, 4.5)], 7.5),
        ([(1, 2), (1.5, 2.5)], 5.5),
        ([(3, None)], 3),
        ([(2.999, None)], None),
        ([(4, None)], 3),
        ([(0, 1)], 4),
        ([(-2, -1)], 3),
        ([(-2, 1)], 4),
    ],
)
def test_silence_is_consent_after_its_days_without_anything_against_it(
    disturbed: list[tuple[float, float | None]], expected: float | None
) -> None:
    against: list[Stretch] = [(on(first), None if end is None else on(end)) for first, end in disturbed]
    assert consent_from(NIGHT, THREE, disturbed=against) == (None if expected is None else on(expected))


@pytest.mark.parametrize(
    ("agreed", "approvals", "expected"),
    [
        ([], 1, None),
        ([(1, None)], 1, 3),
        ([(4, None)], 1, 4),
        ([(1, 2)], 1, None),
        ([(1, 2), (5, None)], 1, 5),
        ([(1, 5), (4, None)], 2, 4),
        ([(1, 4), (4, None)], 2, None),
    ],
)
def test_approvals_must_stand_at_the_end_or_later(
    agreed: list[tuple[float, float | None]], approvals: int, expected: float | None
) -> None:
    standing: list[Stretch] = [(on(first), None if end is None else on(end)) for first, end in agreed]
    found = consent_from(NIGHT, THREE, agreed=standing, approvals=approvals)
    assert found == (None if expected is None else on(expected))


def test_an_approval_after_an_objection_counts_from_the_new_silence() -> None:
    against: list[Stretch] = [(on(4), on(5))]
    assert consent_from(NIGHT, THREE, disturbed=against, agreed=[(on(6), None)], approvals=1) == on(8)


def test_stretches_are_read_from_what_was_begun_and_ended() -> None:
    steps = [(on(1), False), (on(2), True), (on(3), True), (on(4), False), (on(5), True)]
    assert stretches(steps) == [(on(2), on(4)), (on(5), None)]


# -- a proposal --------------------------------------------------------------------------------------------------------

pytest_db = pytest.mark.django_db


def rules(*, days: int = 3, late_objections_stop: bool = False) -> str:
    """Return Node's charter as it would be with days for lazy consensus."""
    text = text_of("node").replace("[proposal.lazy_consensus]\n", f"[proposal.lazy_consensus]\ndays = {days}\n")
    text = text.replace('"proposal.lazy_consensus.days", ', "")
    needs = "{ no_objection = true, lazy_consensus = true }"
    assert needs in text
    return text if late_objections_stop else text.replace(needs, "{ lazy_consensus = true }")


def opened(**more: bool) -> tuple[Project, User, User, Proposal]:
    """Return a project with a rule of lazy consensus, who may land, somebody of the council, and a proposal."""
    project = a_project("node")
    publish_charter(project=project, text=rules(**more), by=None)
    lander = an_officer("cole", "collaborator", project)
    tsc = an_officer("tess", "tsc", project, kind="council")
    return project, lander, tsc, a_proposal(an_author(), project=project)


def fresh(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_related("project").get(pk=proposal.pk)


def consensus_events() -> int:
    return Event.objects.filter(kind="proposal.lazy_consensus").count()


@pytest_db
def test_a_proposal_can_be_accepted_by_silence_once_its_days_are_over_with_every_worker_down() -> None:
    _, lander, _, proposal = opened()
    refusal = why_not_move(lander, Progress(proposal), "landed", "Fine.")
    assert refusal == "Not yet: lazy consensus: three days without an objection, a concern or a hold."
    rewind(THREE - timedelta(minutes=1))
    assert not may_move(lander, Progress(fresh(proposal)), "landed", "Fine.")
    rewind(timedelta(minutes=2))
    progress = Progress(fresh(proposal))
    assert progress.sentence.startswith("change 1 is open: it has lazy consensus since ")
    assert "nobody objected for three days (" in progress.sentence
    assert "Section 7. Voting" in progress.sentence
    moved = move_proposal(proposal=proposal, enters="landed", by=lander)
    assert moved.state == "landed"
    kinds = list(Event.objects.order_by("position").values_list("kind", flat=True))
    assert kinds[-2:] == ["proposal.lazy_consensus", "proposal.moved"]


@pytest_db
def test_an_objection_in_the_window_stops_it_and_it_begins_anew_when_withdrawn() -> None:
    _, lander, tsc, proposal = opened()
    rewind(timedelta(days=2))
    take_position(proposal=fresh(proposal), stand="object", text="No.", by=tsc)
    rewind(timedelta(days=5))
    progress = Progress(fresh(proposal))
    assert progress.consensus_at is None
    assert "Consensus: silence is no consent while somebody objects." in progress.needs
    assert not may_move(lander, progress, "landed", "Fine.")
    withdraw_position(proposal=fresh(proposal), by=tsc)
    rewind(timedelta(days=2))
    assert any(need.startswith("Silence until ") for need in Progress(fresh(proposal)).needs)
    rewind(timedelta(days=1, minutes=1))
    assert may_move(lander, Progress(fresh(proposal)), "landed", "Fine.")


@pytest_db
def test_a_concern_and_a_hold_stop_it_and_a_comment_does_not() -> None:
    _, _, tsc, proposal = opened()
    take_position(proposal=proposal, stand="comment", text="A thought.", by=tsc)
    concern = raise_concern(proposal=fresh(proposal), name="Noise", text="Loud.", by=tsc)
    hold = place_hold(proposal=fresh(proposal), reason="Wait.", by=tsc)
    rewind(timedelta(days=4))
    assert Progress(fresh(proposal)).consensus_at is None
    concern.refresh_from_db()
    resolve_concern(concern=concern, reason="Quiet now.", by=tsc)
    rewind(timedelta(days=4))
    progress = Progress(fresh(proposal))
    assert progress.consensus_at is None
    assert "Consensus: silence is no consent while a concern or a hold stands." in progress.needs
    hold.refresh_from_db()
    lift_hold(hold=hold, reason="Go on.", by=tsc)
    take_position(proposal=fresh(proposal), stand="comment", text="Another thought.", by=tsc)
    rewind(timedelta(days=3, minutes=1))
    assert Progress(fresh(proposal)).consensus_at is not None


@pytest_db
def test_a_new_text_begins_the_silence_anew() -> None:
    _, _, _, proposal = opened()
    rewind(timedelta(days=2))
    revise(proposal=fresh(proposal), text="Other words.", by=User.objects.get(username="wanda"))
    rewind(timedelta(days=2))
    assert Progress(fresh(proposal)).consensus_at is None
    rewind(timedelta(days=1, minutes=1))
    assert write_down_what_holds()["consensus"] == 1
    revise(proposal=fresh(proposal), text="Words again.", by=User.objects.get(username="wanda"))
    assert Progress(fresh(proposal)).consensus_at is None


@pytest_db
def test_an_objection_after_the_end_is_too_late_and_writes_down_first_what_held() -> None:
    _, lander, tsc, proposal = opened()
    rewind(timedelta(days=3, minutes=1))
    take_position(proposal=fresh(proposal), stand="object", text="Late.", by=tsc)
    kinds = list(Event.objects.order_by("position").values_list("kind", flat=True))
    assert kinds[-2:] == ["proposal.lazy_consensus", "proposal.position_taken"]
    assert may_move(lander, Progress(fresh(proposal)), "landed", "Fine.")


@pytest_db
def test_where_the_move_needs_that_nobody_objects_a_late_objection_stops_it_too() -> None:
    _, lander, tsc, proposal = opened(late_objections_stop=True)
    rewind(timedelta(days=3, minutes=1))
    take_position(proposal=fresh(proposal), stand="object", text="Late.", by=tsc)
    refusal = why_not_move(lander, Progress(fresh(proposal)), "landed", "Fine.")
    assert refusal == "Not yet: one objection must be withdrawn."


@pytest_db
def test_the_schedule_writes_it_down_once() -> None:
    _, _, _, proposal = opened()
    assert write_down_what_holds()["consensus"] == 0
    rewind(timedelta(days=3, minutes=1))
    ends = Progress(fresh(proposal)).consensus_at
    assert [write_down_what_holds()["consensus"] for _ in range(3)] == [1, 0, 0]
    assert (consensus_events(), fresh(proposal).consensus_at) == (1, ends)


@pytest_db
def test_the_moment_and_its_event_are_there_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, _, proposal = opened()
    rewind(timedelta(days=3, minutes=1))
    monkeypatch.setattr("governance.actions.lazy_consensus.record.append", failing)
    with pytest.raises(RuntimeError), transaction.atomic():
        write_down_what_holds()
    assert fresh(proposal).consensus_at is None


def failing(*args: object, **kwargs: object) -> None:
    raise RuntimeError("the second write fails")


@pytest_db
def test_a_rule_that_comes_into_force_decides_nothing_of_the_days_before_it() -> None:
    project = a_project("node")
    publish_charter(project=project, text=text_of("node"), by=None)
    proposal = a_proposal(project=project)
    rewind(timedelta(days=30))
    adopt_charter(
        project=project, text=rules(), decided_by="https://example.org/decided", on=timezone.localdate(), by=None
    )
    progress = Progress(fresh(proposal))
    assert progress.consensus_at is None
    assert progress.silence_from is not None
    assert timezone.localdate(progress.silence_from) == timezone.localdate()


@pytest_db
def test_where_the_charter_gives_no_days_nothing_is_counted_and_the_page_says_so() -> None:
    project = a_project("node")
    lander, tsc = an_officer("cole", "collaborator", project), an_officer("tess", "tsc", project, kind="council")
    proposal = a_proposal(project=project)
    progress = Progress(proposal)
    assert (progress.consensus_at, progress.consensus_words) == (None, "")
    assert any("the charter does not say after how long" in need for need in progress.needs)
    assert may_move(lander, progress, "landed", "Fine.")
    take_position(proposal=proposal, stand="object", text="No.", by=tsc)
    with pytest.raises(PermissionDenied, match="one objection must be withdrawn"):
        move_proposal(proposal=fresh(proposal), enters="landed", by=lander)


@pytest_db
def test_what_was_only_imported_never_passes_by_silence() -> None:
    project = a_project("node")
    publish_charter(project=project, text=rules(), by=None)
    proposal = a_read_proposal("1", "open", project=project)
    rewind(timedelta(days=300))
    assert Progress(fresh(proposal)).consensus_at is None
    assert write_down_what_holds()["consensus"] == 0


@pytest_db
def test_the_page_begins_with_since_when_and_by_which_rule(client: Client) -> None:
    _, _, _, proposal = opened()
    rewind(timedelta(days=3, minutes=1))
    page = client.get(proposal.get_absolute_url()).content.decode()
    assert "it has lazy consensus since " in page
    assert "nobody objected for three days" in page


def test_a_move_by_lazy_consensus_without_its_rule_is_a_fault() -> None:
    text = text_of("node").replace('[proposal.lazy_consensus]\nsource = "charter § Section 7. Voting"\n', "")
    text = text.replace('"proposal.lazy_consensus.days", ', "")
    with pytest.raises(charters.CharterRefused, match="no rule of lazy consensus"):
        charters.parse(text)
