"""Versions of a charter: kept for ever, each made by a decision under the one before it."""

import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from ecosystem.models import Project
from governance import charter as rules
from governance.actions.charters import AdoptionRefused, adopt_charter, publish_charter
from governance.models import Ballot, Charter, CharterVersion, Proposal
from governance.queries.charters import charter_of, version_in_force
from record.models import Event
from tests.factories.people import SOURCE, a_person, a_signatory, an_account
from tests.unit.charter.small import SMALL, changed

pytestmark = pytest.mark.django_db

STRICTEST = changed('value = "2/3"', 'value = "90 %"')
STRICTER = changed('value = "2/3"', 'value = "75 %"')
CLOSED = datetime(2026, 4, 20, 12, tzinfo=UTC)
MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)
ELSEWHERE = "https://example.org/decisions/7"


@pytest.fixture
def loom() -> Project:
    return Project.objects.create(slug="loom", name="Loom", source=SOURCE)


@pytest.fixture
def first(loom: Project) -> CharterVersion:
    return publish_charter(project=loom, text=SMALL, by=None)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def a_vote(
    project: Project,
    *,
    decision: str = "change_charter",
    carried: bool | None = True,
    text: str = f"The new text has the digest {digest(STRICTER)}.",
    proposal: Proposal | None = None,
) -> Ballot:
    """Return a vote on a project's charter, and how it ended."""
    closed = CLOSED
    ended = {"decided_at": closed, "carried": carried, "arithmetic": "7 of 9"} if carried is not None else {}
    return Ballot.objects.create(
        project=project,
        kind=Ballot.Kind.CHARTER,
        decision=decision,
        question="Change the rules?",
        text=text,
        proposal=proposal,
        electorate=["weaver"],
        base="cast",
        share_numerator=2,
        share_denominator=3,
        called_by=a_person(f"Caller {Ballot.objects.count()}"),
        called_at=closed - timedelta(days=9),
        opened_at=closed - timedelta(days=8),
        closes_at=closed,
        days=8,
        zone="UTC",
        **ended,
    )


def adopt(project: Project, **more: object) -> CharterVersion:
    """Adopt the stricter version by a decision taken elsewhere, unless told otherwise."""
    given = {"text": STRICTER, "decided_by": ELSEWHERE, "on": MAY, "by": None}
    return adopt_charter(project=project, **{**given, **more})


def test_the_first_version_is_as_published(first: CharterVersion) -> None:
    assert (first.number, first.in_force_from) == (1, None)
    assert first.decided_by == "as published at https://example.org/rules"
    assert first.digest == sha256(SMALL.encode()).hexdigest()
    event = Event.objects.get(kind="charter.published")
    assert event.summary == "The rules of Loom were entered, as published at https://example.org/rules."
    assert event.subject == "charter/loom"


def test_a_long_address_of_the_published_text_is_refused_in_words(loom: Project) -> None:
    long = changed('published = "https://example.org/rules"', f'published = "https://example.org/{"r" * 400}"')
    with pytest.raises(AdoptionRefused, match="shorten it"):
        publish_charter(project=loom, text=long, by=None)
    assert not CharterVersion.objects.exists()


def test_a_second_first_version_is_refused(loom: Project, first: CharterVersion) -> None:
    with pytest.raises(AdoptionRefused, match="needs the decision"):
        publish_charter(project=loom, text=SMALL, by=None)


def test_adopting_is_in_the_record_with_what_changed(loom: Project, first: CharterVersion) -> None:
    version = adopt(loom)
    event = Event.objects.get(kind="charter.adopted")
    assert event.summary == (
        f"Version 2 of the rules of Loom was adopted by {ELSEWHERE}, in force from 2026-05-01; "
        "entered, not confirmed by a second holder of an office."
    )
    assert event.data["changes"] == [
        "Decision “Appoint a weaver”: threshold: at least 2/3 of all who may vote → at least 75 % of all who may vote."
    ]
    assert event.data["digest"] == version.digest


def test_the_rules_of_a_day_are_those_in_force_then(loom: Project, first: CharterVersion) -> None:
    adopt(loom)
    assert version_in_force(loom, date(1990, 1, 1)).number == 1
    assert version_in_force(loom, date(2026, 4, 30)).number == 1
    assert version_in_force(loom, MAY).number == 2
    needed = [rules.votes_needed(charter_of(loom, day), "appoint", seated=12).value.yes for day in (MARCH, MAY)]
    assert needed == [8, 9]


