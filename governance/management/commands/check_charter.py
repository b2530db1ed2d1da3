"""Say whether a file is a charter, and what is wrong with it: 0 it is, 2 it is not."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance import charter
from governance.charter import Charter, CharterRefused, plain_words


class Command(BaseCommand):
    help = "Say whether a file is a charter. Status 0: it is; 2: it is not, with every fault, its line and the remedy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the charter, a TOML file (docs/reference/charter.md)")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rules = charter.parse(text_of(options["file"]))
        except CharterRefused as refused:
            if options["json"]:
                self.stdout.write(json.dumps(faults_document(refused), ensure_ascii=False))
            raise CommandError(f"{options['file']} is no charter:\n{refused}", returncode=2) from refused
        if options["json"]:
            self.stdout.write(json.dumps(document(rules), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(words(rules)))


def text_of(path: str) -> str:
    """Return a file's text.

    Raises:
        CommandError: in one line, when it cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8.", returncode=2) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"{path} cannot be read: {reason}.", returncode=2) from error


def words(rules: Charter) -> list[str]:
    """Write what a charter holds for a terminal: the sentence, then what it leaves open."""
    return [plain_words.page(rules).sentence, *(f"  open: {gap.question}" for gap in rules.gaps.values())]


def document(rules: Charter) -> dict[str, Any]:
    """Return what a charter holds."""
    return {
        "charter": True,
        "project": rules.project,
        "schema": rules.schema,
        "offices": sorted(rules.offices),
        "decisions": sorted(rules.decisions),
        "gaps": [{"name": name, "question": gap.question, "at": list(gap.at)} for name, gap in rules.gaps.items()],
        "faults": [],
    }


def faults_document(refused: CharterRefused) -> dict[str, Any]:
    """Return what is wrong with a file."""
    return {
        "charter": False,
        "faults": [
            {"line": fault.line, "path": fault.path, "wrong": fault.wrong, "remedy": fault.remedy}
            for fault in refused.faults
        ],
    }
