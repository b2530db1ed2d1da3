"""A change of the charter as a decision under the charter: proposed with its text, voted on, adopted as it was."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance import charter as rules
from governance.actions.charters import AdoptionRefused, adopt_charter, publish_charter
from governance.actions.charters_proposed import adopt_change, propose_change, revise_change
from governance.actions.concerns import raise_concern
from governance.actions.imported_proposals import ProposalRefused
from governance.actions.proposals import move_proposal, revise
from governance.charter.articles import articles
from governance.models import CharterChange, CharterVersion, Office, Proposal, User
from governance.policies.charters import may_adopt, why_not_adopt
from governance.progress import Progress
from governance.queries.charters import history_of
from governance.queries.charters_awaited import awaited_of_charters
from governance.queries.charters_proposed import (
    Amendment,
    adopting_roles,
    agreeing_states,
    amendment_words,
    decisions_that_amend,
)
from record.models import Event
from tests.factories.charters import STRICTER, a_change, a_vote_on, the_loom, weavers
from tests.factories.people import a_project
from tests.factories.proposals import an_author, an_officer
from tests.unit.charter.small import SMALL, changed

pytestmark = pytest.mark.django_db

STRICTEST = changed('value = "2/3"', 'value = "90 %"')
ELSEWHERE = "https://example.org/decisions/7"


def today() -> date:
    return timezone.localdate()


@pytest.fixture
def ws() -> list[User]:
    the_loom()
    return weavers("wim", "wera", "wolf")


def of(change: CharterChange) -> Amendment:
    """Return how a change stands now."""
    return Amendment(Progress(Proposal.objects.get(pk=change.revision.proposal_id)))


def adopt(change: CharterChange, by: User, **more: object) -> CharterVersion:
    given = {"proposal": change.revision.proposal, "seen": change.digest, "on": today(), "by": by}
    return adopt_change(**{**given, **more})


# -- proposed --------------------------------------------------------------------------------------------------------


def test_a_change_is_a_proposal_whose_revision_carries_the_text_and_names_its_digest(ws: list[User]) -> None:
    change = a_change(an_author())
    digest = sha256(STRICTER.encode()).hexdigest()
    assert (change.text, change.digest, change.follows.number) == (STRICTER, digest, 1)
    revision = change.revision
    assert revision.text.startswith("Two thirds are few.\n\n---\n")
    assert revision.text.endswith(f"with the SHA-256 `{digest}`.\n")
    event = Event.objects.get(kind="charter.change_proposed")
    assert event.subject == "proposal/loom-1"
    assert event.data["changes"] == [
        "Decision “Appoint a weaver”: threshold: at least 2/3 of all who may vote → at least 75 % of all who may vote."
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("schema = 1", "This is no charter"),
        ("schema = ", "no TOML"),
        (SMALL, "changes nothing of version 1"),
        (SMALL + "# a comment\n", "changes nothing of version 1"),
        (changed('project = "loom"', 'project = "spindle"'), "the charter of spindle, not of loom"),
    ],
)
def test_what_is_no_change_is_refused_and_stores_nothing(ws: list[User], text: str, words: str) -> None:
    before = Event.objects.count()
    with pytest.raises(AdoptionRefused, match=words):
        a_change(ws[0], text=text)
    assert (Proposal.objects.count(), CharterChange.objects.count(), Event.objects.count()) == (0, 0, before)


def test_a_change_without_a_reason_is_refused(ws: list[User]) -> None:
    with pytest.raises(ProposalRefused, match="The text is empty"):
        propose_change(project=a_project("loom"), title="x", why=" \n", text=STRICTER, by=ws[0])
    assert not Proposal.objects.exists()


def test_each_revision_keeps_its_own_text_and_one_ending(ws: list[User]) -> None:
    change = a_change(ws[0])
    later = revise_change(
        proposal=change.revision.proposal, title="", why=change.revision.text, text=STRICTEST, seen=1, by=ws[0]
    )
    assert (later.revision.number, later.text) == (2, STRICTEST)
    assert later.revision.text.count("SHA-256") == 1
    assert CharterChange.objects.get(pk=change.pk).text == STRICTER


def test_a_proposal_that_carries_no_charter_is_given_none_later(ws: list[User]) -> None:
    from tests.factories.proposals import a_proposal

    plain = a_proposal(ws[0], project=a_project("loom"))
    with pytest.raises(AdoptionRefused, match="carries no charter"):
        revise_change(proposal=plain, title="x", why="x", text=STRICTER, by=ws[0])


def test_only_authors_and_shepherds_revise(ws: list[User]) -> None:
    change = a_change(ws[0])
    with pytest.raises(PermissionDenied, match="Only its authors"):
        revise_change(proposal=change.revision.proposal, title="x", why="x", text=STRICTEST, by=ws[1])


def test_the_database_keeps_what_a_revision_carried(ws: list[User]) -> None:
    a_change(ws[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        CharterChange.objects.update(text="x")


# -- accepted and adopted --------------------------------------------------------------------------------------------


def test_what_was_voted_on_is_adopted_to_the_letter_and_the_record_tells_by_what(ws: list[User]) -> None:
    change = a_change(an_author())
    assert of(change).in_the_way.startswith("It is not accepted. Change the rules: decided by the weavers")
    vote = a_vote_on(change.revision.proposal, *ws)
    assert of(change).in_the_way == ""
    assert of(change).sentence == (
        f"This change of the charter is accepted by vote {vote.pk}: revision 1 can be adopted as it was voted on."
    )
    version = adopt(change, ws[1])
    assert (version.number, version.text, version.digest) == (2, STRICTER, change.digest)
    assert (version.in_force_from, version.decided_by) == (today(), vote.subject)
    event = Event.objects.get(kind="charter.adopted")
    assert event.summary == (
        f"Version 2 of the rules of Loom was adopted by {vote.subject}, in force from {today()}; by the proposal 1."
    )
    assert (event.data["proposal"], event.data["revision"], event.data["left_open"]) == ("loom-1", 1, [])
    assert of(change).sentence.startswith("This change of the charter is version 2, in force from ")
    with pytest.raises(AdoptionRefused, match=r"It is version 2 of the charter\."):
        adopt(change, ws[1])


def asked_of(user: User) -> list[str]:
    """Return what a charter's change asks of somebody."""
    assert user.person is not None
    return [one.words for one in awaited_of_charters(user.person, timezone.now())]


