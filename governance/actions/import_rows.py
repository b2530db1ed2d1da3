"""Write a difference into the tables: in bulk, in an order in which every step is allowed, each row with its trace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Value
from django.db.models.functions import Cast, Concat
from django.utils.text import slugify

from ecosystem.actions.identities import IdentityRefused, rename_login
from ecosystem.models import Affiliation, Area, Employer, Identity, Login, Person
from governance.actions.imported_proposals import import_proposal, retract_import
from governance.importing.held import Change, Conflict, Fields, Ref, day
from governance.models import Import, ImportTrace, Office, Proposal, Term
from record.actions import Account

BATCH = 1000
MODELS: dict[str, type[models.Model]] = {
    "person": Person,
    "area": Area,
    "office": Office,
    "term": Term,
    "affiliation": Affiliation,
    "proposal": Proposal,
}
COLUMNS = {"paths": "path_patterns", "parent": "parent_id", "area": "area_id"}


@dataclass
class Writing:
    """One difference on its way into the tables."""

    imported: Import
    by: Account | str | None
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    left: list[Conflict] = field(default_factory=list)
    # What is written beside the rows of the list, so that undoing finds it: kinds and numbers, by the change's row.
    beside: dict[tuple[str, int], dict[str, list[int]]] = field(default_factory=dict)

    def write(self, changes: Sequence[Change]) -> list[Change]:
        """Make all changes; return them with the numbers of their rows."""
        self.remove_kind(changes, "term")
        self.remove_kind(changes, "affiliation")
        for kind in ("area", "office"):
            self.free_addresses(changes, kind)
        self.add_people(of(changes, "person", "added"))
        self.add_areas(of(changes, "area", "added"))
        self.add_offices(of(changes, "office", "added"))
        self.change_people(of(changes, "person", "changed"))
        self.change_rows(of(changes, "area", "changed"), Area)
        self.change_rows(of(changes, "office", "changed"), Office)
        self.date_rows(of(changes, "term", "changed", "ended"), Term)
        self.add_terms(of(changes, "term", "added"))
        self.date_rows(of(changes, "affiliation", "changed", "ended"), Affiliation)
        self.add_affiliations(of(changes, "affiliation", "added"))
        self.write_proposals(of(changes, "proposal", "added", "changed", "removed"))
        made = [self.settled(change) for change in changes]
        self.trace(made)
        for kind in ("office", "area", "person"):
            self.remove_kind(changes, kind)
        return made

    # -- references ------------------------------------------------------------------------------------------------

    def row(self, kind: str, ref: Ref | None) -> int | None:
        """Return the number of a row that may have been added just now."""
        return self.rows[kind, ref] if isinstance(ref, str) else ref

    def settled(self, change: Change) -> Change:
        """Return a change with numbers in the place of keys."""
        ref = change.ref
        if change.verb == "added":
            ref = self.rows[change.kind, identity(change)]
        return replace(change, ref=ref, after=self.numbered(change.after))

    def numbered(self, fields: Fields | None) -> Fields | None:
        """Return values with numbers in the place of keys."""
        if fields is None:
            return None
        kinds = {"office": "office", "person": "person", "area": "area", "parent": "area"}
        found: Fields = {name: self.row(kinds[name], v) if name in kinds else v for name, v in fields.items()}
        for name, kind in (("authors", "person"), ("shepherds", "person"), ("areas", "area")):
            if name in found:
                found[name] = sorted((self.row(kind, ref) for ref in found[name]), key=str)
        if "positions" in found:
            found["positions"] = {str(self.person_of(ref)): word for ref, word in found["positions"].items()}
        return found

    def person_of(self, ref: str) -> int:
        """Return the person of a position's key, which JSON keeps as text."""
        return self.rows.get(("person", ref)) or int(ref)

    def seen(self, change: Change) -> str:
        """Return where the line behind a change is seen."""
        place = change.place
        return self.imported.seen_at(place.file, place.line) if place else self.imported.get_absolute_url()

    def keep(self, changes: Sequence[Change], made: Iterable[models.Model]) -> None:
        """Remember the numbers of rows that were added."""
        for change, row in zip(changes, made, strict=True):
            self.rows[change.kind, identity(change)] = row.pk

    # -- adding ----------------------------------------------------------------------------------------------------

    def add_people(self, changes: Sequence[Change]) -> None:
        """Add people with the accounts they act under."""
        slugs = Slugs(Person)
        people = [
            Person(slug=slugs.free(new["name"] or new["github"]), name=new["name"], source=self.seen(change))
            for change in changes
            for new in [change.after or {}]
        ]
        self.keep(changes, Person.objects.bulk_create(people, BATCH))
        accounts = [
            Identity(
                person=person,
                kind=Identity.Kind.GITHUB,
                value=new["github"],
                number=new["number"],
                source=person.source,
            )
            for person, change in zip(people, changes, strict=True)
            for new in [change.after or {}]
            if new["github"]
        ]
        Identity.objects.bulk_create(accounts, BATCH)

    def add_areas(self, changes: Sequence[Change]) -> None:
        """Add areas, and then say which is a part of which."""
        areas = []
        for change in changes:
            new = change.after or {}
            area = Area(project=self.imported.project, slug=new["slug"], name=new["name"], source=self.seen(change))
            area.path_patterns, area.former_slugs = new["paths"], new.get("former_slugs", [])
            area.known_from, area.sunset_on = day(new["known_from"]), day(new["sunset_on"])
            areas.append(area)
        self.keep(changes, Area.objects.bulk_create(areas, BATCH))
        for area, change in zip(areas, changes, strict=True):
            area.parent_id = self.row("area", (change.after or {})["parent"])
        Area.objects.bulk_update([area for area in areas if area.parent_id], ["parent"], BATCH)

    def add_offices(self, changes: Sequence[Change]) -> None:
        """Add offices."""
        offices = []
        for change in changes:
            new = {**(change.after or {})}
            new["area_id"] = self.row("area", new.pop("area"))
            offices.append(Office(project=self.imported.project, source=self.seen(change), **new))
        self.keep(changes, Office.objects.bulk_create(offices, BATCH))

    def add_terms(self, changes: Sequence[Change]) -> None:
        """Begin terms."""
        terms = []
        for change in changes:
            new = self.numbered(change.after) or {}
            terms.append(
                Term(
                    office_id=new["office"],
                    person_id=new["person"],
                    standing=new["standing"],
                    held=days(new),
                    seat=new.get("seat"),
                    note=new["note"],
                    source=self.seen(change),
                    end_source=self.seen(change) if new["upper"] else "",
                )
            )
        self.keep(changes, Term.objects.bulk_create(terms, BATCH))

    def add_affiliations(self, changes: Sequence[Change]) -> None:
        """Say who employed whom."""
        before = set(Employer.objects.values_list("pk", flat=True))
        employers = self.employers({(change.after or {})["employer"] for change in changes})
        rows = []
        for change in changes:
            new = self.numbered(change.after) or {}
            employer = employers[new["employer"]]
            rows.append(
                Affiliation(person_id=new["person"], employer=employer, held=days(new), source=self.seen(change))
            )
        self.keep(changes, Affiliation.objects.bulk_create(rows, BATCH))
        new_employers = {employer.pk for employer in employers.values()} - before
        for row in rows:
            if row.employer_id in new_employers:
                self.note("affiliation", row.pk, "employer", row.employer_id)

    def employers(self, names: set[str]) -> dict[str, Employer]:
        """Return the organisations of these names; those that are not known are added."""
        found = {one.name: one for one in Employer.objects.filter(name__in=names)}
        slugs = Slugs(Employer)
        missing = [Employer(name=name, slug=slugs.free(name)) for name in sorted(names - found.keys())]
        found.update({one.name: one for one in Employer.objects.bulk_create(missing, BATCH)})
        return found

    # -- changing --------------------------------------------------------------------------------------------------

    def change_people(self, changes: Sequence[Change]) -> None:
        """Bring people's names and accounts up to date; a login given up stays in its history."""
        for change in changes:
            person = Person.objects.get(pk=change.ref)
            new = change.after or {}
            if "name" in new:
                person.name = new["name"]
                person.save(update_fields=["name"])
            if "number" in new:
                login = new.get("github") or (change.before or {}).get("login") or ""
                self.number(person, login, new["number"])
            if new.get("github"):
                self.rename(person, new["github"], change)

    def number(self, person: Person, login: str, number: int | None) -> None:
        """Write down the number of a person's account."""
        accounts = Identity.objects.filter(person=person, kind=Identity.Kind.GITHUB)
        account = accounts.filter(value__iexact=login).first() or accounts.order_by("pk").first()
        if account is not None:
            account.number = number
            account.save(update_fields=["number"])
            self.note("person", person.pk, "numbered", account.pk)

    def rename(self, person: Person, login: str, change: Change) -> None:
        """Say that a person's account bears another login now, or that they have one at all."""
        account = Identity.objects.filter(person=person, kind=Identity.Kind.GITHUB).order_by("pk").first()
        if account is None:
            kind = Identity.Kind.GITHUB
            added = Identity.objects.create(person=person, kind=kind, value=login, source=self.seen(change))
            self.note("person", person.pk, "identity", added.pk)
        else:
            try:
                on, source = self.imported.as_of, self.seen(change)
                rename_login(identity=account, login=login, on=on, source=source, by=self.by)
                self.note("person", person.pk, "login", account.logins.get(held__endswith__isnull=True).pk)
            except IdentityRefused as refused:
                self.left.append(Conflict("person", change.ref, f"{person.name}: {refused}", change.place))

    def note(self, kind: str, row: int, what: str, pk: int) -> None:
        """Remember what was written beside a row."""
        self.beside.setdefault((kind, row), {}).setdefault(what, []).append(pk)

    def change_rows(self, changes: Sequence[Change], model: Any) -> None:
        """Change areas or offices."""
        rows = model.objects.in_bulk([change.ref for change in changes])
        columns = set()
        for change in changes:
            for name, value in (self.numbered(change.after) or {}).items():
                column = COLUMNS.get(name, name)
                setattr(rows[change.ref], column, day(value) if name in ("known_from", "sunset_on") else value)
                columns.add(column.removesuffix("_id"))
        if columns:
            model.objects.bulk_update(rows.values(), sorted(columns), BATCH)

    def free_addresses(self, changes: Sequence[Change], kind: str) -> None:
        """Let go of the addresses of rows that get another or go: what is new may be called so."""
        renamed = [change for change in of(changes, kind, "changed") if "slug" in (change.after or {})]
        rows = MODELS[kind]._base_manager.filter(pk__in=[c.ref for c in (*renamed, *of(changes, kind, "removed"))])
        rows.update(slug=Concat(Value("moving-"), Cast("pk", models.TextField())))

    def date_rows(self, changes: Sequence[Change], model: Any) -> None:
        """Change when terms or affiliations begin and end: first what grows shorter, so that no two ever overlap."""
        rows = model.objects.in_bulk([change.ref for change in changes])
        shorter, fields = [], ["held"] if model is Affiliation else ["held", "note", "end_source"]
        for change in changes:
            row, new = rows[change.ref], change.after or {}
            now = DateRange(
                day(new["lower"]) if "lower" in new else row.held.lower,
                day(new["upper"]) if "upper" in new else row.held.upper,
            )
            common = in_common(row.held, now)
            row.held, wanted = common or row.held, now
            if common:
                shorter.append(row)
            row.wanted = wanted
            if model is Term:
                row.note = new.get("note", row.note)
                row.end_source = (self.seen(change) if now.upper else "") if "upper" in new else row.end_source
        model.objects.bulk_update(shorter, ["held"], BATCH)
        for row in rows.values():
            row.held = row.wanted
        model.objects.bulk_update(rows.values(), fields, BATCH)

    def write_proposals(self, changes: Sequence[Change]) -> None:
        """Enter proposals, bring them up to date, or take them off the lists."""
        for change in changes:
            if change.verb == "removed":
                proposal = Proposal.objects.get(pk=change.ref)
                retract_import(proposal=proposal, reason=f"Import {self.imported.pk} was undone.", by=self.by)
                continue
            known = Proposal.objects.filter(pk=change.ref).first() if isinstance(change.ref, int) else None
            new = self.numbered(change.after) or {}
            proposal = self.entered(change, known, new)
            if known is None:
                self.rows["proposal", identity(change)] = proposal.pk

    def entered(self, change: Change, known: Proposal | None, new: Fields) -> Proposal:
        """Enter one proposal through the action of its own."""

        def value(name: str) -> Any:
            return new[name] if name in new else getattr(known, name)

        def several(name: str, model: Any) -> Any:
            return model.objects.filter(pk__in=new[name]) if name in new else getattr(known, name).all()

        voters = Person.objects.in_bulk([int(pk) for pk in new.get("positions", {})])
        return import_proposal(
            project=self.imported.project,
            number=known.number if known else new["number"],
            title=value("title"),
            state=value("state"),
            outcome=value("outcome"),
            opened_on=day(new["opened_on"]) if "opened_on" in new else getattr(known, "opened_on", None),
            url=value("url"),
            authors=several("authors", Person),
            shepherds=several("shepherds", Person),
            areas=several("areas", Area),
            positions={voters[int(pk)]: word for pk, word in new.get("positions", {}).items()},
            source=self.seen(change),
            by=self.by,
        )

    # -- removing and remembering ----------------------------------------------------------------------------------

    def remove_kind(self, changes: Sequence[Change], kind: str) -> None:
        """Remove rows of a kind that imports added and no revision lists any more."""
        rows = [int(change.ref) for change in of(changes, kind, "removed")]
        if kind == "person":
            Login.objects.filter(identity__person__in=rows).delete()
            Identity.objects.filter(person__in=rows).delete()
        if kind == "area":
            Area.objects.filter(pk__in=rows).update(parent=None)
        MODELS[kind]._base_manager.filter(pk__in=rows).delete()

    def trace(self, changes: Sequence[Change]) -> None:
        """Write down, row by row, what stood there before imports and what they wrote."""
        project, format = self.imported.project, self.imported.format
        known = {(one.kind, one.row): one for one in ImportTrace.objects.filter(project=project, format=format)}
        made: dict[tuple[str, int], ImportTrace] = {}
        dropped: list[int] = []
        for change in changes:
            at = (change.kind, int(change.ref))
            trace = made.get(at) or known.get(at)
            if change.verb == "removed":
                if trace is not None and change.kind != "proposal":
                    dropped.append(trace.pk)
                continue
            after = traced(change)
            if trace is None:
                before = None if change.verb == "added" else {name: (change.before or {}).get(name) for name in after}
                trace = ImportTrace(
                    project=project, format=format, kind=at[0], row=at[1], key=change.key, before=before
                )
                trace.written = {}
            elif trace.before is not None:
                trace.before = {**{name: (change.before or {}).get(name) for name in after}, **trace.before}
            trace.written = {**trace.written, **after}
            made[at] = trace
        restored = [t for t in made.values() if t.before is not None and t.before == t.written]
        new = [trace for trace in made.values() if trace.pk is None and trace not in restored]
        old = [trace for trace in made.values() if trace.pk is not None and trace not in restored]
        ImportTrace.objects.bulk_create(new, BATCH)
        ImportTrace.objects.bulk_update(old, ["before", "written"], BATCH)
        ImportTrace.objects.filter(pk__in=[*dropped, *(t.pk for t in restored if t.pk)]).delete()


