"""Proposals: written, revised, positioned on, moved by the charter's table."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from ecosystem.models import Area
from governance.actions.ended import write_down_what_holds
from governance.actions.imported_proposals import ProposalRefused
from governance.actions.offices import begin_term
from governance.actions.proposals import (
    add_link,
    ask_reviewer,
    become_shepherd,
    cease_to_shepherd,
    move_proposal,
    place_proposal,
    remove_link,
    revise,
    take_position,
    withdraw_position,
)
from governance.models import Position, Proposal, Revision
from governance.policies.proposals import may_propose, may_revise, why_not_move
from governance.progress import Progress
from record.models import Event
from tests.factories.people import SOURCE, a_person, a_project, an_account
from tests.factories.proposals import (
    LONG_AGO,
    a_proposal,
    a_read_proposal,
    an_author,
    an_office_of,
    an_officer,
    rewind,
    rust_team,
)

pytestmark = pytest.mark.django_db


def kinds(proposal: Proposal) -> list[str]:
    return list(Event.objects.filter(subject=proposal.subject).order_by("position").values_list("kind", flat=True))


def test_a_proposal_begins_where_the_charter_lets_it_and_is_numbered() -> None:
    author = an_author()
    first = a_proposal(author)
    assert (first.number, first.slug, first.state) == ("1", "rust-1", "open")
    assert a_proposal(author, title="Another").number == "2"
    assert kinds(first) == ["proposal.opened"]
    assert [person.name for person in first.authors.all()] == ["Wanda Example"]


@pytest.mark.parametrize(
    ("title", "text"), [("", "x"), ("x" * 301, "x"), ("x", " \n"), ("x", "[" * 6000), ("a\x00", "b")]
)
def test_a_proposal_without_a_title_or_a_text_is_refused_and_nothing_is_written(title: str, text: str) -> None:
    with pytest.raises(ProposalRefused):
        a_proposal(title=title, text=text)
    assert not Proposal.objects.exists()


def test_who_acts_for_nobody_writes_nothing_not_even_the_administrator() -> None:
    project = a_project("rust")
    root = an_account("root", is_superuser=True, is_staff=True)
    for user in (AnonymousUser(), root, an_account("nobody")):
        assert not may_propose(user, project)
    with pytest.raises(PermissionDenied, match="acts for no known person"):
        a_proposal(root)


def test_a_project_without_a_charter_takes_no_proposal() -> None:
    with pytest.raises(PermissionDenied, match="no charter here"):
        a_proposal(project=a_project("loomery"))


def test_revisions_are_appended_and_never_changed() -> None:
    author = an_author()
    proposal = a_proposal(author)
    revise(proposal=proposal, text="# Why\n\nTwo shuttles.\n", note="two", seen=1, by=author)
    assert list(proposal.revisions.values_list("number", flat=True)) == [2, 1]
    for wrong in ("UPDATE governance_revision SET text = ''", "DELETE FROM governance_revision"):
        with pytest.raises(IntegrityError, match="appended"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(wrong)


def test_a_revision_over_somebody_elses_is_refused_and_so_is_the_same_text() -> None:
    author = an_author()
    proposal = a_proposal(author)
    revise(proposal=proposal, text="Two.", seen=1, by=author)
    with pytest.raises(ProposalRefused, match="Revision 2 was written since"):
        revise(proposal=proposal, text="Three.", seen=1, by=author)
    with pytest.raises(ProposalRefused, match="Nothing was changed"):
        revise(proposal=proposal, text="Two.", seen=2, by=author)
    assert Revision.objects.count() == 2


def test_only_authors_and_shepherds_revise() -> None:
    author, (tess,) = an_author(), rust_team("tess")
    proposal = a_proposal(author)
    assert not may_revise(tess, Progress(proposal))
    become_shepherd(proposal=proposal, by=tess)
    revise(proposal=proposal, text="By the shepherd.", by=tess)
    cease_to_shepherd(proposal=proposal, by=tess)
    with pytest.raises(PermissionDenied, match="Only its authors and shepherds"):
        revise(proposal=proposal, text="Again.", by=tess)


def test_a_shepherd_holds_an_office() -> None:
    proposal = a_proposal()
    with pytest.raises(PermissionDenied, match="holds an office"):
        become_shepherd(proposal=proposal, by=an_author("olga"))


def test_the_latest_position_counts_and_all_stay() -> None:
    author, (tess,) = an_author(), rust_team("tess")
    proposal = a_proposal(author)
    take_position(proposal=proposal, stand="object", text="Too slow.", by=tess)
    take_position(proposal=proposal, stand="agree", by=tess)
    take_position(proposal=proposal, stand="comment", text="Well done.", by=tess)
    held = Progress(proposal).positions
    assert [position.stand for position in held.values()] == ["agree"], "a comment leaves the stand as it was"
    withdraw_position(proposal=proposal, by=tess)
    assert Progress(proposal).positions == {}
    assert Position.objects.count() == 4


def test_an_objection_needs_words() -> None:
    (tess,) = rust_team("tess")
    proposal = a_proposal()
    for stand in ("object", "comment"):
        with pytest.raises(ProposalRefused, match="need words"):
            take_position(proposal=proposal, stand=stand, by=tess)
    with pytest.raises(ProposalRefused, match="Say agree"):
        take_position(proposal=proposal, stand="withdrawn", by=tess)
    with pytest.raises(PermissionDenied, match="no position to withdraw"):
        withdraw_position(proposal=proposal, by=tess)


def test_who_was_merged_into_somebody_counts_once() -> None:
    tess, tilda = rust_team("tess", "tilda")
    proposal = a_proposal()
    take_position(proposal=proposal, stand="agree", by=tess)
    take_position(proposal=proposal, stand="object", text="No.", by=tilda)
    tilda.person.merged_into = tess.person
    tilda.person.save()
    progress = Progress(proposal)
    assert [(p.name, q.stand) for p, q in progress.positions.items()] == [("Tess Example", "object")]
    assert len(progress.reviews) == 1


def test_a_read_proposal_is_only_shown() -> None:
    proposal = a_read_proposal(project=a_project("rust"), state="some other word")
    (tess,) = rust_team("tess")
    with pytest.raises(PermissionDenied, match="kept elsewhere"):
        take_position(proposal=proposal, stand="agree", by=tess)


def test_only_the_table_moves_a_proposal() -> None:
    author, (tess,) = an_author(), rust_team("tess")
    proposal = a_proposal(author)
    for enters in ("active", "nonsense"):
        with pytest.raises(PermissionDenied, match="No rule of the charter leads"):
            move_proposal(proposal=proposal, enters=enters, by=tess)
    with pytest.raises(PermissionDenied, match="Only any .* may make this move".replace(".*", "team member")):
        move_proposal(proposal=proposal, enters="proposed_fcp", by=author)
    moved = move_proposal(proposal=proposal, enters="proposed_fcp", by=tess)
    assert moved.state == "proposed_fcp"
    assert kinds(proposal)[-1] == "proposal.moved"


def test_a_move_says_what_is_missing() -> None:
    (tess,) = rust_team("tess")
    proposal = move_proposal(proposal=a_proposal(), enters="proposed_fcp", by=tess)
    reason = why_not_move(tess, Progress(proposal), "final_comment")
    assert "fewer reviews outstanding (1) than complete (0)" in reason


def test_a_period_with_a_clock_is_begun_and_not_entered_by_the_table() -> None:
    (tess,) = rust_team("tess")
    proposal = move_proposal(proposal=a_proposal(), enters="proposed_fcp", by=tess)
    take_position(proposal=proposal, stand="agree", by=tess)
    assert "Begin its final comment period instead" in why_not_move(tess, Progress(proposal), "final_comment")


def test_where_the_charter_leaves_open_who_moves_a_decider_does_with_a_reason() -> None:
    project = a_project("pytorch")
    core, author = an_officer("cora", "core", project, kind="core"), an_author()
    proposal = move_proposal(proposal=a_proposal(author, project=project), enters="commenting", by=author)
    with pytest.raises(PermissionDenied, match="here deciders and shepherds"):
        move_proposal(proposal=proposal, enters="shelved", reason="Later.", by=author)
    with pytest.raises(PermissionDenied, match="give the reason"):
        move_proposal(proposal=proposal, enters="accepted", by=core)
    accepted = move_proposal(proposal=proposal, enters="accepted", reason="Agreed at the meeting.", by=core)
    assert (accepted.state, accepted.outcome) == ("accepted", "Agreed at the meeting.")
    with pytest.raises(PermissionDenied, match="implementation merged"):
        move_proposal(proposal=proposal, enters="closed", by=core)
    place_proposal(proposal=proposal, areas=[], release=None, implementation="https://example.org/1", by=core)
    assert move_proposal(proposal=proposal, enters="closed", by=core).state == "closed"


def test_idle_proposals_are_stalled_at_the_moment_they_are_read_and_written_down_once() -> None:
    project, author = a_project("pytorch"), an_author()
    proposal = move_proposal(proposal=a_proposal(author, project=project), enters="commenting", by=author)
    rewind(timedelta(days=13, hours=23))
    proposal.refresh_from_db()
    assert not Progress(proposal).is_stalled
    assert write_down_what_holds()["stalled"] == 0
    rewind(timedelta(hours=2))
    proposal.refresh_from_db()
    assert Progress(proposal).is_stalled, "no worker has run"
    assert write_down_what_holds()["stalled"] == 1
    assert write_down_what_holds()["stalled"] == 0
    proposal.refresh_from_db()
    assert proposal.state == "stalled"
    assert Event.objects.filter(subject=proposal.subject).latest("position").actor == "schedule"
    core = an_officer("cora", "core", project, kind="core")
    move_proposal(proposal=proposal, enters="commenting", reason="It goes on.", by=core)
    assert write_down_what_holds()["stalled"] == 0


@pytest.mark.parametrize("act", ["position", "revision", "link"])
def test_anything_that_happens_ends_idleness(act: str) -> None:
    project, author = a_project("pytorch"), an_author()
    proposal = move_proposal(proposal=a_proposal(author, project=project), enters="commenting", by=author)
    rewind(timedelta(days=20))
    if act == "position":
        take_position(proposal=proposal, stand="comment", text="Still here.", by=author)
    elif act == "revision":
        revise(proposal=proposal, text="New.", by=author)
    else:
        add_link(proposal=proposal, url="https://example.org/", by=author)
    proposal.refresh_from_db()
    assert not Progress(proposal).is_stalled


def test_reviewers_are_the_charters_and_who_is_asked_by_name() -> None:
    tess, _ = rust_team("tess", "tilda")
    author = an_author()
    proposal = a_proposal(author)
    ask_reviewer(proposal=proposal, person=a_person("Nora Example"), by=author)
    ask_reviewer(proposal=proposal, person=a_person("Edda Example"), by=tess)
    assert [review.person.name for review in Progress(proposal).reviews] == [
        "Edda Example",
        "Nora Example",
        "Tess Example",
        "Tilda Example",
    ]
    with pytest.raises(PermissionDenied, match="Only its authors, its shepherds"):
        ask_reviewer(proposal=proposal, person=author.person, by=an_author("olga"))


def test_maintainers_of_a_proposals_areas_are_asked_where_the_charter_names_nobody() -> None:
    project = a_project("pytorch")
    area = Area.objects.create(project=project, slug="looms", name="Looms", source=SOURCE)
    office = an_office_of("module", project, kind="area", area=area, slug="looms-keeper")
    begin_term(office=office, person=an_author("kira").person, on=LONG_AGO, source=SOURCE, by=None)
    proposal = a_proposal(project=project, areas=[area])
    assert [review.person.name for review in Progress(proposal).reviews] == ["Kira Example"]
    assert Progress(proposal).needs[0] == "1 position: of Kira Example."


@pytest.mark.parametrize(
    ("url", "kind", "label"),
    [
        ("https://github.com/looms/rfcs/pull/12", "pull_request", "looms/rfcs#12"),
        ("https://github.com/looms/rfcs/issues/7#issuecomment-1", "issue", "looms/rfcs#7"),
        ("https://github.com/looms/rfcs/discussions/3?x=1", "discussion", "looms/rfcs#3"),
        ("https://example.org/text", "document", "example.org/text"),
    ],
)
def test_a_link_is_named_for_what_it_leads_to(url: str, kind: str, label: str) -> None:
    author = an_author()
    link = add_link(proposal=a_proposal(author), url=url, by=author)
    assert (link.kind, link.label) == (kind, label)
    with pytest.raises(ProposalRefused, match="linked already"):
        add_link(proposal=link.proposal, url=url, by=author)
    assert remove_link(link=link, by=author).removed_at
    add_link(proposal=link.proposal, url=url, by=author)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://example.org", "ftp://example.org", "https://", "x", "https://a:b@example.org/",
     "https://example.org/" + "x" * 300, "https://exa mple.org/", ""],
)  # fmt: skip
def test_an_address_that_is_none_of_the_web_is_refused(url: str) -> None:
    author = an_author()
    with pytest.raises(ProposalRefused):
        add_link(proposal=a_proposal(author), url=url, by=author)


def test_nothing_is_half_done_when_the_record_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    (tess,) = rust_team("tess")
    proposal = a_proposal()

    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the second write fails")

    monkeypatch.setattr("record.append", refuse, raising=False)
    with pytest.raises(RuntimeError, match="second write"), transaction.atomic():
        move_proposal(proposal=proposal, enters="proposed_fcp", by=tess)
    with pytest.raises(RuntimeError, match="second write"), transaction.atomic():
        take_position(proposal=proposal, stand="agree", by=tess)
    proposal.refresh_from_db()
    assert proposal.state == "open"
    assert not Position.objects.exists()
