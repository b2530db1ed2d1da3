"""Writes about proposals: their text, the people on them, their links, and their moves by the charter's table."""

import re
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone

import record
from ecosystem.models import Area, Person, Project
from governance.actions.comment_periods import stop_running
from governance.actions.imported_proposals import ProposalRefused, free_slug
from governance.actions.proposal_writing import locked, markdown, plain_line
from governance.models import Link, Position, Proposal, Release, Revision, User
from governance.policies.proposals import (
    acting_person,
    check,
    check_may_move,
    check_may_propose,
    check_may_revise,
    check_may_take_position,
    check_may_tend,
    why_not_shepherd,
    why_not_withdraw,
)
from governance.progress import Progress
from governance.queries.charters import charter_of

ON_GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+)/(issues|pull|discussions)/(\d{1,9})(?:[/?#].*)?")
LINK_KINDS = {"issues": Link.Kind.ISSUE, "pull": Link.Kind.PULL_REQUEST, "discussions": Link.Kind.DISCUSSION}


# -- text ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def write_proposal(
    *, project: Project, title: str, text: str, areas: Collection[Area] = (), release: Release | None = None, by: User
) -> Proposal:
    """Open a proposal with its first text, in the state that the charter lets it begin in.

    Raises:
        PermissionDenied: for who may not propose.
        ProposalRefused: without a title or a text.
    """
    check_may_propose(by, project)
    author, now = acting_person(by), timezone.now()
    # The project's row is the queue: two proposals at once never get the same number.
    project = Project.objects.select_for_update().get(pk=project.pk)
    number = next_number(project)
    proposal = Proposal.objects.create(
        project=project,
        number=number,
        slug=free_slug(project, number),
        title=plain_line(title, "The title"),
        state=initial_state(project),
        release=release,
        opened_on=timezone.localdate(now),
        moved_at=now,
    )
    proposal.authors.set([author])
    proposal.areas.set(areas)
    Revision.objects.create(
        proposal=proposal, number=1, text=markdown(text, "The text"), written_by=author, written_at=now
    )
    record.append(
        "proposal.opened",
        by=by,
        subject=proposal.subject,
        summary=f"{author.name} opened the proposal {number}: {proposal.title}.",
        data={"title": proposal.title, "state": proposal.state, "areas": sorted(area.slug for area in areas)},
    )
    return proposal


def next_number(project: Project) -> str:
    """Return the number after the highest that is one."""
    numbers = project.proposals.values_list("number", flat=True)
    return str(max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0) + 1)


def initial_state(project: Project) -> str:
    """Return the state in which the charter lets a proposal begin."""
    charter = charter_of(project)
    states = charter.proposal.states if charter and charter.proposal else {}
    found = next((name for name, state in states.items() if state.initial), None)
    if found is None:
        raise ProposalRefused(f"The charter of {project.name} names no state in which a proposal begins.")
    return found


@transaction.atomic
def revise(
    *, proposal: Proposal, text: str, note: str = "", title: str = "", seen: int | None = None, by: User
) -> Revision:
    """Write another revision of the text; a final comment period that runs is stopped, for it was about another text.

    Raises:
        PermissionDenied: for who is neither author nor shepherd.
        ProposalRefused: for the same text, or when another revision was written since the one that was seen.
    """
    progress = locked(proposal)
    check_may_revise(by, progress)
    held, writer = progress.proposal, acting_person(by)
    last = held.revisions.order_by("-number").first()
    number = last.number + 1 if last else 1
    text = markdown(text, "The text")
    if seen is not None and last is not None and seen != last.number:
        raise ProposalRefused(f"Revision {last.number} was written since you began: take in what it says, then write.")
    new_title = plain_line(title, "The title") if title else held.title
    if last and last.text == text and new_title == held.title:
        raise ProposalRefused("Nothing was changed.")
    if new_title != held.title:
        held.title = new_title
        held.save()
    revision = Revision.objects.create(
        proposal=held,
        number=number,
        text=text,
        note=" ".join(note.split())[:200],
        written_by=writer,
        written_at=timezone.now(),
    )
    stop_running(progress, why=f"The text changed: revision {number}.", person=writer, by=by)
    record.append(
        "proposal.revised",
        by=by,
        subject=held.subject,
        summary=f"{writer.name} wrote revision {number} of the proposal {held.number}"
        + (f": {revision.note}" if revision.note else "."),
        data={"revision": number, "note": revision.note, "title": held.title},
    )
    return revision


