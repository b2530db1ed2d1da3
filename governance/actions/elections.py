"""Writes about elections: announced, nominations, opened, closed, cancelled; each with the record inside it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

import record
from ecosystem.models import Person
from ecosystem.sentences import listed
from governance.ballot_box import Box, capacity, destroy_key, make_key, seal
from governance.models import BallotBox, Election, Nomination, Office, RollEntry, User
from governance.policies.elections import check_may_announce, check_may_run
from governance.queries.candidates import candidates, falling_short, on_the_ballot
from governance.queries.elections import considered

State = Election.State
# Which state may follow which; the diagram in docs/reference/elections.md is this table.
NEXT: Mapping[str, tuple[str, ...]] = {
    State.ANNOUNCED: (State.NOMINATING, State.CANCELLED),
    State.NOMINATING: (State.VOTING, State.CANCELLED),
    State.VOTING: (State.CLOSED, State.CANCELLED),
    State.CLOSED: (State.COUNTED, State.CANCELLED),
    State.COUNTED: (State.COUNTED, State.CONFIRMED, State.CANCELLED),
    State.CONFIRMED: (),
    State.CANCELLED: (),
}


class ElectionRefused(ValueError):
    """What the election's rules, its state or the clock do not allow."""


@dataclass(frozen=True)
class Timetable:
    """The moments of an election; each is the first at which it is too late."""

    nominations_close_at: datetime
    exceptions_close_at: datetime
    opens_at: datetime
    closes_at: datetime
    takes_office_on: date
    long_until: date | None = None
    short_until: date | None = None
    zone: str = "AoE"


@dataclass(frozen=True)
class Rules:
    """What the charter says of an election."""

    rule: str
    method: str
    seats: int
    tie_break: Collection[str]
    electors_on: date
    electing_offices: Collection[Office] = ()
    activity_from: int | None = None
    nominators: str = Election.Nominators.ELECTORS
    nominating_offices: Collection[Office] = ()
    endorsements: int = 0
    endorsing_employers: int | None = None
    nominee_endorses: bool = False
    unknown_differs: bool = False
    long_seats: int | None = None
    unranked: str = "excluded"
    variant: str = "gregory"
    employer_cap: int | None = None
    publish_from: int = 15


@transaction.atomic
def announce(
    *,
    office: Office,
    slug: str,
    title: str,
    rules: Rules,
    timetable: Timetable,
    officers: Collection[Person] = (),
    about: str = "",
    by: User,
) -> Election:
    """Announce an election to an office's seats: its rules, its timetable and who runs it.

    Raises:
        PermissionDenied: for who may not announce elections.
        ElectionRefused: for rules or moments that cannot hold together.
    """
    check_may_announce(by)
    election = Election(
        office=office,
        slug=slug,
        title=title,
        about=about,
        announced_by=by,
        **{name: getattr(rules, name) for name in RULES},
        tie_break=list(rules.tie_break),
        **timetable.__dict__,
    )
    stored(election, rules)
    election.electing_offices.set(rules.electing_offices)
    election.nominating_offices.set(rules.nominating_offices)
    election.officers.set({officer.kept for officer in officers})
    tell(
        election,
        "announced",
        by,
        f"{by.get_username()} announced the election {title}: {count_seats(rules.seats)} of {office.name}.",
        {
            "office": office.slug,
            "rule": rules.rule,
            "method": rules.method,
            "seats": rules.seats,
            "employer_cap": rules.employer_cap,
            "endorsements": rules.endorsements,
            "endorsing_employers": rules.endorsing_employers,
            "tie_break": list(rules.tie_break),
            "closes_at": timetable.closes_at,
            "officers": sorted(officer.slug for officer in officers),
        },
    )
    return election


RULES = (
    "rule", "method", "seats", "electors_on", "activity_from", "nominators", "long_seats", "unranked", "variant",
    "employer_cap", "endorsements", "endorsing_employers", "nominee_endorses", "unknown_differs",
    "publish_from",
)  # fmt: skip


