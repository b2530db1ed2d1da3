"""Who may be one human entered twice: suggested with the reason, decided by an administrator."""

from datetime import date

import pytest
from django.test import Client

from ecosystem.actions.identities import IdentityRefused, add_identity, rename_login
from ecosystem.actions.merging import keep_apart, merge_people
from ecosystem.duplicates import one_letter_off, plain, suggested_employers, suggested_people
from ecosystem.models import Employer, Identity, Login, Person
from record.models import Event
from tests.factories.people import SOURCE, a_person, an_account

pytestmark = pytest.mark.django_db


def suggested() -> dict[tuple[str, str], str]:
    return {(found.first.name, found.second.name): found.reason for found in suggested_people()}


def known_by(person: Person, kind: str, value: str, number: int | None = None) -> Identity:
    return add_identity(person=person, kind=kind, value=value, number=number, source=SOURCE, by=None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Greg Example", "Gregory Example"),
        ("Bob Example", "Robert Example"),
        ("Ada Wittrock-Example", "Ada Whittrock-Example"),
        ("Grace Exemple", "Grace Example"),
        ("Grigori Example", "Grigory Example"),
        ("Ada Example", "Ada B. Example"),
    ],
)
def test_near_names_are_suggested(one: str, other: str) -> None:
    a_person(one), a_person(other)
    assert suggested() == {(one, other): f"near names: {one} and {other}"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Example", "Grace Example"),
        ("Al Example", "Alban Example"),
        ("Ada Chen", "Ada Shen"),
        ("Ada", "Adam"),
        ("Ada Luisa Example", "Ada Elena Example"),
        ("Ada Example", "Ada Pattern"),
    ],
)
def test_other_names_are_not(one: str, other: str) -> None:
    a_person(one), a_person(other)
    assert suggested() == {}


def test_the_same_name_but_for_accents_case_and_points() -> None:
    assert plain("Łódź-Ø.") == "lodz o"
    a_person("Zoë Example"), Person.objects.create(slug="zoe-2", name="ZOE EXAMPLE", source=SOURCE)
    assert suggested()[("Zoë Example", "ZOE EXAMPLE")] == "the same name"


def test_a_shared_address_is_a_reason_that_does_not_show_it() -> None:
    ada, grace = a_person("Ada Example"), a_person("Grace Pattern")
    for person in (ada, grace):
        known_by(person, Identity.Kind.EMAIL, "team@example.org")
    assert suggested() == {("Ada Example", "Grace Pattern"): "the same git e-mail"}
    assert not Event.objects.filter(data__value="team@example.org").exists()
    assert "team@example.org" not in str(list(Event.objects.values_list("summary", flat=True)))


def test_the_addresses_that_github_gives_tell_the_account() -> None:
    ada, entered_again, by_number = a_person("Ada Example"), a_person("A. E."), a_person("Nobody Else")
    known_by(ada, Identity.Kind.GITHUB, "AdaEx", number=77)
    known_by(entered_again, Identity.Kind.EMAIL, "adaex@users.noreply.github.com")
    known_by(by_number, Identity.Kind.EMAIL, "77+adanow@users.noreply.github.com")
    assert suggested() == {
        ("Ada Example", "A. E."): "the same login, whatever its case",
        ("Ada Example", "Nobody Else"): "the same GitHub account number",
    }


def test_a_login_borne_before_and_a_name_that_is_a_login_are_reasons() -> None:
    ada, later, bare = a_person("Ada Example"), a_person("Grace Pattern"), a_person("ADALATER")
    account = known_by(ada, Identity.Kind.GITHUB, "adafirst", number=7)
    rename_login(identity=account, login="adalater", on=date(2024, 1, 1), source=SOURCE, by=None)
    known_by(later, Identity.Kind.GITHUB, "AdaFirst", number=8)
    assert suggested() == {
        ("Ada Example", "Grace Pattern"): "the same login, whatever its case",
        ("Ada Example", bare.name): "the name of one is the login of the other",
    }


def test_logins_are_history_and_never_two_accounts_at_once() -> None:
    ada, grace = a_person("Ada Example"), a_person("Grace Example")
    account = known_by(ada, Identity.Kind.GITHUB, "adafirst", number=7)
    other = known_by(grace, Identity.Kind.GITHUB, "grace", number=8)
    rename_login(identity=account, login="AdaNow", on=date(2024, 1, 1), source=SOURCE, by="ada")
    assert [(login.value, str(login.held.lower), str(login.held.upper)) for login in Login.objects.all()] == [
        ("adafirst", "None", "2024-01-01"),
        ("AdaNow", "2024-01-01", "None"),
    ]
    with pytest.raises(IdentityRefused, match="Ada Example's already"):
        rename_login(identity=other, login="adanow", on=date(2024, 2, 1), source=SOURCE, by=None)
    with pytest.raises(IdentityRefused, match="Ada Example's already"):
        known_by(grace, Identity.Kind.GITHUB, "ADANOW")
    with pytest.raises(IdentityRefused, match="not before"):
        rename_login(identity=account, login="again", on=date(2023, 1, 1), source=SOURCE, by=None)
    rename_login(identity=other, login="AdaFirst", on=date(2024, 2, 1), source=SOURCE, by=None)
    assert "is AdaFirst from 2024-02-01" in Event.objects.latest("position").summary


