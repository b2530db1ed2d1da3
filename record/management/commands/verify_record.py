"""Check the record from its first event: 0 whole, 1 broken, 2 bad input."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from record.chain import Entry, Finding, UnreadableLine, read_lines, verify


def anchor(text: str) -> tuple[int, str]:
    """Read POSITION:HASH."""
    position, _, digest = text.partition(":")
    if not position.isdigit() or len(digest) != 64:
        raise ArgumentTypeError("write POSITION:HASH, such as 12:9f2b… with all 64 digits")
    return int(position), digest.lower()


class Command(BaseCommand):
    help = (
        "Check the record from its first event to its last. Status 0: whole; 1: broken, with the first bad position; "
        "2: bad input. With --file it checks a public export and needs no database."
    )
    # An export can be checked where neither the site nor its database is.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, metavar="F", help="a public export (/record/export.jsonl) instead")
        parser.add_argument(
            "--anchor",
            type=anchor,
            action="append",
            default=[],
            metavar="POSITION:HASH",
            help="a hash kept elsewhere that the record must still contain; may be given more than once",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        finding = checked(options["file"], dict(options["anchor"]))
        if options["json"]:
            self.stdout.write(json.dumps({"whole": finding.whole, **asdict(finding)}))
        else:
            self.stdout.write(words(finding))
        if not finding.whole:
            raise SystemExit(1)


def checked(file: Path | None, anchors: dict[int, str]) -> Finding:
    """Return what checking the file, or else the database, finds; a line that is no event is a bad position."""
    with source(file) as entries:
        try:
            return verify(entries, anchors=anchors)
        except UnreadableLine as error:
            if error.number == 1:
                raise CommandError(f"{file} is no export of the record: {error}", returncode=2) from error
            return Finding(error.number - 1, "", error.number, str(error))


@contextmanager
def source(file: Path | None) -> Iterator[Iterator[Entry]]:
    """Open the entries to check."""
    if file is None:
        # Only here: with --file no database is needed.
        from record.queries import entries

        yield entries()
        return
    try:
        with file.open(encoding="utf-8") as lines:
            yield read_lines(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"Cannot read {file}: {error}", returncode=2) from error


def words(finding: Finding) -> str:
    """Say what was found."""
    if finding.whole:
        if not finding.events:
            return "The record is whole: it has no event yet."
        unseen = (
            f" The content of {finding.withheld} is withheld; only their place was checked." if finding.withheld else ""
        )
        return (
            f"The record is whole: {finding.events} events from the first to the last.{unseen}\n"
            f"Keep this somewhere else, and a record written anew will show: {finding.events}:{finding.head}"
        )
    return f"The record is broken at position {finding.bad_position}: {finding.problem}."
