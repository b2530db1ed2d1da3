"""Replay a night's rows through the verdict engine: the one way to a verdict, live and afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from benchmarks_runner.models import Night, Round
from benchmarks_runner.queries.evidence import Measured, Pair, attempts_of, pairs_in, stops_in
from benchmarks_runner.stats import NightEngine, PointRule, Policy


def policy_of(night: Night) -> Policy:
    """Return the verdict engine's constants as the night's plan froze them."""
    known = {field.name for field in fields(Policy)}
    return Policy(**{name: value for name, value in night.policy.items() if name in known})


def rules_of(night: Night) -> list[PointRule]:
    """Return what the plan froze about each point that can be judged or watched here."""
    planned = night.planned_points.order_by("point")
    return [PointRule(row.point, row.scale, row.margin, row.shard) for row in planned if row.scale is not None]


def clocks_of(night: Night) -> dict[str, str]:
    """Return which clock judges each planned point."""
    return dict(night.planned_points.values_list("point", "clock"))


@dataclass(frozen=True)
class Replay:
    """A night's engine after its complete rounds, and in which round each point left the schedule."""

    engine: NightEngine
    decided_in: dict[str, int]


def replayed(night: Night) -> Replay:
    """Replay the night's rows: every complete round, in order."""
    closed = list(night.rounds.filter(state=Round.State.COMPLETE).order_by("number").values_list("number", flat=True))
    engine = NightEngine(rules_of(night), cap=night.rounds_cap, policy=policy_of(night))
    return Replay(engine, feed(engine, clocks_of(night), closed, attempts_of(night)))


def feed(
    engine: NightEngine, clocks: Mapping[str, str], closed: Sequence[int], attempts: Sequence[Measured]
) -> dict[str, int]:
    """Feed an engine with what the closed rounds hold, and return in which round each point left the schedule."""
    pairs, stops = pairs_in(attempts), stops_in(attempts)
    decided_in: dict[str, int] = {}
    for number in closed:
        before = set(engine.undecided)
        _feed_pairs(engine, clocks, [pair for pair in pairs if pair.round == number])
        for stop in stops:
            if stop.round == number and stop.point in before:
                engine.broken(stop.point, stop.arm, stop.reason)
        engine.close_round(number)
        decided_in |= dict.fromkeys(before - set(engine.undecided), number)
    return decided_in


def _feed_pairs(engine: NightEngine, clocks: Mapping[str, str], pairs: list[Pair]) -> None:
    for pair in pairs:
        difference = pair.difference(clocks[pair.point])
        if difference is not None:
            engine.feed(pair.point, pair.round, difference)
