"""Count ballots, or count them again: the published file is all it needs. No database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.tally import (
    METHODS,
    STV,
    Ballots,
    EmployerCap,
    Result,
    TallyError,
    candidates_employers,
    count,
    drawn_order,
    read_ballots,
    sitting_employers,
)
from governance.tally.faults import refuse


class Command(BaseCommand):
    help = (
        "Count ballots and show the arithmetic. A tie for the last seat is told, never chosen, unless --tie-break "
        "gives a published draw. Exit status 2 and one line on bad input."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="ballots: elekto or CIVS CSV, BLT, or PrefLib (soc, soi, toc, toi, cat)"
        )
        parser.add_argument("--method", choices=sorted(METHODS), default="schulze", help="default schulze")
        parser.add_argument("--variant", choices=sorted(STV), default="gregory", help="of stv: default gregory")
        parser.add_argument("--seats", type=int, help="default: what a BLT file says, else 1")
        parser.add_argument(
            "--unranked",
            choices=("excluded", "last"),
            default="excluded",
            help="what a ballot says about a candidate it does not rank, to schulze and ranked-pairs: nothing "
            "(default, as Kubernetes counts) or below all ranked",
        )
        parser.add_argument(
            "--strength",
            choices=("winning", "margins"),
            help="of a defeat: ballots for it (default of schulze) or its majority (default of ranked-pairs)",
        )
        parser.add_argument("--affiliations", type=Path, help="CSV of candidate,employer for every candidate")
        parser.add_argument("--sitting", type=Path, help="CSV of member,employer for those who keep their seats")
        parser.add_argument("--employer-cap", type=int, metavar="N", help="most seats one employer may hold")
        parser.add_argument(
            "--tie-break", metavar="FILE|seed:WORDS", help="a drawn order of all candidates, or its seed"
        )
        parser.add_argument(
            "--long-terms", type=int, default=0, metavar="K", help="the first K elected have long terms"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            result = counted(file, options)
        except TallyError as error:
            raise CommandError(" ".join(str(error).split()), returncode=2) from error
        self.stdout.write(
            json.dumps(result.as_json(), ensure_ascii=False) if options["json"] else "\n".join(result.lines)
        )


def counted(file: Path, options: dict[str, Any]) -> Result:
    """Read everything the options name, and count."""
    ballots = read_ballots(file, kind=METHODS[options["method"]].kind)
    if not ballots.cast:
        # Any line of text reads as a heading of candidates: the first of them would be elected by nobody.
        raise refuse(str(file), "holds no ballot", "give the file with the ballots, a line each below the candidates")
    draw = options["tie_break"]
    return count(
        ballots,
        options["method"],
        seats=options["seats"],
        unranked=options["unranked"],
        variant=options["variant"],
        strength=options["strength"],
        cap=_cap(ballots, options),
        tie_break=None if draw is None else drawn_order(draw, ballots.candidates),
        long_term_seats=options["long_terms"],
    )


def _cap(ballots: Ballots, options: dict[str, Any]) -> EmployerCap | None:
    most, affiliations, sitting = options["employer_cap"], options["affiliations"], options["sitting"]
    if most is None and affiliations is None and sitting is None:
        return None
    if most is None or affiliations is None:
        raise CommandError("a cap needs both --employer-cap N and --affiliations FILE", returncode=2)
    return EmployerCap(
        most,
        candidates_employers(affiliations, ballots.candidates),
        sitting_employers(sitting, ballots.candidates) if sitting else {},
    )