def test_a_vote_that_carried_makes_a_version_once(loom: Project, first: CharterVersion) -> None:
    vote = a_vote(loom)
    assert adopt(loom, decided_by=vote.subject).number == 2
    with pytest.raises(AdoptionRefused, match="made a version already"):
        adopt(loom, text=SMALL, decided_by=vote.subject, on=date(2026, 6, 1))


@pytest.mark.parametrize(
    ("decision", "carried"), [("change_charter", False), ("change_charter", None), ("appoint", True)]
)
def test_a_vote_that_did_not_decide_it_makes_none(
    loom: Project, first: CharterVersion, decision: str, carried: bool | None
) -> None:
    vote = a_vote(loom, decision=decision, carried=carried)
    with pytest.raises(AdoptionRefused, match="has not carried a change of the charter of Loom: Change the rules"):
        adopt(loom, decided_by=vote.subject)


def a_proposal(project: Project, text: str, written_at: datetime = CLOSED - timedelta(days=10)) -> Proposal:
    """Return a proposal on a project's charter with one text."""
    author = a_person("Anna Author")
    proposal = Proposal.objects.create(
        project=project, number="7", slug=f"{project.slug}-7", title="New rules", state="open"
    )
    proposal.revisions.create(number=1, text=text, written_by=author, written_at=written_at)
    return proposal


@pytest.mark.parametrize("text", ["", "The new text is better.", f"The digest is {digest(SMALL)}."])
def test_a_vote_about_another_text_makes_no_version_of_this_one(
    loom: Project, first: CharterVersion, text: str
) -> None:
    vote = a_vote(loom, text=text)
    with pytest.raises(AdoptionRefused, match=f"was not about this text.*{digest(STRICTER)}"):
        adopt(loom, decided_by=vote.subject)
    assert CharterVersion.objects.count() == 1


def test_a_vote_on_a_proposal_is_about_the_text_that_stood_there_when_it_opened(
    loom: Project, first: CharterVersion
) -> None:
    proposal = a_proposal(loom, "The rules become the text whose SHA-256 is " + digest(STRICTER).upper())
    vote = a_vote(loom, text="", proposal=proposal)
    proposal.revisions.create(number=2, text="Later words.", written_by=vote.called_by, written_at=CLOSED)
    assert adopt(loom, decided_by="proposal/loom-7").decided_by == vote.subject


def test_a_text_that_was_put_into_a_proposal_after_its_vote_opened_was_not_voted_on(
    loom: Project, first: CharterVersion
) -> None:
    proposal = a_proposal(loom, "Words that name no text.")
    vote = a_vote(loom, text="", proposal=proposal)
    proposal.revisions.create(number=2, text=digest(STRICTER), written_by=vote.called_by, written_at=CLOSED)
    with pytest.raises(AdoptionRefused, match="was not about this text"):
        adopt(loom, decided_by=vote.subject)


def test_a_vote_serves_once_under_whichever_name(loom: Project, first: CharterVersion) -> None:
    vote = a_vote(loom, text=f"{digest(STRICTER)} or {digest(STRICTEST)}", proposal=a_proposal(loom, "Two texts."))
    adopt(loom, decided_by=vote.subject)
    june = date(2026, 6, 1)
    for name in (vote.subject, "proposal/loom-7"):
        with pytest.raises(AdoptionRefused, match="made a version already"):
            adopt(loom, text=STRICTEST, decided_by=name, on=june)
    for name in (f"vote/0{vote.pk}", "vote/" + "".join(chr(0x660 + int(digit)) for digit in str(vote.pk))):
        with pytest.raises(AdoptionRefused, match="is no decision"):
            adopt(loom, text=STRICTEST, decided_by=name, on=june)


def test_what_a_vote_decides_is_not_in_force_before_it_ended(loom: Project, first: CharterVersion) -> None:
    vote = a_vote(loom)
    with pytest.raises(AdoptionRefused, match="ended on 2026-04-20"):
        adopt(loom, decided_by=vote.subject, on=MARCH)
    assert adopt(loom, decided_by=vote.subject, on=CLOSED.date()).number == 2


