"""Writes about charters: one transaction each, the record inside it; a later version needs its decision."""

import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.db import transaction
from django.db.models import Q, QuerySet

import record
from ecosystem.models import Project
from governance import charter as rules
from governance.charter import CharterRefused, difference
from governance.models import Ballot, Charter, CharterVersion, User
from governance.policies.charters import check_may_adopt_charters
from governance.queries.charters import versions_of
from governance.queries.charters_proposed import decisions_that_amend
from record.actions import Account

ADDRESS = re.compile(r"https://[^\s<>\"']{4,280}")
VOTE = re.compile(r"vote/([1-9][0-9]{0,8})")
PROPOSAL = re.compile(r"proposal/([-\w]{1,160})")

LONGEST_REFERENCE = 300


class AdoptionRefused(ValueError):
    """A version that is no charter, that nothing decided, or that cannot follow the one before it."""


@transaction.atomic
def publish_charter(*, project: Project, text: str, on: date | None = None, by: Account | str | None) -> CharterVersion:
    """Enter a project's first version, as its text is published; `on`: from which day, None where that is not known.

    Raises:
        AdoptionRefused: when the text is no charter of the project, or the project has one.
    """
    may(by)
    read = charter_in(text, project)
    charter, made = Charter.objects.get_or_create(project=project)
    if not made:
        raise AdoptionRefused(f"{project.name} has a charter: a new version needs the decision that made it.")
    published = f"as published at {read.published}"
    if len(published) > LONGEST_REFERENCE:
        raise AdoptionRefused(f"The address at published is longer than {LONGEST_REFERENCE} characters: shorten it.")
    version = stored(charter, 1, text, on, published)
    tell(version, read, f"The rules of {project.name} were entered, {version.decided_by}.", [], by)
    return version


def publish_shipped_charter(*, project: Project, by: Account | str | None) -> CharterVersion | None:
    """Enter the rules that come with the site for a project that has none yet; None where there is nothing to do."""
    if project.slug not in rules.SHIPPED or Charter.objects.filter(project=project).exists():
        return None
    return publish_charter(project=project, text=rules.text_of(project.slug), by=by)


@transaction.atomic
def adopt_charter(
    *, project: Project, text: str, decided_by: str, on: date, by: Account | str | None
) -> CharterVersion:
    """Enter the next version of a project's charter, which a decision under the charter made.

    `decided_by`: `vote/12` or `proposal/…` of this site, which must have carried and must name this very text by its
    SHA-256, or the address of a decision that was taken elsewhere. `on`: the first day on which it is in force.

    Raises:
        AdoptionRefused: when the text is no charter or changes nothing, was not decided, or its day is not later.
    """
    may(by)
    following = next_version(project, text)
    check_follows(following, on)
    elsewhere = bool(ADDRESS.fullmatch(decided_by))
    decided_by = decision_made(project, following.before, text, decided_by, on)
    # A decision of this site was looked at; one taken elsewhere rests on the word of whoever enters it.
    how = "; entered, not confirmed by a second holder of an office" if elsewhere else ""
    return entered(following, on, decided_by, how, by)


@dataclass(frozen=True)
class Following:
    """A text that may become the next version: what it follows, and what it changes; the charter is held for it."""

    charter: Charter
    last: CharterVersion
    before: rules.Charter
    read: rules.Charter
    text: str
    changes: list[str]


def next_version(project: Project, text: str) -> Following:
    """Return a text as what would follow the last version; its charter is held until the transaction ends.

    Raises:
        AdoptionRefused: when it is no charter of the project, or there is none for it to follow.
    """
    read = charter_in(text, project)
    # The charter's row is the queue: two versions at once never get the same number.
    charter = Charter.objects.select_for_update().filter(project=project).first()
    if charter is None:
        raise AdoptionRefused(f"{project.name} has no charter yet: enter the one that is published first.")
    last = versions_of(project).order_by("-number")[0]
    before = rules.parse(last.text)
    changes = [str(change) for change in difference.changes(before, read)]
    return Following(charter, last, before, read, text, changes)


def entered(
    following: Following, on: date, decided_by: str, how: str, by: Account | str | None, **told: object
) -> CharterVersion:
    """Store what follows as the next version and write it down; that it was decided has been asked before."""
    project = following.charter.project
    version = stored(following.charter, following.last.number + 1, following.text, on, decided_by)
    words = f"Version {version.number} of the rules of {project.name} was adopted by {decided_by}, in force from {on}"
    tell(version, following.read, f"{words}{how}.", following.changes, by, **told)
    return version


def may(by: Account | str | None) -> None:
    """Refuse an account that may not; what acts for the site itself is trusted."""
    if isinstance(by, User):
        check_may_adopt_charters(by)


