"""Say who a source means: people by number, login or name, areas and offices by name, address or what they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from governance.importing.held import (
    Held,
    Ref,
    day,
)
from governance.importing.reading import PersonRead


class People:
    """Everyone who is known by number, login or name, and who was met in the revisions so far."""

    def __init__(self, held: Sequence[Held]) -> None:
        self.numbers: dict[int, Ref] = {}
        self.logins: dict[str, Ref] = {}
        self.number_of: dict[str, int] = {}
        self.named: dict[str, list[Ref]] = defaultdict(list)
        self.borne: dict[str, list[tuple[date | None, date | None, Ref]]] = defaultdict(list)
        for one in held:
            for login, number in one.fields["accounts"]:
                self.know(one.pk, login, number)
            for login, lower, upper in one.fields["former"]:
                self.borne[login.lower()].append((day(lower), day(upper), one.pk))
            if one.fields["here"]:
                for name in {one.fields["name"], *(one.fields["withheld"] or ())}:
                    self.named[name].append(one.pk)

    def know(self, ref: Ref, login: str, number: int | None) -> None:
        """Remember under which login and number somebody is known."""
        if login:
            self.logins.setdefault(login.lower(), ref)
        if number:
            self.numbers.setdefault(number, ref)
            self.number_of.setdefault(login.lower(), number)

    def bearer(self, login: str, on: date) -> Ref | None:
        """Return who bore a login on a day: by its history, else whoever bears it now."""
        for lower, upper, ref in self.borne.get(login, ()):
            if (lower is None or lower <= on) and (upper is None or on < upper):
                return ref
        return self.logins.get(login)

    def find(self, person: PersonRead, on: date) -> Ref:
        """Return who this is, somebody new by their key; "!" and a reason where it cannot be told."""
        login, number = person.github.lower(), person.github_number
        if number and number in self.numbers:
            ref = self.numbers[number]
            self.know(ref, person.github, None)
            return ref
        bearer = self.bearer(login, on) if login else None
        if bearer is not None:
            known = self.number_of.get(login)
            if number and known and known != number:
                return f"!{person.name}: the login {person.github} is known as account {known}, and here as {number}"
            self.know(bearer, person.github, number)
            return bearer
        if not login and len(self.named.get(person.name, ())) == 1:
            return self.named[person.name][0]
        if not login:
            self.named[person.name] = [person.key]
        self.know(person.key, person.github, number)
        return person.key
