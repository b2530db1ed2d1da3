"""Read ballots from a file or a text, whichever of the known formats it is in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args

from governance.tally.ballots import Ballots, Kind
from governance.tally.faults import refuse
from governance.tally.formats.blt import read_blt
from governance.tally.formats.columns import read_columns
from governance.tally.formats.preflib import HEADING, TYPES, read_preflib
from governance.tally.text import read_text

Format = Literal["auto", "elekto", "civs", "csv", "blt", "preflib"]
READERS = {"elekto": read_columns, "civs": read_columns, "csv": read_columns, "blt": read_blt, "preflib": read_preflib}
BLT_HEADING = re.compile(r"[0-9]+\s+[0-9]+\s*(#.*)?", re.ASCII)


def read_ballots(source: Path | str, format: Format = "auto", kind: Kind = "ranks") -> Ballots:
    """Read ballots; raise TallyError naming file, line and remedy of each bad line.

    A Path is a file; a str is the text itself where it has more than one line, else the path of a file. `kind` says
    what the numbers of a CSV are: ranks, scores or approvals.
    """
    if isinstance(source, str) and "\n" in source:
        name, text = "ballots", source.removeprefix("\ufeff")
    else:
        name, text = str(source), read_text(Path(source))
    if format not in get_args(Format):
        raise refuse(name, f"unknown format {format!r}", f"name one of {', '.join(get_args(Format))}")
    if "\x00" in text:
        raise refuse(name, "not text", "give the ballots as CSV, BLT or PrefLib")
    return READERS[guessed(name, text) if format == "auto" else format](text, name, kind)


def guessed(name: str, text: str) -> str:
    """Tell the format by the first line that says something, then by the name's end."""
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    suffix = name.rpartition(".")[2].casefold()
    if suffix in TYPES or HEADING.fullmatch(first):
        return "preflib"
    if suffix == "blt":
        return "blt"
    bare = next((line.strip() for line in text.split("\n") if line.strip() and not line.strip().startswith("#")), "")
    return "blt" if BLT_HEADING.fullmatch(bare) else "csv"
