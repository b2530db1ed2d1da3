"""Give seats to the ranked: an employer's cap, ties at the last seat, long and short terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from governance.tally.ballots import as_seen
from governance.tally.result import Exclusion, Tie

# Words by which a list of employers says that there is none; nobody is capped by being independent.
NO_EMPLOYER = {"", "-", "independent", "none", "self", "self-employed", "unaffiliated", "unknown", "n/a"}


def employer_key(employer: str) -> str:
    """Compare employers as a reader does, without case and spacing; empty where there is none."""
    key = as_seen(employer).casefold()
    return "" if key in NO_EMPLOYER else key


@dataclass(frozen=True)
class EmployerCap:
    """At most `most` seats an employer, counting who sits already; `employers`, `sitting`: name to employer."""

    most: int
    employers: Mapping[str, str]
    sitting: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Filled:
    """Who takes a seat, group by group in the order of ranking; ties that nothing decides; who was passed over."""

    elected: list[tuple[int, ...]] = field(default_factory=list)
    ties: list[tuple[tuple[int, ...], int]] = field(default_factory=list)
    excluded: list[Exclusion] = field(default_factory=list)

    @property
    def names(self) -> list[int]:
        return [candidate for group in self.elected for candidate in group]


class _Room:
    """How many more seats each employer may take, and who holds theirs."""

    def __init__(self, names: Sequence[str], cap: EmployerCap | None) -> None:
        self.names = names
        self.cap = cap
        self.holders: dict[str, list[str]] = {}
        for member, employer in (cap.sitting if cap else {}).items():
            self.holders.setdefault(employer_key(employer), []).append(f"{member} (sitting)")

    def employer(self, candidate: int) -> str:
        return employer_key(self.cap.employers.get(self.names[candidate], "")) if self.cap else ""

    def left(self, employer: str, others: int) -> int:
        if not self.cap or not employer:
            return others
        return max(0, self.cap.most - len(self.holders.get(employer, [])))

    def take(self, candidate: int) -> None:
        self.holders.setdefault(self.employer(candidate), []).append(self.names[candidate])

    def why_not(self, candidate: int) -> Exclusion:
        assert self.cap
        name = self.names[candidate]
        employer = " ".join(self.cap.employers[name].split())
        held = self.holders.get(self.employer(candidate), [])
        holders = f": {', '.join(held)}" if held else ""
        reason = f"{employer} already holds {len(held)} of at most {self.cap.most} seats{holders}"
        return Exclusion(name, reason)


def fill(
    ranking: Iterable[Sequence[int]],
    seats: int,
    names: Sequence[str],
    cap: EmployerCap | None = None,
    draw: Sequence[int] | None = None,
) -> Filled:
    """Seat the ranking from the top; who would break the cap is passed over and the next moves up.

    A group tied for more seats than are left is returned as a tie, and so are tied candidates of one employer who
    cannot all be seated, unless `draw` gives their order.
    """
    filled, room, left = Filled(), _Room(names, cap), seats
    groups = [[tied] for group in ranking for tied in sorted(group, key=draw.index)] if draw else ranking
    for group in groups:
        if left <= 0:
            break
        left -= _seat(list(group), left, room, filled)
    return filled


def _seat(group: list[int], left: int, room: _Room, filled: Filled) -> int:
    """Seat one group of equals; say how many seats it takes."""
    by_employer: dict[str, list[int]] = {}
    for candidate in group:
        by_employer.setdefault(room.employer(candidate), []).append(candidate)
    able = {key: members for key, members in by_employer.items() if room.left(key, len(members)) > 0}
    for candidate in group:
        if room.employer(candidate) not in able:
            filled.excluded.append(room.why_not(candidate))
    taking = {key: min(len(members), room.left(key, len(members))) for key, members in able.items()}
    if sum(taking.values()) > left:
        filled.ties.append((tuple(sorted(member for members in able.values() for member in members)), left))
        return left
    surely = [members for key, members in able.items() if taking[key] == len(members)]
    filled.elected.append(tuple(sorted(member for members in surely for member in members)))
    for key, members in able.items():
        if taking[key] < len(members):
            filled.ties.append((tuple(members), taking[key]))
            room.holders.setdefault(key, []).extend(["one of a tie"] * taking[key])
        else:
            for member in members:
                room.take(member)
    return sum(taking.values())


def long_terms(filled: Filled, number: int, names: Sequence[str]) -> tuple[tuple[str, ...], Tie | None]:
    """Give the first seated the long terms; a tie across the border is told, never chosen."""
    longer: list[str] = []
    for group in filled.elected:
        if len(longer) + len(group) > number:
            open_terms = number - len(longer)
            tie = Tie(tuple(names[candidate] for candidate in group), open_terms) if open_terms else None
            return tuple(longer), tie
        longer += [names[candidate] for candidate in group]
    return tuple(longer), None