# -- people ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def take_position(*, proposal: Proposal, stand: str, text: str = "", by: User) -> Position:
    """Take a position, or a new one: the latest counts and the earlier ones stay.

    Raises:
        PermissionDenied: for who acts for nobody, or when it is closed.
        ProposalRefused: for an objection or a comment without words, or a stand that is none.
    """
    progress = locked(proposal)
    check_may_take_position(by, progress)
    if stand not in (Position.Stand.AGREE, Position.Stand.OBJECT, Position.Stand.ABSTAIN, Position.Stand.COMMENT):
        raise ProposalRefused("Say agree, object, abstain or comment.")
    words = markdown(text, "The text") if text.strip() else ""
    if stand in (Position.Stand.OBJECT, Position.Stand.COMMENT) and not words:
        raise ProposalRefused("An objection and a comment need words: what must change, or be answered.")
    return _taken(progress, Position.Stand(stand), words, by)


@transaction.atomic
def withdraw_position(*, proposal: Proposal, by: User) -> Position:
    """Withdraw the position one holds; that it was held stays in the history."""
    progress = locked(proposal)
    check(why_not_withdraw(by, progress))
    return _taken(progress, Position.Stand.WITHDRAWN, "", by)


def _taken(progress: Progress, stand: Position.Stand, words: str, by: User) -> Position:
    """Append a position and its event."""
    person, proposal = acting_person(by), progress.proposal
    last = proposal.revisions.order_by("-number").first()
    position = Position.objects.create(
        proposal=proposal,
        person=person,
        stand=stand,
        text=words,
        revision=last.number if last else None,
        taken_at=timezone.now(),
    )
    verb = {"agree": "agrees with", "object": "objects to", "abstain": "abstains on", "comment": "commented on"}
    verb["withdrawn"] = "withdrew their position on"
    record.append(
        "proposal.position_taken",
        by=by,
        subject=proposal.subject,
        summary=f"{person.name} {verb[stand]} the proposal {proposal.number}.",
        data={"person": person.slug, "stand": str(stand), "revision": position.revision},
    )
    return position


@transaction.atomic
def ask_reviewer(*, proposal: Proposal, person: Person, by: User) -> Proposal:
    """Ask somebody by name for their position; asking again changes nothing."""
    progress = locked(proposal)
    check_may_tend(by, progress)
    held, person = progress.proposal, person.kept
    if not held.reviewers.filter(pk=person.pk).exists():
        held.reviewers.add(person)
        record.append(
            "proposal.reviewer_asked",
            by=by,
            subject=held.subject,
            summary=f"{person.name} was asked for a position on the proposal {held.number}.",
            data={"person": person.slug},
        )
    return held


@transaction.atomic
def become_shepherd(*, proposal: Proposal, by: User) -> Proposal:
    """Take it upon oneself to drive a proposal to a decision."""
    progress = locked(proposal)
    check(why_not_shepherd(by, progress))
    held, person = progress.proposal, acting_person(by)
    held.shepherds.add(person)
    return _shepherding(held, person, f"{person.name} became shepherd of the proposal {held.number}.", by)


@transaction.atomic
def cease_to_shepherd(*, proposal: Proposal, by: User) -> Proposal:
    """Give a proposal back, so that somebody else can drive it."""
    progress = locked(proposal)
    held, person = progress.proposal, acting_person(by)
    mine = [one for one in held.shepherds.all() if one.kept == person]
    check("" if mine else "You do not shepherd it.")
    held.shepherds.remove(*mine)
    return _shepherding(held, person, f"{person.name} shepherds the proposal {held.number} no longer.", by)


def _shepherding(proposal: Proposal, person: Person, summary: str, by: User) -> Proposal:
    data = {"person": person.slug, "shepherds": sorted(one.slug for one in proposal.shepherds.all())}
    record.append("proposal.shepherds_changed", by=by, subject=proposal.subject, summary=summary, data=data)
    return proposal


# -- what belongs to it ----------------------------------------------------------------------------------------------


@transaction.atomic
def place_proposal(
    *, proposal: Proposal, areas: Collection[Area], release: Release | None, implementation: str = "", by: User
) -> Proposal:
    """Say which areas and which release a proposal is about, and what implements it."""
    progress = locked(proposal)
    check_may_tend(by, progress)
    held = progress.proposal
    if any(area.project_id != held.project_id for area in areas):
        raise ProposalRefused("An area of another project cannot be named.")
    held.release = release
    held.implementation = web_address(implementation) if implementation else ""
    held.save()
    held.areas.set(areas)
    record.append(
        "proposal.placed",
        by=by,
        subject=held.subject,
        summary=f"{acting_person(by).name} said what the proposal {held.number} is about.",
        data={
            "areas": sorted(area.slug for area in areas),
            "release": release.version if release else None,
            "implementation": held.implementation,
        },
    )
    return held


