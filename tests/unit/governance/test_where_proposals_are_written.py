"""Where proposals are written: for the kept project only, and said so on the pages of the others."""

import pytest
from django.test import Client

from governance.queries.proposals import where_written
from tests.factories.people import a_project
from tests.factories.proposals import a_proposal, a_read_proposal

pytestmark = pytest.mark.django_db
ONLY = "Proposals are written and decided here for Pytorch only"


def test_the_pages_of_other_projects_say_that_proposals_are_written_for_the_kept_one_only(client: Client) -> None:
    a_proposal(project=a_project("pytorch"))
    a_read_proposal("1", "open", project=a_project("node", kept=False))
    words = f"{ONLY}; those of Node.js are shown as their sources have them, where they were imported."
    assert where_written("node") == words
    for address in ("/proposals/?project=node", "/charters/node/", "/charters/rust/"):
        assert f"{ONLY}; those of " in client.get(address).content.decode()


def test_the_whole_list_names_the_projects_whose_charters_are_here_to_compare_with(client: Client) -> None:
    a_proposal(project=a_project("pytorch"))
    page = client.get("/proposals/").content.decode()
    assert f"{ONLY}; the charters of Kubernetes, " in page
    assert "are here to compare with." in page


@pytest.mark.parametrize("address", ["/proposals/?project=pytorch", "/charters/pytorch/"])
def test_the_pages_of_the_kept_project_say_nothing_of_it(client: Client, address: str) -> None:
    a_proposal(project=a_project("pytorch"))
    assert ONLY not in client.get(address).content.decode()


def test_before_a_project_is_kept_nothing_is_said() -> None:
    assert where_written() == where_written("node") == ""
