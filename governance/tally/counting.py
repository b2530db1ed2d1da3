"""Count ballots by a named method and fill the seats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from governance.tally import gregory, meek, scottish, star
from governance.tally.approval import approval
from governance.tally.ballots import Ballots, Kind, whole
from governance.tally.faults import refuse
from governance.tally.instant_runoff import instant_runoff
from governance.tally.outcome import Outcome
from governance.tally.pairwise import Strength, Unranked, certain, completions
from governance.tally.ranked_pairs import ranked_pairs
from governance.tally.result import Exclusion, Result, Tie
from governance.tally.schulze import schulze
from governance.tally.seats import EmployerCap, Filled, fill, long_terms
from governance.tally.ways import Ties, Ways

# How many ways in which ties could fall are followed, for small elections and at least for large ones.
MOST_WAYS, LEAST_WAYS, WORK = 2000, 20, 2_000_000
# Of an order with more candidates than this only what is certain is told, under a cap.
MOST_PLACES = 100


@dataclass(frozen=True, slots=True)
class Method:
    """A way to count: its words, the ballots it takes."""

    name: str
    words: str
    kind: Kind


METHODS = {
    method.name: method
    for method in (
        Method("schulze", "Schulze", "ranks"),
        Method("ranked-pairs", "ranked pairs", "ranks"),
        Method("irv", "instant-runoff voting", "ranks"),
        Method("stv", "single transferable vote", "ranks"),
        Method("star", "STAR voting", "scores"),
        Method("bloc-star", "Bloc STAR voting", "scores"),
        Method("approval", "approval voting", "approvals"),
    )
}
STV: dict[str, tuple[Callable[[Ballots, int, Ties], Outcome], tuple[str, ...]]] = {
    "scottish": (scottish.scottish, scottish.RULES),
    "gregory": (gregory.gregory, gregory.RULES),
    "meek": (meek.meek, meek.RULES),
}
CONDORCET = ("schulze", "ranked-pairs")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a count is asked, checked."""

    method: Method
    seats: int
    unranked: Unranked
    variant: str
    strength: Strength
    cap: EmployerCap | None
    draw: tuple[int, ...] | None


def count(
    ballots: Ballots,
    method: str = "schulze",
    *,
    seats: int | None = None,
    unranked: Unranked = "excluded",
    variant: str = "gregory",
    strength: Strength | None = None,
    cap: EmployerCap | None = None,
    tie_break: Sequence[str] | None = None,
    long_term_seats: int = 0,
) -> Result:
    """Count the ballots; raise TallyError where that makes no sense.

    `seats` are the file's where not given, else 1. `tie_break` is an order of all candidates, the first favoured
    (draws.drawn_order makes one); without it a tie at the last seat stays open and is told. `cap` passes over who
    would break it. The first `long_term_seats` elected have the long terms.
    """
    running = ballots.without(ballots.withdrawn) if ballots.withdrawn else ballots
    asked = _checked(running, method, seats, unranked, variant, strength, cap, tie_break)
    if not 0 <= long_term_seats <= asked.seats:
        raise refuse("--long-terms", f"{long_term_seats} of {asked.seats} seats", "give at most the number of seats")
    outcomes, complete = _outcomes(running, asked)
    filled = [each for outcome in outcomes for each in _filled(outcome, running, asked, len(outcomes))]
    result = _result(running, asked, outcomes, filled, complete)
    withdrawn = tuple(Exclusion(name, "withdrawn") for name in ballots.withdrawn)
    terms = _with_terms(result, filled, long_term_seats)
    return replace(terms, excluded=(*withdrawn, *result.excluded))


def _checked(
    ballots: Ballots,
    method: str,
    seats: int | None,
    unranked: Unranked,
    variant: str,
    strength: Strength | None,
    cap: EmployerCap | None,
    tie_break: Sequence[str] | None,
) -> _Asked:
    if method not in METHODS:
        raise refuse("--method", f"unknown method {method!r:.40}", f"name one of {', '.join(METHODS)}")
    if unranked not in ("excluded", "last"):
        raise refuse("--unranked", f"{unranked!r:.40}", "write excluded or last")
    if variant not in STV:
        raise refuse("--variant", f"unknown variant {variant!r:.40}", f"name one of {', '.join(STV)}")
    if strength not in (None, "winning", "margins"):
        raise refuse("--strength", f"{strength!r:.40}", "write winning or margins")
    asked = METHODS[method]
    if asked.kind != ballots.kind:
        raise refuse("ballots", f"they hold {ballots.kind}", f"{asked.words} counts {asked.kind}: name another method")
    wanted = ballots.seats or 1 if seats is None else seats
    if wanted < 1:
        raise refuse("--seats", f"{wanted} seats", "give at least 1")
    if method == "irv" and wanted > 1:
        raise refuse("--seats", f"irv fills one seat, not {wanted}", "write --seats 1, or --method stv")
    if cap and cap.most < 0:
        raise refuse("--employer-cap", f"{cap.most}", "give 0 or more")
    default: Strength = "margins" if method == "ranked-pairs" else "winning"
    draw = _draw(ballots, tie_break) if tie_break is not None else None
    return _Asked(asked, wanted, unranked, variant, strength or default, cap, draw)