def test_who_may_adopt_an_accepted_change_is_asked_to(ws: list[User]) -> None:
    change = a_change(ws[0])
    assert asked_of(ws[0]) == []
    a_vote_on(change.revision.proposal, *ws)
    assert asked_of(ws[1]) == ["Adopt the change of the charter that pattern 1 proposed: it is accepted."]
    assert asked_of(an_author("ada")) == []
    adopt(change, ws[1])
    assert asked_of(ws[1]) == []


def test_a_vote_that_no_worker_wrote_down_is_written_down_first(ws: list[User]) -> None:
    change = a_change(ws[0])
    vote = a_vote_on(change.revision.proposal, *ws)
    assert vote.decided_at is None
    adopt(change, ws[0])
    vote.refresh_from_db()
    assert vote.carried is True
    kinds = list(Event.objects.order_by("position").values_list("kind", flat=True))
    assert kinds.index("vote.decided") < kinds.index("charter.adopted")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"word": "no"}, "It is not accepted"),
        ({"over": False}, "A vote on it is under way"),
        ({"decision": "appoint"}, "It is not accepted"),
    ],
)
def test_what_no_vote_on_the_rules_has_accepted_is_not_adopted(
    ws: list[User], how: dict[str, object], words: str
) -> None:
    change = a_change(ws[0])
    a_vote_on(change.revision.proposal, *ws, **how)
    with pytest.raises(AdoptionRefused, match=words):
        adopt(change, ws[0])
    assert CharterVersion.objects.count() == 1


def test_the_last_vote_on_it_counts(ws: list[User]) -> None:
    change = a_change(ws[0])
    a_vote_on(change.revision.proposal, *ws)
    a_vote_on(change.revision.proposal, *ws, word="no")
    with pytest.raises(AdoptionRefused, match="It is not accepted"):
        adopt(change, ws[0])


def test_a_revision_after_the_vote_was_called_is_not_what_is_adopted(ws: list[User]) -> None:
    change = a_change(ws[0])
    a_vote_on(change.revision.proposal, *ws)
    later = revise_change(proposal=change.revision.proposal, title="", why="More.", text=STRICTEST, by=ws[0])
    with pytest.raises(AdoptionRefused, match=f"You were shown another text: .* {change.digest}"):
        adopt(later, ws[0])
    assert adopt(change, ws[0]).text == STRICTER