def charter_in(text: str, project: Project) -> rules.Charter:
    """Read a text as a charter of a project.

    Raises:
        AdoptionRefused: with every fault, when it is none.
    """
    try:
        read = rules.parse(text)
    except CharterRefused as refused:
        raise AdoptionRefused(f"This is no charter:\n{refused}") from refused
    if read.project != project.slug:
        raise AdoptionRefused(f'This is the charter of {read.project}, not of {project.slug}: see "project = …".')
    return read


def check_follows(following: Following, on: date) -> None:
    """Refuse a version that changes nothing, or that would be in force before the one it follows."""
    last = following.last
    if not following.changes:
        raise AdoptionRefused(f"This changes nothing of version {last.number}.")
    if last.in_force_from is not None and on <= last.in_force_from:
        raise AdoptionRefused(
            f"Version {last.number} is in force from {last.in_force_from}: the next one's day must be later, not {on}."
        )


def decision_made(project: Project, before: rules.Charter, text: str, decided_by: str, on: date) -> str:
    """Return how a version names the decision that made it; refuse what no decision made. A decision serves once."""
    if ADDRESS.fullmatch(decided_by):
        if made_one(project, decided_by):
            raise AdoptionRefused(f"{decided_by} made a version already: name the decision that made this one.")
        return decided_by
    way = rules.who_changes_the_charter(before)
    votes = carried(project, before, votes_named(decided_by, way))
    if not votes:
        raise AdoptionRefused(f"{decided_by} has not carried a change of the charter of {project.name}: {way.words}")
    # Whether it was named as a vote or by its proposal, it is written down as the vote, and so serves once.
    unused = [vote for vote in votes if not made_one(project, vote.subject)]
    if not unused:
        raise AdoptionRefused(f"{decided_by} made a version already: name the decision that made this one.")
    vote = next((vote for vote in unused if names_text(vote, text)), None)
    if vote is None:
        raise AdoptionRefused(
            f"{decided_by} was not about this text: "
            f"neither the vote nor its proposal names its SHA-256, {digest(text)}."
        )
    ended = (vote.closes_at or vote.called_at).date()
    if on < ended:
        raise AdoptionRefused(f"{vote.subject} ended on {ended}: what it decided is not in force from {on}, before it.")
    return vote.subject


def made_one(project: Project, decided_by: str) -> bool:
    """Say whether a decision made a version already."""
    return CharterVersion.objects.filter(charter__project=project, decided_by=decided_by).exists()


def votes_named(decided_by: str, way: rules.Answer[str]) -> QuerySet[Ballot]:
    """Return the votes that a reference means: one, or those on a proposal."""
    if found := VOTE.fullmatch(decided_by):
        return Ballot.objects.filter(pk=int(found[1]))
    if found := PROPOSAL.fullmatch(decided_by):
        return Ballot.objects.filter(proposal__slug=found[1])
    raise AdoptionRefused(
        f"{decided_by or 'Nothing'} is no decision: {way.words} Name it as vote/12, proposal/…, or by its address."
    )


def carried(project: Project, before: rules.Charter, votes: QuerySet[Ballot]) -> list[Ballot]:
    """Return those of some votes that carried a change of the charter, the latest first."""
    held = votes.filter(project=project, carried=True, cancelled_at__isnull=True).order_by("-pk")
    amends = Q(decision__in=decisions_that_amend(before))
    if rules.who_changes_the_charter(before).value is None:
        amends = Q(kind=Ballot.Kind.CHARTER) | (amends & Q(proposal__isnull=False))
    return list(held.filter(amends))


def names_text(vote: Ballot, text: str) -> bool:
    """Say whether the voters could see that this very text was voted on: its digest stood in what was before them."""
    before_them = [vote.question, vote.text]
    if vote.proposal is not None:
        written = vote.proposal.revisions.filter(written_at__lte=vote.opened_at or vote.called_at)
        before_them += [revision.text for revision in written.order_by("-number")[:1]]
    return any(digest(text) in words.lower() for words in before_them)


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in UTF-8."""
    return sha256(text.encode()).hexdigest()


def stored(charter: Charter, number: int, text: str, on: date | None, decided_by: str) -> CharterVersion:
    """Store a version."""
    return CharterVersion.objects.create(
        charter=charter,
        number=number,
        text=text,
        digest=digest(text),
        in_force_from=on,
        decided_by=decided_by,
    )


def tell(
    version: CharterVersion,
    read: rules.Charter,
    words: str,
    changes: list[str],
    by: Account | str | None,
    **told: object,
) -> None:
    """Write into the record which text is in force from when, by what, and what it changed."""
    record.append(
        "charter.adopted" if version.number > 1 else "charter.published",
        by=by,
        subject=f"charter/{read.project}",
        summary=words,
        data={
            "number": version.number,
            "digest": version.digest,
            "in_force_from": version.in_force_from,
            "decided_by": version.decided_by,
            "changes": changes,
            "gaps": len(read.gaps),
            **told,
        },
    )
