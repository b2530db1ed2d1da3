"""What changed between two versions, in words."""

import pytest

from governance import charter
from governance.charter import difference
from tests.unit.charter.small import SMALL, changed


def told(old: str, new: str) -> list[str]:
    """Return the changes that one change of the small charter makes."""
    after = charter.parse(changed(old, new))
    return [str(change) for change in difference.changes(charter.parse(SMALL), after)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'value = "2/3"',
            'value = "75 %"',
            "Decision “Appoint a weaver”: threshold: at least 2/3 of all who may vote → "
            "at least 75 % of all who may vote.",
        ),
        ("deadline_days = 30", "deadline_days = 14", "Office “weaver”: vacancy deadline days: 30 → 14."),
        (
            'nominator = ["anyone"]',
            'nominator = ["weaver"]',
            "Decision “Appoint a weaver”: nominator: anyone → weaver.",
        ),
        (
            "waiting_days = 5, ",
            "",
            "Proposals: transitions open → woven needs waiting days: 5 → removed.",
        ),
        (
            'at = ["decisions.appoint.tie_break"]',
            'at = ["decisions.appoint.counting"]',
            "Gap “What breaks a tie?”: at: decisions.appoint.tie_break → decisions.appoint.counting.",
        ),
        (
            "quorum = { all_but = 1 }",
            "quorum = { least = 3 }",
            "Decision “Change the rules”: quorum: all but one of those who may vote → at least three persons.",
        ),
    ],
)
def test_one_change_is_one_sentence(old: str, new: str, words: str) -> None:
    assert told(old, new) == [words]


def test_a_new_office_and_a_new_state_are_told() -> None:
    office = (
        '[offices.apprentice]\ntitle = "apprentice"\nplural = "apprentices"\nkind = "other"\n'
        'term = { unlimited = true }\nvacancy = { acting = [], method = "appoint", deadline_days = 9 }\n'
        'source = "rules § Weavers"\n\n[offices.weaver]'
    )
    assert told("[offices.weaver]", office) == ["Office “apprentice”: new."]


def test_the_order_of_moves_is_no_change() -> None:
    first, second = SMALL.index("[[proposal.transitions]]"), SMALL.rindex("[[proposal.transitions]]")
    end = SMALL.index("[gaps.tie]")
    turned = SMALL[:first] + SMALL[second:end] + SMALL[first:second] + SMALL[end:]
    assert difference.changes(charter.parse(SMALL), charter.parse(turned)) == ()


@pytest.mark.parametrize("project", charter.SHIPPED)
def test_nothing_changed_is_no_change_and_every_other_charter_is_many(project: str) -> None:
    rules = charter.load(project)
    assert difference.changes(rules, charter.load(project)) == ()
    other = charter.load("python" if project != "python" else "rust")
    told_ = [str(change) for change in difference.changes(rules, other)]
    assert len(told_) > 20
    assert all("\n" not in one and one.endswith(".") for one in told_)