@transaction.atomic
def add_link(*, proposal: Proposal, url: str, label: str = "", by: User) -> Link:
    """Link an issue, a pull request, a discussion or a document.

    Raises:
        ProposalRefused: for an address that is none of the web, or is linked already.
    """
    progress = locked(proposal)
    check_may_tend(by, progress)
    held, person, address = progress.proposal, acting_person(by), web_address(url)
    if held.links.filter(url=address, removed_at__isnull=True).exists():
        raise ProposalRefused("It is linked already.")
    kind, own_label = read_address(address)
    link = Link.objects.create(
        proposal=held,
        kind=kind,
        url=address,
        label=plain_line(label or own_label, "The label", 120),
        added_by=person,
        added_at=timezone.now(),
    )
    record.append(
        "proposal.linked",
        by=by,
        subject=held.subject,
        summary=f"{person.name} linked {link.label} to the proposal {held.number}.",
        data={"url": address, "kind": str(kind)},
    )
    return link


@transaction.atomic
def remove_link(*, link: Link, by: User) -> Link:
    """Remove a link; that it was there stays."""
    progress = locked(link.proposal)
    check_may_tend(by, progress)
    link = Link.objects.select_for_update().get(pk=link.pk)
    if link.removed_at is not None:
        return link
    link.removed_at, link.removed_by = timezone.now(), acting_person(by)
    link.save()
    record.append(
        "proposal.unlinked",
        by=by,
        subject=progress.proposal.subject,
        summary=f"{link.removed_by.name} removed the link {link.label} from the proposal {progress.proposal.number}.",
        data={"url": link.url},
    )
    return link


def web_address(url: str) -> str:
    """Return an address of the web that a page may link to.

    Raises:
        ProposalRefused: for any other.
    """
    address = url.strip()
    try:
        URLValidator(schemes=["https"])(address)
    except ValidationError as error:
        raise ProposalRefused(f"{address[:60]!r} is no address that begins with https://.") from error
    if len(address) > 300 or "@" in address.split("/")[2]:
        raise ProposalRefused("The address is longer than 300 characters, or carries a name and password.")
    return address


def read_address(address: str) -> tuple[Link.Kind, str]:
    """Return what an address leads to, and how pages name it: pytorch/rfcs#12."""
    found = ON_GITHUB.fullmatch(address)
    if found:
        return LINK_KINDS[found[3]], f"{found[1]}/{found[2]}#{found[4]}"
    return Link.Kind.DOCUMENT, address.removeprefix("https://")[:120]


# -- moves -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def move_proposal(*, proposal: Proposal, enters: str, reason: str = "", by: User) -> Proposal:
    """Move a proposal to another state of the charter's table.

    Raises:
        PermissionDenied: for who may not, or while something is missing.
    """
    progress = locked(proposal)
    check_may_move(by, progress, enters, reason)
    return moved(progress, enters, reason.strip(), person=acting_person(by), by=by)


def moved(progress: Progress, enters: str, reason: str, *, person: Person | None, by: User | str) -> Proposal:
    """Change the state of a held proposal and write it down; who may has been asked before."""
    held, rules = progress.proposal, progress.rules
    assert rules is not None
    leaves, state = held.state, rules.states[enters]
    if person is not None:
        stop_running(progress, why=reason or f"It was moved to {state.title}.", person=person, by=by)
    held.state, held.moved_at, held.stalled_at = enters, timezone.now(), None
    if not state.open and not state.initial:
        held.outcome = reason
    held.save()
    who = person.name if person else "The schedule"
    record.append(
        "proposal.moved",
        by=by,
        subject=held.subject,
        summary=f"{who} moved the proposal {held.number} to {state.title}" + (f": {reason}" if reason else "."),
        data={"from": leaves, "to": enters, "reason": reason},
    )
    return held


@transaction.atomic
def write_down_stalled(*, proposal: Proposal) -> bool:
    """Write down that a proposal is stalled, and move it where the charter says so; False where it is not, or was."""
    progress = locked(proposal)
    if not progress.is_stalled or progress.proposal.stalled_at is not None:
        return False
    assert progress.rules is not None
    assert progress.rules.stalled is not None
    idle = f"Nothing happened for {progress.rules.stalled.idle_days} days."
    held = progress.proposal
    if progress.rules.stalled.enters and progress.rules.stalled.enters != held.state:
        held = moved(progress, progress.rules.stalled.enters, idle, person=None, by="schedule")
    else:
        record.append(
            "proposal.stalled",
            by="schedule",
            subject=held.subject,
            summary=f"The proposal {held.number} is stalled. {idle}",
            data={"idle_since": progress.last_activity},
        )
    held.stalled_at = timezone.now()
    held.save()
    return True
