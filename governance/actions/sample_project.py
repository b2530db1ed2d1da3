"""Load the project that the site ships with: add what is missing of it, and leave alone what is there."""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

import record
from ecosystem.actions.areas import add_area
from ecosystem.actions.people import add_person, record_affiliation
from ecosystem.actions.projects import keep_project
from ecosystem.models import Affiliation, Area, Person, Project
from governance.actions.charters import publish_shipped_charter
from governance.actions.offices import begin_term, define_office, end_term
from governance.models import Office, Term

PYTORCH = Path(__file__).resolve().parent.parent / "sample" / "pytorch.toml"


@dataclass
class Loaded:
    """How much was added, by what it is."""

    people: int = 0
    areas: int = 0
    offices: int = 0
    terms: int = 0
    affiliations: int = 0
    sources: dict[str, str] = field(default_factory=dict, repr=False)
    project: Project = field(default_factory=Project, repr=False)

    def counts(self) -> dict[str, int]:
        """Return how much was added, by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}

    @property
    def nothing(self) -> bool:
        return not any(self.counts().values())

    def words(self) -> str:
        """Say what was added."""
        if self.nothing:
            return "PyTorch's public facts were all here already."
        return (
            f"PyTorch's public facts were added: people {self.people}, areas {self.areas}, offices {self.offices}, "
            f"terms {self.terms}, affiliations {self.affiliations}."
        )


@transaction.atomic
def load_sample_project(*, by: str | None, path: Path = PYTORCH) -> Loaded:
    """Add PyTorch's publicly known people, areas, offices and terms; a second run changes nothing."""
    facts = tomllib.loads(path.read_text())
    sources = facts["sources"]
    project = keep_project(slug="pytorch", name="PyTorch", source=sources["governance"], by=by)
    loaded = Loaded(sources=sources, project=project)
    publish_shipped_charter(project=project, by=by)
    for slug, person in facts["people"].items():
        load_person(slug, person, loaded, by)
    for slug, area in facts["areas"].items():
        load_area(slug, area, loaded, by)
    for slug, office in facts["offices"].items():
        load_office(slug, office, loaded, by)
    for term in facts["terms"]:
        load_term(term, loaded, by)
    for affiliation in facts["affiliations"]:
        load_affiliation(affiliation, loaded, by)
    if not loaded.nothing:
        record.append("project.loaded", by=by, subject="project/pytorch", summary=loaded.words())
    return loaded


def load_person(slug: str, facts: dict[str, Any], loaded: Loaded, by: str | None) -> None:
    """Add a person who is not known yet."""
    if Person.objects.filter(slug=slug).exists():
        return
    add_person(
        slug=slug,
        name=facts["name"],
        github=facts["github"],
        source=loaded.sources[facts["source"]],
        by=by,
    )
    loaded.people += 1


def load_area(slug: str, facts: dict[str, Any], loaded: Loaded, by: str | None) -> None:
    """Add an area that is not known yet, with its maintainers' office and their terms."""
    if Area.objects.filter(slug=slug).exists():
        return
    source = loaded.sources[facts["source"]]
    area = add_area(
        project=loaded.project,
        slug=slug,
        name=facts["name"],
        path_patterns=facts["paths"],
        benchmark_tags=facts["tags"],
        note=facts.get("note", ""),
        source=source,
        by=by,
    )
    office = define_office(
        project=loaded.project,
        slug=f"{slug}-maintainer",
        name=f"maintainer of {area.name}",
        kind=Office.Kind.AREA,
        area=area,
        source=source,
        by=by,
    )
    loaded.areas += 1
    loaded.offices += 1
    for person in facts["maintainers"]:
        begin_term(office=office, person=Person.objects.get(slug=person), on=None, source=source, by=by)
        loaded.terms += 1


def load_office(slug: str, facts: dict[str, Any], loaded: Loaded, by: str | None) -> None:
    """Define an office that is not known yet."""
    if Office.objects.filter(slug=slug).exists():
        return
    define_office(
        project=loaded.project,
        slug=slug,
        name=facts["name"],
        kind=facts["kind"],
        seats=facts.get("seats"),
        signs_releases=facts["signs_releases"],
        source=loaded.sources[facts["source"]],
        by=by,
    )
    loaded.offices += 1


def load_term(facts: dict[str, Any], loaded: Loaded, by: str | None) -> None:
    """Begin, and where it ended end, a term that is not known yet."""
    office = Office.objects.get(slug=facts["office"])
    person = Person.objects.get(slug=facts["person"])
    # Whoever ever held the office is known: an administrator's later dates are not put back.
    if Term.objects.filter(office=office, person=person).exists():
        return
    since: date | None = facts.get("since")
    term = begin_term(
        office=office,
        person=person,
        on=since,
        source=loaded.sources[facts["source"]],
        note=facts.get("note", ""),
        by=by,
    )
    if "until" in facts:
        end_term(term=term, on=facts["until"], source=loaded.sources[facts["end_source"]], by=by)
    loaded.terms += 1


def load_affiliation(facts: dict[str, Any], loaded: Loaded, by: str | None) -> None:
    """Record an affiliation that is not known yet."""
    person = Person.objects.get(slug=facts["person"])
    if Affiliation.objects.filter(person=person, employer__slug=facts["employer_slug"]).exists():
        return
    record_affiliation(
        person=person,
        employer=facts["employer"],
        employer_slug=facts["employer_slug"],
        since=facts.get("since"),
        until=facts.get("until"),
        source=loaded.sources[facts["source"]],
        by=by,
    )
    loaded.affiliations += 1
