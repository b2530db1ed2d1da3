"""The API's own description, as OpenAPI 3.1: written beside the addresses, checked against real answers by tests."""

from typing import Any

Document = dict[str, Any]

DAY = {"name": "on", "in": "query", "required": False, "description": "The day; today where none is named.",
       "schema": {"type": "string", "format": "date"}, "example": "2023-05-01"}  # fmt: skip
PAGE = {"name": "page", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 1, "default": 1}}
PER_PAGE = {"name": "per_page", "in": "query", "required": False,
            "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}}  # fmt: skip
PROJECT = {"name": "project", "in": "query", "required": False, "description": "A project's slug.",
           "schema": {"type": "string"}}  # fmt: skip
SLUG = {"name": "slug", "in": "path", "required": True, "schema": {"type": "string"}}

TEXT: Document = {"type": "string"}
TEXT_OR_NULL: Document = {"type": ["string", "null"]}
DATE_OR_NULL: Document = {"type": ["string", "null"], "format": "date"}
DATE: Document = {"type": "string", "format": "date"}
WHOLE: Document = {"type": "integer"}


def named(name: str) -> Document:
    """Refer to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(name: str) -> Document:
    """Return a list of a schema."""
    return {"type": "array", "items": named(name)}


def record(**fields: Document) -> Document:
    """Return an object all of whose fields are there, and no others."""
    return {"type": "object", "properties": fields, "required": sorted(fields), "additionalProperties": False}


def page_of(name: str) -> Document:
    """Return one page of a list."""
    return record(count=WHOLE, page=WHOLE, pages=WHOLE, previous=TEXT_OR_NULL, next=TEXT_OR_NULL, results=listed(name))


PERSON = {"slug": TEXT, "name": TEXT, "url": TEXT, "on": DATE, "offices": listed("Term")}
OFFICE = {
    "slug": TEXT, "name": TEXT, "project": TEXT, "role": TEXT_OR_NULL, "seats": {"type": ["integer", "null"]},
    "kind": {"type": "string", "enum": ["lead", "core", "area", "council", "other"]}, "area": TEXT_OR_NULL,
    "url": TEXT, "source": TEXT, "on": DATE, "holders": listed("Term"),
}  # fmt: skip
AREA = {
    "slug": TEXT, "name": TEXT, "project": TEXT, "parent": TEXT_OR_NULL, "paths": {"type": "array", "items": TEXT},
    "benchmark_tags": {"type": "array", "items": TEXT}, "known_from": DATE_OR_NULL, "sunset_on": DATE_OR_NULL,
    "kept_up": {"type": "boolean"}, "url": TEXT, "source": TEXT, "on": DATE, "maintainers": listed("Term"),
}  # fmt: skip
COUNTS = {"on": DATE, "areas": WHOLE, "nobody": WHOLE, "one": WHOLE}

SCHEMAS: Document = {
    "Error": record(error=TEXT),
    "Term": record(
        person=record(slug=TEXT, name=TEXT, url=TEXT),
        office=record(name=TEXT, kind=TEXT, url=TEXT),
        area={"anyOf": [record(slug=TEXT, name=TEXT, url=TEXT), {"type": "null"}]},
        standing={"type": "string", "enum": ["active", "emeritus"]},
        since=DATE_OR_NULL,
        until=DATE_OR_NULL,
        expires_on=DATE_OR_NULL,
        source=TEXT,
        end_source=TEXT_OR_NULL,
        note=TEXT_OR_NULL,
    ),
    "Identity": record(
        kind={"type": "string", "enum": ["github", "git_author"]},
        value=TEXT,
        number={"type": ["integer", "null"]},
        url=TEXT_OR_NULL,
        source=TEXT,
    ),
    "PastLogin": record(login=TEXT, since=DATE_OR_NULL, until=DATE_OR_NULL, source=TEXT),
    "Affiliation": record(employer=TEXT_OR_NULL, since=DATE_OR_NULL, until=DATE_OR_NULL, source=TEXT),
    "PersonInList": record(**PERSON),
    "Person": record(
        **PERSON,
        terms=listed("Term"),
        identities=listed("Identity"),
        past_logins=listed("PastLogin"),
        employer=TEXT,
        affiliations=listed("Affiliation"),
        also_entered_as={"type": "array", "items": TEXT},
        source=TEXT_OR_NULL,
    ),
    "OfficeInList": record(**OFFICE),
    "Office": record(**OFFICE, emeriti=listed("Term"), terms=listed("Term")),
    "AreaInList": record(**AREA),
    "Area": record(**AREA, terms=listed("Term")),
    "CoverageOfADay": record(**COUNTS),
    "Coverage": record(
        **COUNTS,
        of_nobody={"type": "array", "items": TEXT},
        of_one={"type": "array", "items": TEXT},
        changes=listed("CoverageOfADay"),
    ),
    "People": page_of("PersonInList"),
    "Offices": page_of("OfficeInList"),
    "Areas": page_of("AreaInList"),
}

# Each address: what it answers, the schema of the answer, and what may be asked.
ADDRESSES: dict[str, tuple[str, str, list[Document]]] = {
    "/api/people/": ("The people, with the offices they hold on a day", "People", [DAY, PAGE, PER_PAGE]),
    "/api/people/{slug}/": ("A human, with everything they held", "Person", [SLUG, DAY]),
    "/api/offices/": ("The offices, with who holds them on a day", "Offices", [DAY, PROJECT, PAGE, PER_PAGE]),
    "/api/offices/{slug}/": ("An office, with everybody who ever held it", "Office", [SLUG, DAY]),
    "/api/areas/": ("The areas, with who maintains them on a day", "Areas", [DAY, PROJECT, PAGE, PER_PAGE]),
    "/api/areas/{slug}/": ("An area, with everybody who ever maintained it", "Area", [SLUG, DAY]),
    "/api/coverage/": ("The areas of nobody and of one, on a day and over the years", "Coverage", [DAY]),
}


def openapi() -> Document:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Flamekeeper",
            "version": "1",
            "description": "Who decides, as of any day. Public reads, no account; e-mail addresses are in no answer.",
        },
        "paths": {address: {"get": described(address, *said)} for address, said in ADDRESSES.items()},
        "components": {"schemas": SCHEMAS},
    }


def described(address: str, summary: str, schema: str, parameters: list[Document]) -> Document:
    """Return what one address answers."""
    errors = {"400": "A parameter makes no sense", "404": "Nothing has this address"}
    return {
        "summary": summary,
        "operationId": address.strip("/").replace("/", "_").replace("{slug}", "one"),
        "parameters": parameters,
        "responses": {
            "200": answered(summary, schema),
            "304": {"description": "It is what If-None-Match names"},
            **{status: answered(words, "Error") for status, words in errors.items()},
        },
    }


def answered(words: str, schema: str) -> Document:
    """Return one kind of answer."""
    return {"description": words, "content": {"application/json": {"schema": named(schema)}}}