def _draw(ballots: Ballots, tie_break: Sequence[str]) -> tuple[int, ...]:
    running = [name for name in tie_break if name in ballots.candidates]
    if sorted(running) != sorted(ballots.candidates):
        raise refuse("--tie-break", "the order does not name every candidate once", "list them all, one a line")
    return tuple(ballots.candidates.index(name) for name in running)


def _outcomes(ballots: Ballots, asked: _Asked) -> tuple[list[Outcome], bool]:
    """Count: an outcome for each way ties inside the count could fall, and whether all were followed."""
    if asked.method.name == "schulze":
        return [schulze(ballots, asked.unranked, asked.strength)], True
    if asked.method.name == "ranked-pairs":
        return ranked_pairs(ballots, asked.unranked, asked.strength, asked.draw)
    if asked.method.name == "approval":
        return [approval(ballots)], True
    ways = Ways(_by_rounds(ballots, asked), _most_ways(ballots), asked.draw)
    return ways.outcomes, ways.complete


def _by_rounds(ballots: Ballots, asked: _Asked) -> Callable[[Ties], Outcome]:
    together = ballots.together()
    places = len(ballots.candidates) if asked.cap else asked.seats
    if asked.method.name == "irv":
        return lambda ties: instant_runoff(together, ties)
    if asked.method.kind == "scores":
        return lambda ties: star.star(together, places, ties)
    by_variant, _ = STV[asked.variant]
    return lambda ties: by_variant(together, asked.seats, ties)