def test_a_revision_that_carries_no_charter_cannot_be_adopted(ws: list[User]) -> None:
    change = a_change(ws[0])
    revise(proposal=change.revision.proposal, text="Other words, without a charter.", by=ws[0])
    a_vote_on(change.revision.proposal, *ws)
    with pytest.raises(AdoptionRefused, match="carried no changed charter"):
        adopt(change, ws[0])


def test_a_charter_that_changed_meanwhile_refuses_what_was_written_for_the_one_before(ws: list[User]) -> None:
    change, rival = a_change(ws[0]), a_change(ws[1], text=STRICTEST, title="Stricter still")
    a_vote_on(change.revision.proposal, *ws)
    a_vote_on(rival.revision.proposal, *ws)
    adopt(rival, ws[0])
    with pytest.raises(AdoptionRefused, match="Version 2 was adopted meanwhile, and this changes version 1"):
        adopt(change, ws[0], on=today() + timedelta(days=1))
    assert CharterVersion.objects.count() == 2


def test_a_concern_stands_in_the_way(ws: list[User]) -> None:
    change = a_change(ws[0])
    a_vote_on(change.revision.proposal, *ws)
    raise_concern(proposal=change.revision.proposal, name="noise", text="Louder.", by=ws[2])
    with pytest.raises(AdoptionRefused, match="A concern stands"):
        adopt(change, ws[0])


@pytest.mark.parametrize(("days", "words"), [(-1, "ended on"), (367, "more than a year away")])
def test_a_first_day_before_the_vote_or_a_year_away_is_refused(ws: list[User], days: int, words: str) -> None:
    change = a_change(ws[0])
    a_vote_on(change.revision.proposal, *ws)
    with pytest.raises(AdoptionRefused, match=words):
        adopt(change, ws[0], on=today() + timedelta(days=days))


def test_who_does_not_hold_the_office_adopts_nothing(ws: list[User]) -> None:
    change = a_change(ws[0])
    a_vote_on(change.revision.proposal, *ws)
    author = an_author("ada")
    assert why_not_adopt(author, a_project("loom")) == (
        "Only the weavers may bring a version of these rules into force."
    )
    with pytest.raises(PermissionDenied, match="Only the weavers"):
        adopt(change, author)
    assert not may_adopt(User.objects.create_superuser("root"), a_project("loom")), "no flag helps"