def test_a_vote_of_another_project_makes_none(loom: Project, first: CharterVersion) -> None:
    other = Project.objects.create(slug="spindle", name="Spindle", source=SOURCE)
    with pytest.raises(AdoptionRefused, match="has not carried"):
        adopt(loom, decided_by=a_vote(other).subject)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"decided_by": ""}, "Nothing is no decision: Change the rules: decided by the weavers"),
        ({"decided_by": "because I say so"}, "is no decision"),
        ({"decided_by": "http://example.org/x"}, "is no decision"),
        ({"decided_by": "vote/999"}, "has not carried"),
        ({"decided_by": "proposal/loom-7"}, "has not carried"),
        ({"text": SMALL}, "changes nothing of version 1"),
        ({"text": "schema = 1"}, "This is no charter"),
        ({"text": changed('project = "loom"', 'project = "spindle"')}, "the charter of spindle, not of loom"),
    ],
)
def test_what_cannot_be_adopted_is_refused_and_leaves_nothing(
    loom: Project, first: CharterVersion, more: dict[str, object], words: str
) -> None:
    before = Event.objects.count()
    with pytest.raises(AdoptionRefused, match=words):
        adopt(loom, **more)
    assert CharterVersion.objects.count() == 1
    assert Event.objects.count() == before


def test_a_project_without_a_charter_publishes_one_first(loom: Project) -> None:
    with pytest.raises(AdoptionRefused, match="has no charter yet"):
        adopt(loom)


def test_a_version_is_never_in_force_before_the_one_it_follows(loom: Project, first: CharterVersion) -> None:
    adopt(loom)
    for day in (MARCH, MAY):
        with pytest.raises(AdoptionRefused, match="must be later"):
            adopt(loom, text=SMALL, decided_by="https://example.org/decisions/8", on=day)


def test_who_holds_no_office_enters_nothing(loom: Project, first: CharterVersion) -> None:
    with pytest.raises(PermissionDenied):
        adopt(loom, by=an_account("nobody"))
    with pytest.raises(PermissionDenied):
        publish_charter(project=Project.objects.create(slug="x", name="X", source=SOURCE), text=SMALL, by=an_account())
    assert adopt(loom, by=a_signatory("ada2")).number == 2


def test_a_failing_record_leaves_no_version(
    loom: Project, first: CharterVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the record is full")

    monkeypatch.setattr("record.append", fail, raising=False)
    with pytest.raises(RuntimeError), transaction.atomic():
        adopt(loom)
    assert CharterVersion.objects.count() == 1


def test_the_database_keeps_every_version(first: CharterVersion) -> None:
    for change in (
        lambda: CharterVersion.objects.update(text="x"),
        lambda: CharterVersion.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert CharterVersion.objects.get().text == SMALL


def test_the_database_refuses_a_later_version_without_a_day(first: CharterVersion) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CharterVersion.objects.create(charter=first.charter, number=2, text="x", digest="x", decided_by="x")


def test_a_project_without_a_charter_here_has_the_one_that_comes_with_the_site() -> None:
    pytorch = Project.objects.create(slug="pytorch", name="PyTorch", source=SOURCE)
    assert charter_of(pytorch).project == "pytorch"
    assert charter_of(Project.objects.create(slug="spindle", name="Spindle", source=SOURCE)) is None
    assert not Charter.objects.exists()


@pytest.mark.parametrize("project", rules.SHIPPED)
def test_each_shipped_charter_can_be_published(project: str) -> None:
    kept = Project.objects.create(slug=project, name=project.title(), source=SOURCE)
    publish_charter(project=kept, text=rules.text_of(project), by=None)
    assert charter_of(kept, datetime.now(UTC).date()) == rules.load(project)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the command and return what it printed."""
    call_command("adopt_charter", *arguments)
    return capsys.readouterr().out


def test_the_command_enters_the_first_version_and_then_the_next(
    loom: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text(SMALL)
    new.write_text(STRICTER)
    assert run(capsys, str(old), "--project", "loom") == "Version 1 of the rules of Loom was entered.\n"
    told = json.loads(
        run(capsys, str(new), "--project", "loom", "--decided-by", ELSEWHERE, "--on", "2026-05-01", "--json")
    )
    assert (told["number"], told["in_force_from"], told["decided_by"]) == (2, "2026-05-01", ELSEWHERE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--project", "nobody"], "--project takes one of loom"),
        ([], "is kept here"),
        (["--project", "loom", "--on", "2026-13-01"], "no day"),
        (["--project", "loom"], "Name the first day"),
        (["--project", "loom", "--on", "2026-05-01"], "Nothing is no decision"),
    ],
)
def test_the_command_refuses_with_2_and_changes_nothing(
    loom: Project, first: CharterVersion, tmp_path: Path, arguments: list[str], words: str
) -> None:
    path = tmp_path / "new.toml"
    path.write_text(STRICTER)
    with pytest.raises(CommandError, match=words) as refused:
        call_command("adopt_charter", str(path), *arguments)
    assert refused.value.returncode == 2
    assert CharterVersion.objects.count() == 1
