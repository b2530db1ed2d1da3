"""Say what is wrong with a charter's text: where, what, and the remedy; all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the key's path, the line of the file (0: none to name), the fault and its remedy."""

    path: str
    line: int
    wrong: str
    remedy: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.path) if part)
        return f"{where}: {self.wrong}; {self.remedy}." if where else f"{self.wrong}; {self.remedy}."


class CharterRefused(ValueError):
    """A text that is no charter. `faults` holds everything that is wrong, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.path, fault.wrong)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class UnknownRule(LookupError):
    """A question about an office, a decision or a state that the charter does not have."""
