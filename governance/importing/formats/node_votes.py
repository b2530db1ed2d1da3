"""Read the votes of Node's technical steering committee: a file a vote, each voter's stand told by name.

A vote on one question gives 1, 0 or -1; a vote on several options gives each option a score. Files of 2021 tell no
outcome, and none is worked out for them.
"""

from __future__ import annotations

import json
import math
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from governance.importing.gathering import Gathering, is_login, lines_of, shown, text_of
from governance.importing.reading import Place, ProposalRead, Reading, SourceFile, SourceRefused

KEY = re.compile(r'"((?:[^"\\]|\\.)*+)"\s*:')
DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-\d+)?\.json")
STANDS = {1: "yes", 0: "abstain", -1: "no"}
MOST_SHOWN = 100
KEYS = ("description", "refs", "outcome", "votes")


@dataclass(frozen=True)
class Pairs:
    """A JSON object as written: also what stands in it twice."""

    pairs: list[tuple[str, Any]]

    def get(self, key: str) -> Any:
        return next((value for name, value in self.pairs if name == key), None)


class VoteFile:
    """One file, with the lines on which its keys stand."""

    def __init__(self, file: SourceFile) -> None:
        self.path = file.path
        self.keys: dict[str, deque[int]] = {}
        for number, line in enumerate(lines_of(file), start=1):
            for key in KEY.findall(line):
                self.keys.setdefault(key, deque()).append(number)

    def place(self, key: str) -> Place:
        """Return where a key next stands; the file as a whole, where its line cannot be told."""
        lines = self.keys.get(json.dumps(key, ensure_ascii=False)[1:-1])
        return Place(self.path, lines.popleft() if lines else 0)


class NodeVotes:
    """The votes folder of nodejs/TSC as a format."""

    name = "node_votes"
    project = "node"

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether there is a dated file of votes among these."""
        return any(self.wants(path) for path in paths)

    def wants(self, path: str) -> bool:
        """Say whether a file is one of votes: dated, and in the folder of votes or by itself."""
        where = PurePosixPath(path)
        return bool(DATED.fullmatch(where.name)) and where.parent.name in ("votes", "")

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read the votes; a file that cannot be read is told among the unread, the others count.

        Raises:
            SourceRefused: when no file can be read.
        """
        to, refusals = Gathering(self.project, self.name), []
        for file in sorted((file for file in files if self.wants(file.path)), key=lambda file: file.path):
            try:
                read_vote(file, to)
            except SourceRefused as refusal:
                refusals.append(refusal)
                to.leave(Place(file.path), file.path, str(refusal))
        if not to.proposals:
            raise refusals[0] if refusals else SourceRefused("no file of votes here; one is called 2025-03-19-0.json.")
        return to.reading()


def read_vote(file: SourceFile, to: Gathering) -> None:
    """Read one vote: a proposal with its positions and outcome, and its voters as people.

    Raises:
        SourceRefused: when the file is no vote.
    """
    document = parsed(file)
    votes = document.get("votes") if isinstance(document, Pairs) else None
    if not isinstance(document, Pairs) or not isinstance(votes, Pairs):
        raise SourceRefused(f"{file.path}: no votes; it needs a “votes” that names each voter.")
    source = VoteFile(file)
    seen: set[str] = set()
    for key, value in document.pairs:
        if key not in KEYS or key in seen:
            left = "stands a second time" if key in seen else "is not a part of a vote that is known"
            to.leave(source.place(key), f"{key}: {told(value)}", f"“{shown(key)[:60]}” {left}")
        seen.add(key)
    stem = PurePosixPath(file.path).stem
    to.propose(
        ProposalRead(
            number=stem,
            title=words_of(document.get("description")) or stem,
            place=Place(file.path, 1),
            created=date_of(stem, source, to),
            url=first_link(document.get("refs"), source, to),
            outcome=outcome_of(document.get("outcome"), source, to),
            positions=positions(votes, source, to),
        )
    )


