"""The public JSON API: what it answers, how it is cached and paged, and that it is as its description says."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from ecosystem.actions.identities import add_identity
from ecosystem.actions.merging import merge_people
from ecosystem.actions.people import record_affiliation
from ecosystem.actions.requests import ask, remove_name
from ecosystem.models import Area, Identity, Person
from governance.actions.offices import begin_term, end_term
from governance.models import Office
from governance.openapi import ADDRESSES, openapi
from tests.factories.people import SOURCE, a_person, a_project, an_area, an_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts() -> Person:
    """Have one of everything that an answer can hold."""
    ada, grace = a_person("Ada Example", github="adaex"), a_person("Grace Example")
    add_identity(person=ada, kind=Identity.Kind.EMAIL, value="ada@example.org", source=SOURCE, by=None)
    record_affiliation(
        person=ada, employer="Looms", employer_slug="looms", since=date(2020, 1, 1), until=None, source=SOURCE, by=None
    )
    core, looms = an_office("core"), an_office("looms", kind=Office.Kind.AREA, area=an_area("looms"))
    an_area("needles")
    for office, person in ((core, ada), (core, grace), (looms, ada)):
        begin_term(office=office, person=person, on=date(2020, 1, 1), source=SOURCE, by=None)
    end_term(term=core.terms.get(person=grace), on=date(2023, 1, 1), source=SOURCE, by=None)
    begin_term(office=core, person=grace, on=date(2023, 1, 1), standing="emeritus", source=SOURCE, by=None)
    return ada


def read(client: Client, address: str, status: int = 200) -> Any:
    response = client.get(address)
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return response.json()


def names(terms: list[dict[str, Any]]) -> list[str]:
    return [term["person"]["name"] for term in terms]


def test_an_office_as_of_a_day(client: Client, facts: Person) -> None:
    before = read(client, "/api/offices/core/?on=2022-05-01")
    assert names(before["holders"]) == ["Ada Example", "Grace Example"]
    assert before["emeriti"] == []
    after = read(client, "/api/offices/core/?on=2023-05-01")
    assert (names(after["holders"]), names(after["emeriti"])) == (["Ada Example"], ["Grace Example"])
    assert len(after["terms"]) == 3
    assert after["terms"][1]["until"] == "2023-01-01"


def test_a_person_without_addresses(client: Client, facts: Person) -> None:
    ada = read(client, "/api/people/ada-example/")
    assert [identity["value"] for identity in ada["identities"]] == ["adaex"]
    assert (ada["employer"], ada["affiliations"][0]["since"]) == ("Looms", "2020-01-01")
    assert [term["office"]["name"] for term in ada["offices"]] == ["office of core", "office of looms"]
    assert read(client, "/api/people/grace-example/")["employer"] == "unknown"


def test_coverage_names_the_areas(client: Client, facts: Person) -> None:
    Area.objects.filter(slug="needles").update(known_from=date(2021, 1, 1))
    found = read(client, "/api/coverage/?on=2022-01-01")
    assert (found["areas"], found["of_nobody"], found["of_one"]) == (2, ["needles"], ["looms"])
    assert [step["on"] for step in found["changes"]] == ["2020-01-01", "2021-01-01"]


def test_a_merged_person_is_found_under_who_is_kept(client: Client, facts: Person) -> None:
    twin = a_person("Ada B. Example")
    merge_people(person=twin, into=facts, reason="one human", by=None)
    response = client.get("/api/people/ada-b.-example/?on=2022-01-01")
    assert response.status_code == 404  # a slug holds no point
    Person.objects.filter(pk=twin.pk).update(slug="ada-b")
    response = client.get("/api/people/ada-b/?on=2022-01-01")
    assert (response.status_code, response["Location"]) == (301, "/api/people/ada-example/?on=2022-01-01")
    assert read(client, "/api/people/ada-example/")["also_entered_as"] == ["Ada B. Example"]
    assert read(client, "/api/people/")["count"] == 2


def test_who_asked_not_to_be_named_is_not(client: Client, facts: Person) -> None:
    request = ask(person=facts, kind="removal", words="Please.", contact="", address="192.0.2.1")
    remove_name(person=facts, request=request, by="admin")
    for address in every_address(Person.objects.get(pk=facts.pk).slug):
        answer = client.get(address).content.decode()
        for secret in ("Ada", "adaex", "ada@example.org", "ada-example"):
            assert secret not in answer, address


def test_lists_come_in_pages(client: Client, facts: Person) -> None:
    first = read(client, "/api/people/?per_page=1&on=2022-01-01")
    assert (first["count"], first["pages"], first["previous"]) == (2, 2, None)
    assert first["next"] == "/api/people/?per_page=1&on=2022-01-01&page=2"
    second = read(client, first["next"])
    assert second["next"] is None
    assert second["previous"] == "/api/people/?per_page=1&on=2022-01-01&page=1"
    assert [page["results"][0]["slug"] for page in (first, second)] == ["ada-example", "grace-example"]


def test_a_peer_project_is_asked_for_by_name(client: Client, facts: Person) -> None:
    an_office("spindles-council", kind=Office.Kind.COUNCIL, project=a_project("spindles", kept=False))
    assert read(client, "/api/offices/?project=spindles")["count"] == 1
    assert read(client, "/api/offices/")["count"] == 3


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/api/offices/?on=2023-14-05", "on: “2023-14-05” is no day; write it as 2023-05-01."),
        ("/api/people/?page=0", "page: “0” is not a whole number from 1 to 1000000000."),
        ("/api/people/?page=9", "page: there are 1, and 9 was asked for."),
        ("/api/people/?per_page=501", "per_page: “501” is not a whole number from 1 to 500."),
        ("/api/people/?per_page=²", "per_page: “²” is not a whole number from 1 to 500."),
    ],
)
def test_a_bad_question_is_one_line_that_says_how_to_write_it(client: Client, address: str, words: str) -> None:
    assert read(client, address, 400) == {"error": words}
    assert client.get(address).content.count(b"\n") == 1


def test_what_is_not_there_and_what_is_not_read(client: Client, facts: Person) -> None:
    for kind in ("people", "offices", "areas"):
        assert read(client, f"/api/{kind}/none/", 404) == {"error": "Nothing has this address."}
    refused = client.post("/api/people/")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")


def test_an_answer_is_cached_by_its_content(client: Client, facts: Person) -> None:
    response = client.get("/api/offices/core/")
    assert response["Cache-Control"] == "public, max-age=60"
    assert response["Access-Control-Allow-Origin"] == "*"
    unchanged = client.get("/api/offices/core/", headers={"If-None-Match": response["ETag"]})
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", response["ETag"])
    end_term(term=Office.objects.get(slug="core").terms.get(person=facts), on=date(2024, 1, 1), source=SOURCE, by=None)
    changed = client.get("/api/offices/core/", headers={"If-None-Match": response["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != response["ETag"]
    assert "Cookie" not in changed.get("Vary", "")


def test_a_list_takes_as_many_queries_as_it_has_kinds_of_facts(
    client: Client, facts: Person, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        person = a_person(f"Person {number}")
        begin_term(office=Office.objects.get(slug="core"), person=person, on=None, source=SOURCE, by=None)
    for kind in ("people", "offices", "areas"):
        with django_assert_max_num_queries(6):
            read(client, f"/api/{kind}/")


# -- the description -----------------------------------------------------------------------------------------------


def every_address(slug: str = "ada-example") -> Iterator[str]:
    for address in ADDRESSES:
        kind = address.split("/")[2]
        yield address.replace("{slug}", {"people": slug, "offices": "core", "areas": "looms"}.get(kind, ""))


def wrong(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    """Say where a value is not as a schema says; as much of JSON Schema as ours uses."""
    if "$ref" in schema:
        yield from wrong(value, openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]], at)
        return
    if "anyOf" in schema:
        if all(list(wrong(value, option, at)) for option in schema["anyOf"]):
            yield f"{at}: none of the options"
        return
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kinds = {"string": str, "integer": int, "boolean": bool, "null": type(None), "array": list, "object": dict}
    if not any(type(value) is kinds[kind] for kind in types):
        yield f"{at}: {value!r} is not {types}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if schema.get("format") == "date" and value is not None:
        date.fromisoformat(value)
    if isinstance(value, dict):
        if sorted(value) != sorted(schema["required"]):
            yield f"{at}: {sorted(value)} is not {sorted(schema['required'])}"
            return
        for name, part in value.items():
            yield from wrong(part, schema["properties"][name], f"{at}.{name}")
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from wrong(part, schema["items"], f"{at}[{number}]")


def test_every_answer_is_as_the_description_says(client: Client, facts: Person) -> None:
    said = read(client, "/api/openapi.json")
    assert said["openapi"] == "3.1.0"
    for described, address in zip(ADDRESSES, every_address(), strict=True):
        schema = said["paths"][described]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert not list(wrong(read(client, address), schema, address))


def test_the_check_of_answers_sees_what_is_wrong() -> None:
    term = {"$ref": "#/components/schemas/CoverageOfADay"}
    good = {"on": "2023-05-01", "areas": 3, "nobody": 1, "one": 1}
    assert not list(wrong(good, term, ""))
    assert list(wrong({**good, "areas": "3"}, term, ""))
    assert list(wrong({**good, "more": 1}, term, ""))


def test_every_schema_that_is_named_is_there(client: Client) -> None:
    text = client.get("/api/openapi.json").content.decode()
    schemas = openapi()["components"]["schemas"]
    for piece in text.split('"$ref": "#/components/schemas/')[1:]:
        assert piece.split('"')[0] in schemas
