"""The lives of a night and of a round: every move there is, in one table each.

Actions ask `target()` before they change a state; docs/reference/night-states.md is drawn from these tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks_runner.models.night import Night, Round


class MoveRefused(Exception):
    """The state does not allow this move; the message says so in one line."""


@dataclass(frozen=True)
class Move:
    """One way to change a state: from where, to where, and what it tells the reader."""

    name: str
    sources: tuple[str, ...]
    target: str
    says: str


_N = Night.State
_R = Round.State

NIGHT_MOVES = (
    Move("await_scale", (_N.REQUESTED,), _N.SCALING, "both bundles are installed; the machine has no A/A history yet"),
    Move("freeze", (_N.REQUESTED, _N.SCALING), _N.RUNNING, "the plan is frozen and the first round is due"),
    Move("decide", (_N.RUNNING,), _N.DECIDED, "no point wants another round, or the rounds are used up"),
    Move("extend", (_N.DECIDED,), _N.RUNNING, "somebody gives it more rounds"),
    Move("cancel", (_N.REQUESTED, _N.SCALING, _N.RUNNING), _N.CANCELLED, "somebody cancels it"),
    Move("give_up", (_N.REQUESTED, _N.SCALING, _N.RUNNING), _N.FAILED, "it cannot be measured"),
)
ROUND_MOVES = (
    Move("take", (_R.DUE,), _R.RUNNING, "a worker takes it, holding the device's lease"),
    Move("give_back", (_R.RUNNING,), _R.DUE, "its worker died, ran out of time or was stopped"),
    Move("complete", (_R.RUNNING,), _R.COMPLETE, "every pair is measured or given up"),
)


def target(moves: Iterable[Move], name: str, state: str) -> str:
    """Return the state that a move leads to.

    Raises:
        MoveRefused: where the table has no such move from this state.
    """
    move = next(move for move in moves if move.name == name)
    if state not in move.sources:
        allowed = " or ".join(move.sources)
        raise MoveRefused(f"Cannot {name.replace('_', ' ')} what is {state}: only what is {allowed}.")
    return move.target


def allows(moves: Iterable[Move], name: str, state: str) -> bool:
    """Say whether the table has this move from this state."""
    return any(move.name == name and state in move.sources for move in moves)


def finished(moves: Iterable[Move], state: str) -> bool:
    """Say whether no move but an extension leads on from here."""
    return not any(state in move.sources for move in moves if move.name != "extend")


def diagram(moves: Iterable[Move], first: str) -> str:
    """Draw a table of moves as a Mermaid state diagram."""
    lines = [f"    {source} --> {move.target}: {move.name}" for move in moves for source in move.sources]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {first}", *lines])


def table(moves: Iterable[Move]) -> str:
    """Write a table of moves in Markdown."""
    rows = [f"| {move.name} | {', '.join(move.sources)} | {move.target} | {move.says} |" for move in moves]
    return "\n".join(["| move | from | to | when |", "|---|---|---|---|", *rows])
