"""Reads about proposals: lists to choose from, and what awaits somebody."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ecosystem.models import Person, Project
from ecosystem.queries import kept_project
from ecosystem.sentences import count, listed
from ecosystem.withholding import withheld_words
from governance.deadlines import said
from governance.models import CommentPeriod, Concern, Hold, Position, Proposal
from governance.progress import Progress
from governance.queries.awaited import Awaited, in_order
from governance.queries.charters import charter_of, other_charters


@dataclass(frozen=True)
class Filters:
    """What a reader of the list looks for; everything, where nothing is said."""

    project: str = ""
    state: str = ""
    area: str = ""
    words: str = ""


def shown() -> QuerySet[Proposal]:
    """Return the proposals that lists show: all but those whose import was undone."""
    return Proposal.objects.filter(retracted_at__isnull=True).select_related("project", "release")


def found(filters: Filters, now: datetime) -> QuerySet[Proposal]:
    """Return what a reader looks for: what runs against a clock or is held first, then the latest."""
    proposals = shown()
    if filters.project:
        proposals = proposals.filter(project__slug=filters.project)
    if filters.state:
        proposals = proposals.filter(state=filters.state)
    if filters.area:
        proposals = proposals.filter(areas__slug=filters.area)
    if filters.words:
        proposals = seen_in(proposals, filters.words)
    running = CommentPeriod.objects.filter(proposal=OuterRef("pk"), stopped_at__isnull=True, closes_at__gt=now)
    held = Hold.objects.filter(proposal=OuterRef("pk"), lifted_at__isnull=True)
    doubted = Concern.objects.filter(proposal=OuterRef("pk"), resolved_at__isnull=True)
    marked = proposals.annotate(is_running=Exists(running), is_held=Exists(held), is_doubted=Exists(doubted))
    return marked.order_by("-is_running", "-is_held", "-is_doubted", "-opened_on", "-created_at", "-pk").distinct()


def seen_in(proposals: QuerySet[Proposal], asked: str) -> QuerySet[Proposal]:
    """Return the proposals whose title or number these words are found in, as pages show it."""
    said = proposals.filter(Q(title__icontains=asked) | Q(number__iexact=asked))
    words = withheld_words()
    if words.pattern is None:
        return said
    # Whoever looks for what is withheld finds nothing: what it stood in would tell it.
    asked = asked.lower()
    shown = [one.pk for one in said if asked in words.text(one.title).lower() or asked == one.number.lower()]
    return proposals.filter(pk__in=shown)


def states_of(project: str) -> list[tuple[str, int]]:
    """Return the states of a project's proposals, or of all, with how many are in each, the most first."""
    proposals = shown().filter(project__slug=project) if project else shown()
    counted = proposals.order_by().values("state").annotate(many=Count("pk")).order_by("-many", "state")
    return [(row["state"], row["many"]) for row in counted]


def state_titles(project: str) -> dict[str, str]:
    """Return how sentences name the states of a project, or of all; the kept one's words first."""
    titles: dict[str, str] = {}
    for one in Project.objects.filter(slug=project) if project else Project.objects.all():
        rules = charter_of(one)
        for name, state in (rules.proposal.states if rules and rules.proposal else {}).items():
            titles.setdefault(name, state.title)
    return titles


def projects_with_proposals() -> list[tuple[Project, int]]:
    """Return the projects that have proposals, the kept one first, with how many."""
    projects = Project.objects.annotate(many=Count("proposals", filter=Q(proposals__retracted_at__isnull=True))).filter(
        many__gt=0
    )
    return [(project, project.many) for project in projects]


def where_written(project: str = "") -> str:
    """Say for which project proposals are written here, to who reads of another one, or of all; nothing of the kept."""
    kept, others = kept_project(), other_charters()
    if kept is None or (project and project not in others):
        return ""
    only = f"Proposals are written and decided here for {kept.name} only"
    if project:
        return f"{only}; those of {others[project]} are shown as their sources have them, where they were imported."
    if not others:
        return ""
    return f"{only}; the charters of {listed(list(others.values()))} are here to compare with."