def stored(election: Election, rules: Rules) -> None:
    """Store a new election; what cannot hold together is refused in words."""
    if not rules.electing_offices and rules.activity_from is None:
        raise ElectionRefused("Nobody could vote: name the electing offices, or how much activity makes an elector.")
    if not rules.tie_break:
        raise ElectionRefused("Say what settles a contested tie; a tie is never settled in silence.")
    try:
        with transaction.atomic():
            election.full_clean(exclude=["announced_by"])
            election.save()
    except ValidationError as error:
        raise ElectionRefused(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise ElectionRefused(f"The database refuses this election: {error}") from error


def count_seats(number: int) -> str:
    """Return a number of seats in words."""
    return f"{number} seat{'s' if number != 1 else ''}"


def tell(election: Election, step: str, by: User | str | None, summary: str, data: Mapping[str, object]) -> None:
    """Write a public step into the record; never a voter, never the moment of a ballot."""
    record.append(f"election.{step}", by=by, subject=f"election/{election.slug}", summary=summary, data=dict(data))


def locked(election: Election) -> Election:
    """Return the election with its row locked: steps and ballots go one after the other."""
    return Election.objects.select_for_update(of=("self",)).select_related("office").get(pk=election.pk)


def moved(election: Election, to: str) -> Election:
    """Move an election on, where its table allows it.

    Raises:
        ElectionRefused: for a step that does not follow.
    """
    if to not in NEXT[election.state]:
        raise ElectionRefused(f"An election that is {election.get_state_display()} cannot become {State(to).label}.")
    election.state = to
    election.save()
    return election


@transaction.atomic
def open_nominations(*, election: Election, by: User) -> Election:
    """Begin to take nominations."""
    check_may_run(by, election)
    election = locked(election)
    if timezone.now() >= election.nominations_close_at:
        raise ElectionRefused("The day on which nominations close is over: announce the election anew.")
    moved(election, State.NOMINATING)
    tell(
        election,
        "nominations",
        by,
        f"Nominations for {election.title} are open.",
        {"until": election.nominations_close_at},
    )
    return election


@transaction.atomic
def open_voting(*, election: Election, by: User | None) -> Election:
    """Open the vote: freeze the roll and the ballot papers, draw the seed, put up the empty box. `by` None: the clock.

    Raises:
        PermissionDenied: for who is no officer.
        ElectionRefused: before its day, with exceptions undecided, or with nobody to vote or to vote for.
    """
    if by is not None:
        check_may_run(by, election)
    election = locked(election)
    now = timezone.now()
    note_who_stands(election)
    check_ready(election, now)
    entitled = freeze_roll(election)
    election.opened_at, election.seed = now, token_hex(16)
    moved(election, State.VOTING)
    names = [name_paper(nomination) for nomination in candidates(election)]
    make_key(election.pk)
    room = capacity(electors=entitled, candidates=len(names))
    BallotBox.objects.create(election=election, sealed=seal(Box(), election=election.pk, capacity=room))
    tell(
        election,
        "opened",
        by,
        f"Voting in {election.title} opened: {entitled} electors, {len(names)} candidates.",
        {"electors": entitled, "candidates": names, "seed": election.seed, "closes_at": election.closes_at},
    )
    return election


def check_ready(election: Election, now: datetime) -> None:
    """Refuse to open a vote that cannot be held."""
    if State.VOTING not in NEXT[election.state]:
        raise ElectionRefused(f"An election that is {election.get_state_display()} cannot become {State.VOTING.label}.")
    if now < election.opens_at:
        raise ElectionRefused("Voting does not open before its moment.")
    if now >= election.closes_at:
        raise ElectionRefused("The moment at which voting closes has gone by: cancel, and announce anew.")
    if undecided := election.exceptions.filter(granted__isnull=True).count():
        raise ElectionRefused(f"{undecided} exceptions wait for a decision: the roll cannot be frozen.")
    standing = [nomination.person.name for nomination in candidates(election)]
    if not standing:
        raise ElectionRefused("Nobody stands.")
    if len(set(standing)) < len(standing):
        raise ElectionRefused("Two candidates have the same name: tell them apart on their pages first.")


def note_who_stands(election: Election) -> bool:
    """Write down who does not stand for want of endorsements, which held since nominations closed.

    Returns whether there was something to write: not before the closing, not twice, not where the rule asks for none.
    """
    now = timezone.now()
    early = election.state != State.NOMINATING or now < election.nominations_close_at
    if not election.endorsements or election.standing_noted_at is not None or early:
        return False
    for nomination, missing in falling_short(election):
        nomination.answer = Nomination.Answer.UNENDORSED
        nomination.save()
        tell(
            election,
            "unendorsed",
            "schedule",
            f"{nomination.person.name} does not stand, for nominations closed without {listed(missing)}: "
            f"{election.title}.",
            {"person": nomination.person.slug, "missing": missing, "since": election.nominations_close_at},
        )
    election.standing_noted_at = now
    election.save()
    return True


def name_paper(nomination: Nomination) -> str:
    """Write down how the ballot papers name a candidate: results go by it, whatever they are called later."""
    nomination.name_on_paper = nomination.person.name
    nomination.save()
    return nomination.name


def freeze_roll(election: Election) -> int:
    """Write down who may vote and why, and who may not; return how many may."""
    found = considered(election)
    RollEntry.objects.bulk_create(
        RollEntry(election=election, person=each.person, eligible=each.eligible, because=each.because) for each in found
    )
    entitled = sum(each.eligible for each in found)
    if not entitled:
        raise ElectionRefused("Nobody is an elector by the data.")
    return entitled


@transaction.atomic
def close_voting(*, election: Election, by: User | None) -> Election:
    """Write down that voting is over, once its moment has gone by; no ballot was taken since then, whoever slept."""
    election = locked(election)
    if timezone.now() < election.closes_at:
        raise ElectionRefused("Voting does not close before its moment.")
    moved(election, State.CLOSED)
    tell(
        election,
        "closed",
        by,
        f"Voting in {election.title} closed with {election.box.ballots} ballots.",
        {
            "ballots": election.box.ballots,
            "electors": election.roll.filter(eligible=True).count(),
            "candidates": [nomination.name for nomination in on_the_ballot(election)],
        },
    )
    return election


def close_those_over() -> int:
    """Write down the end of every vote whose moment has gone by, and say how many; nothing waits for this."""
    over = Election.objects.filter(state=State.VOTING, closes_at__lte=timezone.now())
    return sum(closed_by_the_clock(election) for election in over)


def closed_by_the_clock(election: Election) -> bool:
    """Close a vote in nobody's name; say whether nobody was quicker."""
    try:
        close_voting(election=election, by=None)
    except ElectionRefused:
        return False
    return True


@transaction.atomic
def cancel(*, election: Election, reason: str, by: User) -> Election:
    """Cancel an election: it is kept with the reason; ballots that were cast are destroyed unread."""
    check_may_run(by, election)
    if not reason.strip():
        raise ElectionRefused("Say why it is cancelled: the reason is public.")
    election = locked(election)
    before = election.get_state_display()
    election.cancelled_because = reason.strip()
    moved(election, State.CANCELLED)
    empty_box(election)
    tell(
        election,
        "cancelled",
        by,
        f"The election {election.title} was cancelled: {election.cancelled_because}",
        {"reason": election.cancelled_because, "was": before},
    )
    return election


def empty_box(election: Election) -> None:
    """Destroy what the box holds, and its key as soon as that is certain; how many ballots there were is kept."""
    BallotBox.objects.filter(election=election).update(sealed=b"")
    transaction.on_commit(lambda: destroy_key(election.pk))
