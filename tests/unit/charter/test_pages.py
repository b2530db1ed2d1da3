"""The pages of charters, as an outsider reads them."""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from ecosystem.models import Project
from governance import charter as rules
from governance.actions.charters import adopt_charter, publish_charter
from tests.factories.people import SOURCE
from tests.unit.charter.small import changed

pytestmark = pytest.mark.django_db


def words(client: Client, address: str) -> str:
    """Return a page's words."""
    response = client.get(address)
    assert response.status_code == 200, address
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


@pytest.fixture
def pytorch() -> Project:
    project = Project.objects.create(slug="pytorch", name="PyTorch", source=SOURCE, kept=True)
    publish_charter(project=project, text=rules.text_of("pytorch"), by=None)
    return project


def test_the_list_begins_with_the_kept_project(client: Client, pytorch: Project) -> None:
    page = words(client, "/charters/")
    open_ = len(rules.load("pytorch").gaps)
    assert f"PyTorch decides by rules that leave {open_} questions open; those of 4 other projects" in page
    assert page.index("PyTorch") < page.index("Kubernetes")


def test_the_list_says_so_where_no_project_is_kept(client: Client) -> None:
    assert "The rules of 5 projects can be read here; this site keeps none of them yet." in words(client, "/charters/")


def test_pytorchs_page_lists_what_its_text_leaves_open(client: Client, pytorch: Project) -> None:
    page = words(client, "/charters/pytorch/")
    for gap in rules.load("pytorch").gaps.values():
        assert page.count(gap.question) >= 1
        assert gap.matters in page
        assert all(reading.says in page for reading in gap.readings)
    assert "The rules of PyTorch define three offices" in page
    assert "Changing these rules. The text does not say how it is changed." in page


@pytest.mark.parametrize("project", rules.SHIPPED)
def test_every_shipped_charter_has_its_page(client: Client, project: str) -> None:
    page = words(client, f"/charters/{project}/")
    assert rules.load(project).summary in page
    assert "no project here decides by them" in page


def test_each_gap_that_is_marked_leads_to_its_row(client: Client, pytorch: Project) -> None:
    page = client.get("/charters/pytorch/").content.decode()
    targets = set(re.findall(r'class="verdict inconclusive" href="#([\w-]+)"', page))
    assert targets
    assert targets <= set(re.findall(r'id="([\w-]+)"', page))


def test_a_versions_page_says_what_changed_in_words_and_in_the_text(client: Client, pytorch: Project) -> None:
    text = rules.text_of("pytorch").replace('value = "75 %"', 'value = "2/3"')
    adopt_charter(project=pytorch, text=text, decided_by="https://example.org/d/1", on=date(2026, 5, 1), by=None)
    page = words(client, "/charters/pytorch/versions/2/")
    assert "Version 2 of the rules of PyTorch changed 1 thing, in force from 1 May 2026." in page
    assert "threshold: at least 75 % of all who may vote → at least 2/3 of all who may vote." in page
    assert '-threshold = { base = "seated", value = "75 %" }' in page
    assert '+threshold = { base = "seated", value = "2/3" }' in page
    first = words(client, "/charters/pytorch/versions/1/")
    assert "as they were first entered here, in force since before this site kept them" in first
    assert "version 2 →" in first
    assert "as published at https://docs.pytorch.org/" in words(client, "/charters/pytorch/")


@pytest.mark.parametrize(
    "address", ["/charters/nobody/", "/charters/pytorch/versions/9/", "/charters/rust/versions/1/"]
)
def test_what_is_not_there_is_not_found(client: Client, pytorch: Project, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.get(f"/charters/pytorch/versions/{10**30}/").status_code == 404


def test_a_text_is_shown_as_text(client: Client) -> None:
    loom = Project.objects.create(slug="loom", name="Loom", source=SOURCE)
    text = changed('"Weavers decide."', '"<script>alert(1)</script>"')
    publish_charter(project=loom, text=text, by=None)
    for address in ("/charters/", "/charters/loom/", "/charters/loom/versions/1/"):
        assert b"<script>alert" not in client.get(address).content
