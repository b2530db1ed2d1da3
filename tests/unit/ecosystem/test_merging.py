"""One human entered twice: merged and taken back without loss."""

import pytest

from ecosystem.actions.merging import (
    MergeRefused,
    keep_apart,
    merge_employers,
    merge_people,
    unmerge_employers,
    unmerge_people,
)
from ecosystem.models import Affiliation, Employer, KeptApart, Merge, Person
from ecosystem.queries import affiliations_of, employer_on, people, public_identities, same_human
from record.models import Event
from tests.factories.people import SOURCE, a_person

pytestmark = pytest.mark.django_db


def merged(person: Person, into: Person) -> Person:
    return merge_people(person=person, into=into, reason="the same login", by="ada")


def unmerged(person: Person) -> Person:
    return unmerge_people(person=person, reason="a namesake", by="ada")


def pointers() -> dict[str, str | None]:
    return dict(Person.objects.values_list("slug", "merged_into__slug"))


def everything() -> list[object]:
    """Return every row about people as the tables hold them, but for the merges' own history."""
    return [list(model.objects.order_by("pk").values()) for model in (Person, Affiliation)]


def test_a_merged_person_is_shown_as_the_kept_one_with_what_is_known_of_both() -> None:
    greg, gregory = a_person("Greg Example", github="gregex"), a_person("Gregory Example", github="gregoryex")
    assert merged(gregory, greg) == greg
    gregory.refresh_from_db()
    assert list(people()) == [greg]
    assert set(same_human(greg)) == set(same_human(gregory)) == {greg, gregory}
    assert {identity.value for identity in public_identities(greg)} == {"gregex", "gregoryex"}


def test_taking_a_merge_back_restores_every_row() -> None:
    first, second, third = (a_person(name) for name in ("Ada One", "Ada Two", "Ada Three"))
    before = everything()
    merged(third, second)
    between = everything()
    merged(second, first)
    assert pointers() == {"ada-one": None, "ada-two": "ada-one", "ada-three": "ada-one"}
    unmerged(second)
    assert everything() == between
    unmerged(third)
    assert everything() == before


def test_merges_are_taken_back_in_any_order() -> None:
    first, second, third = (a_person(name) for name in ("Ada One", "Ada Two", "Ada Three"))
    merged(third, second)
    merged(second, first)
    unmerged(third)
    assert pointers() == {"ada-one": None, "ada-two": "ada-one", "ada-three": None}
    merged(third, first)
    unmerged(second)
    assert pointers() == {"ada-one": None, "ada-two": None, "ada-three": "ada-one"}


def test_merging_into_one_who_is_merged_leads_to_who_is_kept() -> None:
    first, second, third = (a_person(name) for name in ("Ada One", "Ada Two", "Ada Three"))
    merged(second, first)
    assert merged(third, second) == first


def test_a_ring_and_a_second_merge_are_refused() -> None:
    first, second, third = (a_person(name) for name in ("Ada One", "Ada Two", "Ada Three"))
    merged(second, first)
    merged(third, second)
    for person, into in ((first, third), (first, second), (first, first)):
        with pytest.raises(MergeRefused, match="one already"):
            merged(person, into)
    with pytest.raises(MergeRefused, match="merged into Ada One already"):
        merged(second, third)
    with pytest.raises(MergeRefused, match="not merged"):
        unmerged(first)
    assert Merge.objects.count() == 2


def test_both_are_in_the_record() -> None:
    first, second = a_person("Greg Example"), a_person("Gregory Example")
    merged(second, first)
    unmerged(second)
    events = Event.objects.filter(subject="person/gregory-example").order_by("position")
    assert [(event.kind, event.actor) for event in events][1:] == [("person.merged", "ada"), ("person.unmerged", "ada")]
    assert events[1].summary == (
        "Gregory Example (gregory-example) is the same human as Greg Example (greg-example): the same login."
    )


def test_keeping_apart_is_said_once() -> None:
    first, second = a_person("Greg Example"), a_person("Gregory Example")
    keep_apart(first=second, second=first, by="ada")
    keep_apart(first=first, second=second, by="ada")
    assert KeptApart.objects.count() == 1
    assert Event.objects.filter(kind="person.kept_apart").count() == 1


def test_an_employer_under_two_names_is_counted_once() -> None:
    person = a_person()
    looms, limited = (
        Employer.objects.create(slug=slug, name=name)
        for slug, name in (("looms", "Example Looms"), ("looms-ltd", "Example Looms Ltd"))
    )
    for employer in (looms, limited):
        Affiliation.objects.create(person=person, employer=employer, held=(None, None), source=SOURCE)
    day = Event.objects.latest("position").at.date()
    assert employer_on(person, day) == "Example Looms, Example Looms Ltd"
    assert merge_employers(employer=limited, into=looms, reason="a legal form", by="ada") == looms
    assert employer_on(person, day) == "Example Looms"
    with pytest.raises(MergeRefused, match="one already"):
        merge_employers(employer=looms, into=limited, reason="a ring", by="ada")
    unmerge_employers(employer=limited, reason="two firms", by="ada")
    assert employer_on(person, day) == "Example Looms, Example Looms Ltd"


def test_affiliations_of_both_are_shown() -> None:
    first, second = a_person("Greg Example"), a_person("Gregory Example")
    Affiliation.objects.create(person=second, employer=None, held=(None, None), source=SOURCE)
    merged(second, first)
    second.refresh_from_db()
    assert affiliations_of(first).count() == affiliations_of(second).count() == 1