def parsed(file: SourceFile) -> Any:
    """Return the file's JSON, its objects as pairs.

    Raises:
        SourceRefused: when it is no JSON.
    """
    text = text_of(file)
    try:
        return json.loads(text, object_pairs_hook=Pairs)
    except json.JSONDecodeError as error:
        raise SourceRefused(f"{Place(file.path, error.lineno)}: not JSON ({error.msg}); mend that line.") from error
    except (RecursionError, ValueError) as error:
        raise SourceRefused(f"{file.path}: not JSON that can be read ({type(error).__name__}); mend it.") from error


def positions(votes: Pairs, source: VoteFile, to: Gathering) -> dict[str, str]:
    """Return each voter's stand by their key."""
    found: dict[str, str] = {}
    for voter, value in votes.pairs:
        place, text = source.place(voter), f"{voter}: {told(value)}"
        stand = stand_of(value)
        if not is_login(voter):
            to.leave(place, text, "no GitHub account can have this login")
        elif voter.lower() in found:
            to.leave(place, text, "votes a second time in this file; the first counts")
        elif stand is None:
            to.leave(place, text, "neither 1, 0 or -1 nor a number for each option")
        else:
            found[to.person(place, github=voter)] = stand
    return found


def stand_of(value: Any) -> str | None:
    """Say a voter's stand in words: yes, abstain or no, or the options with their scores, the highest first."""
    if is_number(value):
        return STANDS.get(value)
    if not isinstance(value, Pairs) or not value.pairs or len(dict(value.pairs)) < len(value.pairs):
        return None
    if not all(is_number(score) for _, score in value.pairs):
        return None
    ordered = sorted(value.pairs, key=lambda pair: (-pair[1], pair[0]))
    return "; ".join(f"{shown(option)}: {score}" for option, score in ordered)


def is_number(value: Any) -> bool:
    """Say whether a value is a number that can be compared: not true, not infinite."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def outcome_of(value: Any, source: VoteFile, to: Gathering) -> str:
    """Return the outcome as the file tells it: a word, or the winners; nothing where it tells none."""
    winners = value.get("winner(s)") if isinstance(value, Pairs) else value
    entries = winners if isinstance(winners, list) else [winners]
    words = [words_of(entry) for entry in entries]
    whole = all(words) and (not isinstance(value, Pairs) or len(value.pairs) == 1)
    if value is not None and not whole:
        to.leave(source.place("outcome"), f"outcome: {told(value)}", "neither a word nor a list of winners")
    return "; ".join(word for word in words if word)


def first_link(value: Any, source: VoteFile, to: Gathering) -> str:
    """Return the first place that the vote refers to; the others are told, for a proposal has one address."""
    links = value if isinstance(value, list) else [] if value is None else [value]
    good = [link for link in links if isinstance(link, str) and re.fullmatch(r"https?://[!-~]{1,280}", link)]
    for link in links:
        if link not in good[:1]:
            to.leave(source.place("refs"), f"refs: {told(link)}", "not the vote's first web address")
    return good[0] if good else ""


def date_of(stem: str, source: VoteFile, to: Gathering) -> date | None:
    """Return the day in a file's name, if the calendar has it."""
    try:
        return date.fromisoformat(stem[:10])
    except ValueError:
        to.leave(Place(source.path), stem, "the calendar has no such day")
        return None


def words_of(value: Any) -> str:
    """Return a text as a title can show it; nothing for what is no text."""
    if not isinstance(value, str):
        return ""
    return shown(" ".join(value.split()))


def told(value: Any) -> str:
    """Return a value as a line can show it."""
    if isinstance(value, Pairs):
        return "{" + ", ".join(f"{key}: {told(inner)}" for key, inner in value.pairs[:MOST_SHOWN]) + "}"
    return json.dumps(value, ensure_ascii=False, default=lambda pairs: told(pairs))


FORMAT = NodeVotes()
