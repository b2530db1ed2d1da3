"""Writes of proposals that were decided elsewhere, as an importer read them: one action a proposal, harmless twice."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

import record
from ecosystem.models import Area, Person, Project
from governance.models import Position, Proposal
from record.actions import Account

# Words of sources for a stand; what is not here is kept as a comment in the source's own word.
STANDS = {
    **dict.fromkeys(("agree", "agrees", "yes", "for", "approve", "approved", "+1", "1"), Position.Stand.AGREE),
    **dict.fromkeys(("object", "objects", "no", "against", "reject", "-1"), Position.Stand.OBJECT),
    **dict.fromkeys(("abstain", "abstains", "abstained", "0"), Position.Stand.ABSTAIN),
}


class ProposalRefused(ValueError):
    """A proposal, or a change of one, that the charter or plain sense does not allow."""


@transaction.atomic
def import_proposal(
    *,
    project: Project,
    number: str,
    title: str,
    state: str,
    source: str,
    authors: Collection[Person] = (),
    shepherds: Collection[Person] = (),
    areas: Collection[Area] = (),
    positions: Mapping[Person, str] | None = None,
    outcome: str = "",
    opened_on: date | None = None,
    url: str = "",
    by: Account | str | None,
) -> Proposal:
    """Enter a proposal as a source states it, or bring the one of this number up to that; twice changes nothing.

    Raises:
        ProposalRefused: without a number, a title or a state.
    """
    said: dict[str, object] = {
        "title": " ".join(title.split())[:300],
        "state": " ".join(state.split())[:80],
        "outcome": outcome.strip(),
        "opened_on": opened_on,
        "url": url,
    }
    proposal, changed = _entered(project, " ".join(number.split()), said)
    for name, members in (("authors", authors), ("shepherds", shepherds), ("areas", areas)):
        if {one.pk for one in getattr(proposal, name).all()} != {one.pk for one in members}:
            getattr(proposal, name).set(members)
            changed.append(name)
    changed += _positions_taken(proposal, positions or {}, source)
    if changed:
        record.append(
            "proposal.imported",
            by=by,
            subject=proposal.subject,
            summary=told(proposal),
            data={"changed": sorted(set(changed)), "state": proposal.state, "outcome": outcome, "source": source},
        )
    return proposal


def told(proposal: Proposal) -> str:
    """Say in one line that a proposal was read, and in which state where its source tells one."""
    state = "its state not told" if proposal.state == "unknown" else f"its state {proposal.state}"
    end = "" if proposal.title.endswith(("?", "!", ".")) else "."
    return f"Proposal {proposal.number} of {proposal.project.name} was read, {state}: {proposal.title}{end}"


def _entered(project: Project, number: str, said: dict[str, object]) -> tuple[Proposal, list[str]]:
    """Return the proposal of a number with what the source says, and what of it is new."""
    if not (number and said["title"] and said["state"]):
        raise ProposalRefused(
            f"A proposal needs a number, a title and a state: {number or said['title'] or 'neither'}."
        )
    proposal = Proposal.objects.select_for_update().filter(project=project, number__iexact=number).first()
    if proposal is None:
        return Proposal.objects.create(project=project, number=number, slug=free_slug(project, number), **said), ["all"]
    changed = [name for name, value in said.items() if getattr(proposal, name) != value]
    if "state" in changed:
        proposal.moved_at = None
    if proposal.retracted_at is not None:
        proposal.retracted_at, proposal.retracted_why = None, ""
        changed.append("retracted")
    if changed:
        for name in said:
            setattr(proposal, name, said[name])
        proposal.save()
    return proposal, changed


def _positions_taken(proposal: Proposal, positions: Mapping[Person, str], source: str) -> list[str]:
    """Append the positions that differ from the latest ones of the same people."""
    if not positions:
        return []
    latest = {
        position.person_id: (position.stand, position.text)
        for position in proposal.positions.filter(person__in=positions).order_by("taken_at", "pk")
    }
    now = timezone.now()
    taken = []
    for person, word in positions.items():
        stand = STANDS.get(word.strip().lower(), Position.Stand.COMMENT)
        text = word if stand == Position.Stand.COMMENT else ""
        if latest.get(person.pk) != (stand, text):
            taken.append(
                Position(proposal=proposal, person=person, stand=stand, text=text, taken_at=now, source=source)
            )
    Position.objects.bulk_create(taken)
    return ["positions"] if taken else []


@transaction.atomic
def retract_import(*, proposal: Proposal, reason: str, by: Account | str | None) -> Proposal:
    """Take a proposal off every list because the import that brought it was undone; its history stays."""
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if proposal.retracted_at is None:
        proposal.retracted_at, proposal.retracted_why = timezone.now(), reason
        proposal.save()
        record.append(
            "proposal.retracted",
            by=by,
            subject=proposal.subject,
            summary=f"The proposal {proposal.number} was taken off the lists: {reason}",
            data={"reason": reason},
        )
    return proposal


def free_slug(project: Project, number: str) -> str:
    """Return an address that no other proposal has: the project and the number."""
    base = f"{project.slug}-{slugify(number) or 'proposal'}"[:150]
    taken = set(Proposal.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(slug for count in range(2, len(taken) + 3) if (slug := f"{base}-{count}") not in taken)