def traced(change: Change) -> Fields:
    """Return the values that an import answers for; accounts are told beside them, and taken back on their own."""
    left = {"person": {"github", "slug", "number"}, "term": {"seat"}, "proposal": {"retracted", "positions"}}.get(
        change.kind, set()
    )
    return {name: value for name, value in (change.after or {}).items() if name not in left}


def of(changes: Iterable[Change], kind: str, *verbs: str) -> list[Change]:
    """Return the changes of a kind."""
    return [change for change in changes if change.kind == kind and change.verb in verbs]


def identity(change: Change) -> str:
    """Return by what an added row is spoken of before it has a number."""
    if change.kind in ("term", "affiliation"):
        return change.words
    return str(change.ref)


def days(fields: Fields) -> DateRange:
    return DateRange(day(fields["lower"]), day(fields["upper"]))


def in_common(one: DateRange, other: DateRange) -> DateRange | None:
    """Return the days that two ranges share; None where there are none."""
    lowers = [bound for bound in (one.lower, other.lower) if bound]
    uppers = [bound for bound in (one.upper, other.upper) if bound]
    lower, upper = max(lowers, default=None), min(uppers, default=None)
    return None if lower and upper and upper <= lower else DateRange(lower, upper)


class Slugs:
    """Addresses that nobody has yet."""

    def __init__(self, model: Any) -> None:
        self.taken = set(model.objects.values_list("slug", flat=True))
        self.last: dict[str, int] = {}

    def free(self, words: str) -> str:
        """Return a free address made of words."""
        base = slugify(words)[:70].strip("-") or "unnamed"
        slug = base
        while slug in self.taken:
            self.last[base] = self.last.get(base, 1) + 1
            slug = f"{base}-{self.last[base]}"
        self.taken.add(slug)
        return slug
