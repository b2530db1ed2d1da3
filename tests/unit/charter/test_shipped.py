"""The charters that come with the site."""

import pytest

from governance import charter


@pytest.mark.parametrize("project", charter.SHIPPED)
def test_every_shipped_charter_loads(project: str) -> None:
    rules = charter.load(project)
    assert rules.project == project
    assert rules.decisions
    assert rules.offices
    assert rules.gaps


def test_an_unknown_project_is_refused_by_naming_the_known_ones() -> None:
    with pytest.raises(charter.UnknownRule, match="pytorch, python, rust, node, kubernetes"):
        charter.load("../pytorch")
