"""What the public pages and the export of the record show no more, because a person asked for it.

The rows stay as they are, and so do their hashes: another room says which words are left out when they are shown.
That room registers its redactor when it starts; the record imports nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from record.chain import Entry, Withheld

Redact = Callable[[str], str]
# Asked once a page or export, so that the words are read from their table once; None where nothing is withheld.
Redactor = Callable[[], Redact | None]

_redactors: list[Redactor] = []


def register_redactor(redactor: Redactor) -> None:
    """Leave out what this one says, too; registering it twice changes nothing."""
    if redactor not in _redactors:
        _redactors.append(redactor)


def redaction() -> Redact:
    """Return what leaves out all that is withheld now."""
    return withheld_now() or str


def withheld_now() -> Redact | None:
    """Return what leaves out all that is withheld now; None where nothing is."""
    steps = [step for redactor in _redactors if (step := redactor()) is not None]
    if not steps:
        return None

    def redact(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return redact


def shown(entry: Entry, redact: Redact) -> Entry:
    """Return an entry as pages show it; the same one where nothing of it is withheld."""
    return replace(
        entry,
        actor=redact(entry.actor),
        subject=redact(entry.subject),
        summary=redact(entry.summary),
        data=within(entry.data, redact),
    )


def within(value: Any, redact: Redact) -> Any:
    """Leave out of data what is withheld, in its keys too."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redact(key): within(item, redact) for key, item in value.items()}
    if isinstance(value, list):
        return [within(item, redact) for item in value]
    return value


def exported(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Return the entries as the public export gives them: of one with something withheld, its place and hash alone."""
    redact = redaction()
    for entry in entries:
        yield entry if shown(entry, redact) == entry else Withheld.of(entry)