def _most_ways(ballots: Ballots) -> int:
    """Follow fewer ways where each takes longer, so that no count takes minutes."""
    work = len(ballots.cast) * len(ballots.candidates) ** 2 + 1
    return max(LEAST_WAYS, min(MOST_WAYS, WORK // work))


def _filled(outcome: Outcome, ballots: Ballots, asked: _Asked, outcomes: int) -> list[Filled]:
    """Fill the seats from one outcome; where the order is partial, count who is elected however it is completed."""
    levels: Sequence[Sequence[int]] = outcome.levels
    if outcome.beats is not None and not asked.draw and certain(outcome.beats) != levels:
        if asked.cap is None:
            return [_by_bounds(outcome.beats, asked.seats, outcome.levels)]
        # Under a cap who is passed over depends on the whole order: each completion is filled by itself.
        limit = max(1, MOST_WAYS // outcomes)
        orders = list(islice(completions(outcome.beats), limit + 1)) if len(ballots.candidates) <= MOST_PLACES else []
        if 0 < len(orders) <= limit:
            return [fill(order, asked.seats, ballots.candidates, asked.cap) for order in orders]
        levels = certain(outcome.beats)
    if outcome.beats is not None and asked.draw:
        levels = _completed(outcome.beats, asked.draw)
    return [fill(levels, asked.seats, ballots.candidates, asked.cap, asked.draw)]


def _by_bounds(beats: list[list[bool]], seats: int, levels: Sequence[Sequence[int]]) -> Filled:
    """Elect whom fewer than `seats` could stand above, whatever the incomparable do; the rest of the seats are tied."""
    size = range(len(beats))
    sure = {a for a in size if sum(not beats[a][b] for b in size) - 1 < seats}
    able = {a for a in size if sum(beats[b][a] for b in size) < seats}
    elected = [tuple(candidate for candidate in level if candidate in sure) for level in levels]
    filled = Filled([group for group in elected if group])
    left = min(seats, len(beats)) - len(sure)
    if left:
        filled.ties.append((tuple(sorted(able - sure)), left))
    return filled


def _completed(beats: list[list[bool]], draw: Sequence[int]) -> list[tuple[int, ...]]:
    """Complete a partial order by the draw: next is always the first drawn of those nobody left beats."""
    left = list(draw)
    found: list[tuple[int, ...]] = []
    while left:
        following = next(a for a in left if not any(beats[b][a] for b in left))
        found.append((following,))
        left.remove(following)
    return found


def _result(ballots: Ballots, asked: _Asked, outcomes: list[Outcome], filled: list[Filled], complete: bool) -> Result:
    names = ballots.candidates
    first = outcomes[0]
    winners, ties, notes = _decided(names, filled, asked, complete)
    excluded = filled[0].excluded
    surely = [each for each in excluded if all(each.candidate in _passed_over(other) for other in filled)]
    return Result(
        method=asked.method.name,
        variant=asked.variant if asked.method.name == "stv" else "",
        seats=asked.seats,
        ballots=whole(ballots.number),
        candidates=names,
        winners=winners,
        ranking=_ranking(names, outcomes, asked, complete),
        ties=ties,
        excluded=tuple(surely),
        pairwise=first.pairwise,
        rounds=tuple(first.rounds),
        totals={names[candidate]: total for candidate, total in first.totals.items()},
        rules=_rules(asked),
        notes=(*first.notes, *notes),
        ways=len(outcomes),
    )


def _passed_over(filled: Filled) -> set[str]:
    return {each.candidate for each in filled.excluded}


def _decided(
    names: tuple[str, ...], filled: list[Filled], asked: _Asked, complete: bool
) -> tuple[tuple[str, ...], tuple[Tie, ...], list[str]]:
    """Elect who is elected in every way; the seats that ways disagree on are tied among whom any way elects."""
    if not complete:
        note = f"More ties than can be followed one by one ({len(filled)} ways were): draw lots and give --tie-break."
        return (), (Tie(names, min(asked.seats, len(names))),), [note]
    if len(filled) == 1:
        ties = tuple(Tie(tuple(names[one] for one in tied), seats) for tied, seats in filled[0].ties)
        return tuple(names[candidate] for candidate in filled[0].names), ties, []
    sure = set.intersection(*(set(each.names) for each in filled))
    able = set().union(*(set(each.names) | {one for tied, _ in each.ties for one in tied} for each in filled))
    winners = tuple(names[candidate] for candidate in filled[0].names if candidate in sure)
    seats = len(filled[0].names) + sum(seats for _, seats in filled[0].ties) - len(sure)
    tied = tuple(names[candidate] for candidate in sorted(able - sure))
    if not seats:
        return winners, (), [f"Ties inside the count could fall {len(filled)} ways; each elects the same."]
    return winners, (Tie(tied, seats),), [f"Ties inside the count could fall {len(filled)} ways, and they decide."]


def _ranking(
    names: tuple[str, ...], outcomes: list[Outcome], asked: _Asked, complete: bool
) -> tuple[tuple[str, ...], ...]:
    """Rank by the best place over all ways: the first group are those who could come first."""
    if not complete:
        return (names,)
    best: dict[int, int] = {}
    for outcome in outcomes:
        levels: Sequence[Sequence[int]] = outcome.levels
        if asked.draw:
            drawn = outcome.beats and _completed(outcome.beats, asked.draw)
            levels = drawn or [(one,) for level in levels for one in sorted(level, key=asked.draw.index)]
        place = 0
        for level in levels:
            for candidate in level:
                best[candidate] = min(best.get(candidate, place), place)
            place += len(level)
    groups: dict[int, list[str]] = {}
    for candidate in sorted(best):
        groups.setdefault(best[candidate], []).append(names[candidate])
    return tuple(tuple(groups[place]) for place in sorted(groups))


def _rules(asked: _Asked) -> tuple[str, ...]:
    name = asked.method.name
    if name == "stv":
        return STV[asked.variant][1]
    if name in CONDORCET:
        pairs = {
            "excluded": "A pair of candidates of whom one is unranked on a ballot gets nothing from that ballot.",
            "last": "Candidates unranked on a ballot stand together below all ranked there.",
        }
        strengths = {
            "winning": "A defeat is as strong as the ballots for it.",
            "margins": "A defeat is as strong as its majority.",
        }
        return pairs[asked.unranked], strengths[asked.strength]
    if name == "irv":
        return ("Candidates tied on one ballot share it equally; a ballot with nobody left on it no longer counts.",)
    return star.RULES if asked.method.kind == "scores" else ()


def _with_terms(result: Result, filled: list[Filled], number: int) -> Result:
    """Tell the first elected, who have the long terms, from the others; nothing is told while a seat is open."""
    if not number or result.ties:
        return result
    answers = {long_terms(each, number, result.candidates) for each in filled}
    longer, tie = next(iter(answers))
    if len(answers) > 1:
        sets = [set(names) | set(tied.candidates if tied else ()) for names, tied in answers]
        longer = tuple(name for name in result.winners if all(name in names for names, _ in answers))
        able = set().union(*sets) - set(longer)
        tie = Tie(tuple(name for name in result.winners if name in able), number - len(longer)) if able else None
    undecided = tie.candidates if tie else ()
    shorter = tuple(name for name in result.winners if name not in longer and name not in undecided)
    return replace(result, long_terms=longer, short_terms=shorter, term_tie=tie)