def test_what_is_merged_or_kept_apart_is_suggested_no_more() -> None:
    greg, gregory = a_person("Greg Example"), a_person("Gregory Example")
    keep_apart(first=greg, second=gregory, by=None)
    third = a_person("Gregor Example")
    assert set(suggested()) == {("Greg Example", "Gregor Example"), ("Gregory Example", "Gregor Example")}
    merge_people(person=third, into=greg, reason="one", by=None)
    assert suggested() == {}


def test_employers_that_differ_in_legal_form_are_suggested() -> None:
    for slug, name in (("a", "Kettlework"), ("b", "Kettlework GmbH"), ("c", "Kettle Work"), ("d", "Inc.")):
        Employer.objects.create(slug=slug, name=name)
    (found,) = suggested_employers()
    assert (found.first.name, found.second.name) == ("Kettlework", "Kettlework GmbH")


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("wittrock", "whitrock", False),
        ("wittrock", "witrock", True),
        ("wittrock", "wittrokc", True),
        ("wittrock", "wittrack", True),
        ("wittrock", "wittrocks", True),
        ("wittrock", "wittro", False),
        ("same", "same", True),
    ],
)
def test_one_letter_off(one: str, other: str, answer: bool) -> None:
    assert one_letter_off(one, other) is one_letter_off(other, one) is answer


# -- the page -----------------------------------------------------------------------------------------------------


def test_only_an_administrator_decides(client: Client) -> None:
    a_person("Greg Example"), a_person("Gregory Example")
    assert client.get("/people/duplicates/").status_code == 302
    client.force_login(an_account("plain", is_staff=True))
    assert client.get("/people/duplicates/").status_code == 403
    pair = {"do": "merge", "person": "gregory-example", "into": "greg-example", "reason": "near names"}
    assert client.post("/people/duplicates/decide/", pair).status_code == 403
    assert not Person.objects.filter(merged_into__isnull=False).exists()
    assert "/people/duplicates/" not in client.get("/people/").content.decode()


def test_an_administrator_merges_and_takes_back(client: Client) -> None:
    a_person("Greg Example"), a_person("Gregory Example")
    client.force_login(an_account("admin", is_superuser=True))
    assert "/people/duplicates/" in client.get("/people/").content.decode()
    page = client.get("/people/duplicates/")
    assert page.context["sentence"] == "1 pair of persons and 0 pairs of employers may be one; 0 merges stand."
    pair = {"do": "merge", "person": "gregory-example", "into": "greg-example", "reason": "near names"}
    client.post("/people/duplicates/decide/", pair)
    assert client.get("/people/duplicates/").context["sentence"].endswith("1 merge stands.")
    assert Event.objects.latest("position").actor == "admin"
    client.post("/people/duplicates/decide/", {"do": "unmerge", "person": "gregory-example", "reason": "two"})
    assert not Person.objects.filter(merged_into__isnull=False).exists()
    client.post("/people/duplicates/decide/", {**pair, "do": "apart"})
    assert client.get("/people/duplicates/").context["sentence"].startswith("0 pairs of persons")


def test_an_administrator_counts_an_employer_once_and_takes_it_back(client: Client) -> None:
    for slug, name in (("a", "Kettlework"), ("b", "Kettlework GmbH")):
        Employer.objects.create(slug=slug, name=name)
    client.force_login(an_account("admin", is_superuser=True))
    both = {"do": "merge-employers", "employer": "b", "into": "a", "reason": "a legal form"}
    client.post("/people/duplicates/decide/", both)
    assert Employer.objects.get(slug="b").kept.slug == "a"
    page = client.get("/people/duplicates/").content.decode()
    assert "Kettlework GmbH is counted as Kettlework" in page
    client.post("/people/duplicates/decide/", {"do": "unmerge-employers", "employer": "b", "reason": "two firms"})
    assert Employer.objects.get(slug="b").merged_into is None


@pytest.mark.parametrize("sent", [{}, {"do": "merge"}, {"do": "unmerge", "person": "greg-example", "reason": "x"}])
def test_what_makes_no_sense_is_refused_in_words(client: Client, sent: dict[str, str]) -> None:
    a_person("Greg Example")
    client.force_login(an_account("admin", is_superuser=True))
    page = client.post("/people/duplicates/decide/", sent, follow=True).content.decode()
    assert "Choose what to do." in page or "Name both, and the reason." in page