def listing_sentence(total: int, filters: Filters, states: Sequence[tuple[str, int]], now: datetime) -> str:
    """Say how many there are, and what asks for a human."""
    if not total:
        looked = any((filters.project, filters.state, filters.area, filters.words))
        return "No proposal matches." if looked else "No proposal is known yet."
    running = running_periods(now)
    words = count(total, "proposal", "proposals")
    parts = [f"{many} {state}" for state, many in states[:3]] if not filters.state else ["in the state chosen below"]
    more = f", and {sum(many for _, many in states[3:])} in other states" if not filters.state and states[3:] else ""
    closing = running.order_by("closes_at").first()
    return f"{words}: {', '.join(parts)}{more}.{last_call(closing) if closing else ''}"


def last_call(period: CommentPeriod) -> str:
    """Say until when final comments are taken."""
    return f" Final comments on {period.proposal.number} until {said(period.closes_at, period.zone)}."


def running_periods(now: datetime) -> QuerySet[CommentPeriod]:
    """Return the final comment periods that run now."""
    periods = CommentPeriod.objects.filter(stopped_at__isnull=True, started_at__lte=now, closes_at__gt=now)
    return periods.filter(proposal__retracted_at__isnull=True).select_related("proposal__project")


def live(now: datetime) -> list[Progress]:
    """Return the proposals on which something is asked of somebody: those that are open by their charter."""
    states: dict[int, set[str]] = {}
    for project in Project.objects.filter(proposals__isnull=False, kept=True).distinct():
        rules = charter_of(project)
        table = rules.proposal.states if rules and rules.proposal else {}
        states[project.pk] = {name for name, state in table.items() if state.open or state.initial}
    wanted = Q(pk__in=[])
    for key, names in states.items():
        wanted |= Q(project=key, state__in=names)
    return [Progress(proposal, now) for proposal in shown().filter(wanted)]


def awaited(person: Person, now: datetime) -> list[Awaited]:
    """Return what proposals ask of a person: positions, their concerns on a changed text, what they let stall."""
    person = person.kept
    return in_order([one for progress in live(now) for one in asked_by(progress, person)])


def asked_by(progress: Progress, person: Person) -> list[Awaited]:
    """Return what one proposal asks of a person."""
    proposal, url = progress.proposal, progress.proposal.get_absolute_url()
    until = progress.running.closes_at if progress.running else None
    asked = []
    if any(review.person == person for review in progress.outstanding):
        asked.append(Awaited("position", f"Take a position on {proposal.number}, “{proposal.title}”.", url, until))
    last = proposal.revisions.order_by("-number").first()
    for concern in progress.open_concerns:
        if concern.raised_by.kept == person and last and concern.revision and concern.revision < last.number:
            words = f"The text of {proposal.number} changed: does your concern “{concern.name}” still stand?"
            asked.append(Awaited("concern", words, url))
    if progress.is_stalled and person in {one.kept for one in proposal.shepherds.all()}:
        since = f"{progress.last_activity:%-d %B %Y}"
        asked.append(Awaited("stalled", f"{proposal.number}, which you shepherd, is stalled since {since}.", url))
    return asked


def position_counts(progress: Progress) -> list[tuple[str, int]]:
    """Return how many hold which stand now."""
    counted = Counter(position.stand for position in progress.positions.values())
    return [(Position.Stand(stand).label, counted[stand]) for stand in Position.Stand.values if counted[stand]]


def positions_sentence(progress: Progress) -> str:
    """Say how many hold which stand."""
    words = {"agree": ("agrees", "agree"), "object": ("objects", "object"), "abstain": ("abstains", "abstain")}
    parts = []
    for stand, (one, many) in words.items():
        number = len(progress.held_by(stand))
        parts += [f"{number} {one if number == 1 else many}"] if number else []
    return f"{listed(parts)}." if parts else "Nobody has taken a stand yet."
