"""The reference of proposals is drawn from the charters' tables, and names every act and address."""

import re
from pathlib import Path

import pytest

from governance import charter
from governance.state_diagram import diagram
from governance.urls import urlpatterns

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/proposals.md").read_text()


@pytest.mark.parametrize("project", ["pytorch", "rust"])
def test_the_drawn_states_are_the_charters(project: str) -> None:
    assert f"```mermaid\n{diagram(charter.load(project))}\n```" in PAGE


@pytest.mark.parametrize("project", charter.SHIPPED)
def test_every_move_of_every_charter_is_drawn(project: str) -> None:
    rules = charter.load(project).proposal
    drawn = diagram(charter.load(project))
    for move in rules.transitions:
        for leaves in move.leaves:
            assert f"{leaves} --> {move.enters}: " in drawn


def test_every_kind_of_event_is_told() -> None:
    root = Path(__file__).resolve().parents[3] / "governance/actions"
    source = "".join((root / name).read_text() for name in ("proposals.py", "concerns.py", "comment_periods.py"))
    kinds = set(re.findall(r'"(proposal\.\w+)"', source)) - {"proposal.stalled", "proposal.unlinked"}
    written_down = {"proposal.final_comment_ended"}
    missing = {kind for kind in kinds - written_down if kind not in PAGE and f".{kind.partition('.')[2]}" not in PAGE}
    assert not missing


def test_every_page_to_read_is_told() -> None:
    own = [str(one.pattern) for one in urlpatterns if str(one.pattern).startswith(("proposals/", "votes/"))]
    assert len(own) > 25
    for address in ("/proposals/", "/proposals/feed.atom", "/proposals/deadlines.ics", "/votes/", "/votes/new/"):
        assert address.removeprefix("/") in own
        assert f"`{address}`" in PAGE
