"""Say whether a file is a charter, and what is wrong with it: 0 it is, 2 it is not."""

import json
from argparse import ArgumentParser
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance import charter
from governance.charter import Charter, CharterRefused, plain_words
from governance.charter.reader import LARGEST_TEXT

LARGEST_BYTES = 4 * LARGEST_TEXT


class Command(BaseCommand):
    help = "Say whether a file is a charter. Status 0: it is; 2: it is not, with every fault, its line and the remedy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the charter, a TOML file (docs/reference/charter.md)")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        text = text_of(options["file"])
        try:
            rules = charter.parse(text)
        except CharterRefused as refused:
            if options["json"]:
                self.stdout.write(json.dumps(faults_document(refused), ensure_ascii=False))
            raise CommandError(f"{options['file']} is no charter:\n{refused}", returncode=2) from refused
        if options["json"]:
            self.stdout.write(json.dumps(document(rules, text), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(words(rules, text)))


def text_of(path: str) -> str:
    """Return a file's text.

    Raises:
        CommandError: in one line, when it cannot be read.
    """
    try:
        # No charter has so many bytes; a device or a wrong path has, without end.
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES:
            raise CommandError(
                f"{path} is larger than any charter; at most {LARGEST_BYTES} bytes are read.", returncode=2
            )
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8.", returncode=2) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"{path} cannot be read: {reason}.", returncode=2) from error


def words(rules: Charter, text: str) -> list[str]:
    """Write what a charter holds for a terminal: the sentence, what it leaves open, and what a vote on it must name."""
    open_ = [f"  open: {gap.question}" for gap in rules.gaps.values()]
    return [plain_words.page(rules).sentence, *open_, f"SHA-256: {digest(text)}"]


def digest(text: str) -> str:
    """Return what a vote names a text by."""
    return sha256(text.encode()).hexdigest()


def document(rules: Charter, text: str) -> dict[str, Any]:
    """Return what a charter holds."""
    return {
        "charter": True,
        "project": rules.project,
        "schema": rules.schema,
        "digest": digest(text),
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