def test_a_failing_record_leaves_no_version(ws: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    change = a_change(ws[0])
    a_vote_on(change.revision.proposal, *ws)

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the record is full")

    monkeypatch.setattr("record.append", fail, raising=False)
    with pytest.raises(RuntimeError), transaction.atomic():
        adopt(change, ws[0])
    assert CharterVersion.objects.count() == 1


def test_the_command_and_the_button_use_a_vote_once_between_them(ws: list[User]) -> None:
    change = a_change(ws[0])
    vote = a_vote_on(change.revision.proposal, *ws)
    adopt(change, ws[0])
    with pytest.raises(AdoptionRefused, match="made a version already"):
        adopt_charter(
            project=a_project("loom"), text=STRICTEST, decided_by=vote.subject, on=today() + timedelta(days=1), by=None
        )


# -- where the charter leaves its own change open --------------------------------------------------------------------

OPEN = SMALL[: SMALL.index("[decisions.change_charter]")] + (
    '[decisions.accept]\ntitle = "Accept a pattern"\nkind = "proposal"\nmethod = "discussion"\n'
    'nominator = ["anyone"]\ndecider = ["weaver"]\nsource = "rules § Patterns"\n\n'
    + SMALL[SMALL.index("[proposal]") :]
    + '\n[gaps.change]\nquestion = "How are these rules changed?"\nmatters = "Nobody knows."\n'
    'at = ["decisions.change_charter"]\n'
)


def test_a_charter_that_leaves_its_change_open_says_so_and_takes_a_vote_as_on_any_proposal() -> None:
    the_loom(OPEN)
    ws = weavers("wim", "wera", "wolf")
    read = rules.parse(OPEN)
    assert amendment_words(read) == (
        "The text does not say how it is changed. "
        "Here it takes a vote as on any proposal (Accept a pattern); "
        "what it must reach is said with the vote."
    )
    assert adopting_roles(read) == ("weaver",), "the core maintainers, where the charter names nobody"
    change = a_change(ws[0], text=changed('value = "2/3"', 'value = "75 %"', text=OPEN))
    vote = a_vote_on(change.revision.proposal, *ws, decision="accept")
    assert "The charter does not say what it must reach." in vote.filled_in
    version = adopt(change, ws[0])
    assert version.decided_by == vote.subject
    event = Event.objects.get(kind="charter.adopted")
    assert event.summary.endswith("; by the proposal 1; the rules did not say how they are changed.")
    assert event.data["left_open"] == ["How are these rules changed?"]


def test_the_command_takes_the_same_vote_under_a_charter_that_leaves_its_change_open() -> None:
    the_loom(OPEN)
    ws = weavers("wim", "wera", "wolf")
    change = a_change(ws[0], text=changed('value = "2/3"', 'value = "75 %"', text=OPEN))
    vote = a_vote_on(change.revision.proposal, *ws, decision="accept")
    from governance.actions.ballots import write_down

    write_down(ballot=vote)
    version = adopt_charter(
        project=a_project("loom"), text=change.text, decided_by="proposal/loom-1", on=today(), by=None
    )
    assert version.decided_by == vote.subject


@pytest.mark.parametrize(
    ("project", "decisions"),
    [("pytorch", ("accept_change",)), ("rust", ("accept_rfc",)), ("python", ("change_charter",)),
     ("node", ("change_charter",))],
)  # fmt: skip
def test_which_decision_changes_a_shipped_charter(project: str, decisions: tuple[str, ...]) -> None:
    assert decisions_that_amend(rules.load(project)) == decisions


@pytest.mark.parametrize(
    ("project", "agreeing", "not_agreeing"),
    [
        ("pytorch", "accepted", "shelved"),
        ("rust", "active", "postponed"),
        ("node", "landed", "closed"),
        ("kubernetes", "implementable", "rejected"),
    ],
)
def test_a_state_that_follows_from_agreement_is_told_from_a_refusal(
    project: str, agreeing: str, not_agreeing: str
) -> None:
    table = rules.load(project).proposal
    assert table is not None
    assert agreeing in agreeing_states(table)
    assert not_agreeing not in agreeing_states(table)


def test_what_was_laid_aside_after_its_vote_is_not_adopted() -> None:
    project = a_project("pytorch")
    publish_charter(project=project, text=rules.text_of("pytorch"), by=None)
    cores = [an_officer(name, "core", project, kind=Office.Kind.CORE) for name in ("cleo", "carl", "cora")]
    text = rules.text_of("pytorch").replace('value = "75 %"', 'value = "2/3"')
    changes = [
        propose_change(project=project, title=title, why="Three quarters are many.", text=text, by=cores[0])
        for title in ("One", "Two")
    ]
    for change, enters in zip(changes, ("shelved", "accepted"), strict=True):
        proposal = change.revision.proposal
        move_proposal(proposal=proposal, enters="commenting", by=cores[0])
        a_vote_on(proposal, *cores, decision="accept_change")
        move_proposal(proposal=proposal, enters=enters, reason="So the vote.", by=cores[1])
    with pytest.raises(AdoptionRefused, match="It was moved to shelved after its vote"):
        adopt(changes[0], cores[1])
    assert adopt(changes[1], cores[1]).number == 2


# -- what it changes, and the history --------------------------------------------------------------------------------


def test_articles_that_come_change_and_go_and_gaps_that_open_and_close() -> None:
    old = rules.parse(OPEN)
    new = rules.parse(STRICTER)
    found = articles(old, new)
    assert found.sentence == "It adds one article, changes one article, removes one article and closes one gap."
    assert [one.name for one in found.added] == ["Decision “Change the rules”"]
    section = found.added[0].section
    assert section is not None
    assert any("more than 60 %" in sentence.words for sentence in section.sentences)
    assert [gap.question for gap in found.closed] == ["How are these rules changed?"]
    back = articles(new, old)
    assert [gap.question for gap in back.opened] == ["How are these rules changed?"]
    assert articles(new, new).nothing


def test_the_history_has_half_open_ranges_and_what_made_each_version(ws: list[User]) -> None:
    change = a_change(ws[0])
    vote = a_vote_on(change.revision.proposal, *ws)
    adopt(change, ws[0])
    tomorrow = today() + timedelta(days=1)
    adopt_charter(project=a_project("loom"), text=SMALL, decided_by=ELSEWHERE, on=tomorrow, by="adopt_charter")
    assert [
        (one.version.number, one.version.in_force_from, one.until, one.decision, one.standing)
        for one in history_of(a_project("loom"))
    ] == [
        (3, tomorrow, None, ELSEWHERE, "entered, not confirmed"),
        (2, today(), tomorrow, f"vote {vote.pk} on the proposal 1", "decided here"),
        (1, None, today(), "as published at https://example.org/rules", "taken as published"),
    ]
