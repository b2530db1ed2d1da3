"""Invented people, offices, nights and releases for tests: no real person acts here."""

from datetime import date
from functools import cache

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from benchmarks_runner.models import Build, Bundle, Device, Machine, Night, PlannedPoint, Verdict
from ecosystem.actions.areas import add_area
from ecosystem.actions.people import add_person
from ecosystem.models import Area, Person, Project
from governance.actions.offices import begin_term, define_office
from governance.models import Office, Release, User

SOURCE = "https://example.org/source"


def a_project(slug: str = "loomery", *, kept: bool = True) -> Project:
    """Return a project: the one that the site keeps."""
    found = Project.objects.filter(slug=slug).first()
    return found or Project.objects.create(slug=slug, name=slug.title(), kept=kept, source=SOURCE)


def a_person(name: str = "Ada Example", github: str = "") -> Person:
    """Return a person of this name."""
    return add_person(slug=name.lower().replace(" ", "-"), name=name, github=github, source=SOURCE, by=None)


def an_area(slug: str = "looms", tags: tuple[str, ...] = ("attention",)) -> Area:
    """Return an area."""
    return add_area(
        project=a_project(),
        slug=slug,
        name=slug.title(),
        path_patterns=[f"/{slug}/"],
        benchmark_tags=tags,
        source=SOURCE,
        by=None,
    )


def an_office(slug: str = "core", *, kind: str = Office.Kind.CORE, **more: object) -> Office:
    """Return an office."""
    more.setdefault("project", a_project())
    return define_office(slug=slug, name=f"office of {slug}", kind=kind, source=SOURCE, by=None, **more)


def an_account(username: str = "ada", *, person: Person | None = None, **more: object) -> User:
    """Return an account that can sign in with the password `loom and needle`."""
    return User.objects.create(username=username, password=hashed_once(), person=person, **more)


@cache
def hashed_once() -> str:
    """Return that password, hashed: it is slow to hash on purpose, and a run of the tests needs many accounts."""
    return make_password("loom and needle")


def a_signatory(username: str = "ada", name: str = "Ada Example", since: date = date(2020, 1, 1)) -> User:
    """Return the account of somebody who holds an office that signs releases."""
    person = a_person(name)
    office = Office.objects.filter(slug="core").first() or an_office(signs_releases=True)
    begin_term(office=office, person=person, on=since, source=SOURCE, by=None)
    return an_account(username, person=person)


def a_build(version: str = "2.14.0rc1", *, kind: str = Build.Kind.CANDIDATE, name: str = "") -> Build:
    """Return a build of a framework."""
    name = name or f"torch {version}"
    bundle = Bundle.objects.create(
        specification=name.replace(" ", "=="), requirements=[name.replace(" ", "==")], requested_by="ada"
    )
    return Build.objects.create(name=name, framework="torch", version=version, kind=kind, bundle=bundle)


def a_night(
    candidate: Build,
    baseline: Build,
    verdicts: dict[str, str],
    *,
    suite: str | None = Verdict.Word.PASS,
    state: str = Night.State.DECIDED,
    planned: tuple[str, ...] = (),
) -> Night:
    """Return a night with these verdicts; `planned` names points that have none."""
    machine, _ = Machine.objects.get_or_create(name="machine 1", digest="d" * 64, defaults={"fingerprint": {}})
    device, _ = Device.objects.get_or_create(machine=machine, kind=Device.Kind.CPU, defaults={"model": "a processor"})
    night = Night.objects.create(
        baseline=baseline,
        candidate=candidate,
        device=device,
        suite="smoke",
        suite_version="1",
        seed=1,
        state=state,
        ended_at=timezone.now() if state in ("decided", "cancelled", "failed") else None,
        requested_by="ada",
        repeat=Night.objects.count() + 1,
    )
    for point, word in verdicts.items():
        Verdict.objects.create(night=night, point=point, verdict=word, reason=f"{point} because.")
    if suite is not None:
        Verdict.objects.create(night=night, point="", verdict=suite)
    for point in (*verdicts, *planned):
        PlannedPoint.objects.create(night=night, point=point, clock="wall")
    return night


def a_release(version: str = "2.14.0", candidate: Build | None = None, night: Night | None = None) -> Release:
    """Return a planned release, whoever planned it."""
    return Release.objects.create(version=version, candidate=candidate, night=night)
