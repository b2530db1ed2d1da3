"""What is no charter is refused with every fault, its line and the remedy; nothing else is ever raised."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import charter
from governance.charter.lines import lines_of
from tests.unit.charter.small import SMALL, changed, line_of


def faults(text: str) -> tuple[charter.Fault, ...]:
    """Return what is wrong with a text."""
    with pytest.raises(charter.CharterRefused) as refused:
        charter.parse(text)
    return refused.value.faults


def faults_of(text: str) -> tuple[charter.Fault, ...]:
    """Return what is wrong with a text, if anything is."""
    try:
        charter.parse(text)
    except charter.CharterRefused as refused:
        return refused.faults
    return ()


def only_fault(text: str) -> charter.Fault:
    """Return the one fault of a text."""
    found = faults(text)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


def test_the_small_charter_is_one() -> None:
    assert charter.parse(SMALL).name == "Loom"


WRONG = [
    (
        'title = "Appoint a weaver"',
        r'title = "Appoint\u0000 a weaver"',
        "decisions.appoint.title",
        "U+0000, which is not seen",
        "remove it",
    ),
    ('title = "Appoint a weaver"', 'title = "\u202eAppoint"', "decisions.appoint.title", "U+202E", "remove it"),
    ('value = "2/3"', 'value = "200 %"', "decisions.appoint.threshold.value", "no share", "75 %"),
    ('value = "2/3"', "value = 0.66", "decisions.appoint.threshold.value", "no share", "2/3"),
    ('value = "2/3"', 'value = "2/0"', "decisions.appoint.threshold.value", "no share", "2/3"),
    ('base = "seated"', 'base = "seats"', "decisions.appoint.threshold.base", "not known", "mean seated"),
    ('decider = ["weaver"]', 'decider = ["waever"]', "decisions.appoint.decider.0", "not defined", "weaver"),
    ("term = { months = 12 }", "term = { months = true }", "offices.weaver.term.months", "is not a whole", "unquoted"),
    ("term = { months = 12 }", "term = {}", "offices.weaver.term", "says neither", "exactly one"),
    (
        "term = { months = 12 }",
        "term = { months = 12, unlimited = true }",
        "offices.weaver.term",
        "months and unlimited",
        "exactly one",
    ),
    ("term = { months = 12 }\n", "", "offices.weaver.term", "neither said nor named as a gap", 'at = ["offices.weaver'),
    ('source = "rules § Appointing"\n', "", "decisions.appoint.source", "missing", "Where the rule can be read"),
    ('"rules § Appointing"', '"rulez § Appointing"', "decisions.appoint.source", "not defined", "documents.rulez"),
    ('kind = "core"', 'kind = "core"\nsaets = 3', "offices.weaver.saets", "not known", "mean seats"),
    ('to = "woven"', 'to = "wovn"', "proposal.transitions.1.to", "not defined", "woven"),
    ("initial = true\n", "", "proposal.states", "no state is initial", "initial = true"),
    ("least_days = 7, most_days = 14", "least_days = 14, most_days = 7", "decisions.appoint.window", "shorter", ""),
    ('"60 %", strict = true', '"1/1", strict = true', "decisions.change_charter.threshold.value", "never", "strict"),
    ('at = ["decisions.appoint.tie_break"]', 'at = ["decisions.apoint.tie"]', "gaps.tie.at", "no key", "path"),
    ("schema = 1", "schema = 2", "schema", "is not a whole number, 1 to 1", "unquoted"),
    ('"Weavers decide."', '" "', "summary", "is no text", "quotes"),
    ("[offices.weaver]", "[offices.Weaver]", "offices.Weaver", "cannot be a name", "small letters"),
]


@pytest.mark.parametrize(
    ("old", "new", "path", "wrong", "remedy"), WRONG, ids=[f"{p}: {n[:30]}" for _, n, p, *_ in WRONG]
)
def test_each_fault_names_its_key_its_line_and_the_remedy(
    old: str, new: str, path: str, wrong: str, remedy: str
) -> None:
    text = changed(old, new)
    fault = next(fault for fault in faults(text) if fault.path.startswith(path))
    assert wrong in fault.wrong
    assert remedy in fault.remedy
    assert fault.line > 0 or path == "summary"
    assert "\n" not in str(fault)
    assert str(fault).startswith(f"line {fault.line}, {fault.path}: ")


def test_the_line_is_that_of_the_key() -> None:
    text = changed('value = "2/3"', 'value = "x"')
    assert only_fault(text).line == line_of('value = "x"', text)


def test_a_missing_key_is_told_at_its_table() -> None:
    text = changed('source = "rules § Appointing"\n', "")
    assert only_fault(text).line == line_of("[decisions.appoint]", text)


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = changed('value = "2/3"', 'value = "x"')
    text = changed("deadline_days = 30", "deadline_days = -1", text=text)
    text = changed("term = { months = 12 }", "term = {}", text=text)
    found = faults(text)
    assert [fault.path for fault in found] == [
        "offices.weaver.term",
        "offices.weaver.vacancy.deadline_days",
        "decisions.appoint.threshold.value",
    ]


def test_no_toml_is_told_with_its_line() -> None:
    fault = only_fault("schema = 1\nproject = = 2\n")
    assert fault.line == 2
    assert "no TOML" in fault.wrong


def test_an_office_above_itself_is_a_fault() -> None:
    text = changed('kind = "core"', 'kind = "core"\nparent = "weaver"')
    assert "stands above itself" in only_fault(text).wrong


def test_a_state_that_no_move_reaches_is_a_fault() -> None:
    text = changed("[proposal.states.woven]", '[proposal.states.lost]\ntitle = "lost"\n\n[proposal.states.woven]')
    assert "no move ever reaches" in only_fault(text).wrong


def test_a_move_out_of_a_final_state_is_a_fault() -> None:
    assert "is final" in only_fault(changed('from = ["open"]', 'from = ["open", "woven"]')).wrong


def test_what_a_gap_names_may_stay_unsaid() -> None:
    text = changed('quorum = { share = "1/2" }\n', "")
    assert only_fault(text).path == "decisions.appoint.quorum"
    assert charter.parse(changed('"decisions.appoint.tie_break"', '"decisions.appoint.quorum"', text=text))


def test_a_gap_below_a_rule_does_not_stand_in_for_the_rule() -> None:
    text = changed('threshold = { base = "seated", value = "2/3" }\n', "")
    text = changed('"decisions.appoint.tie_break"', '"decisions.appoint.threshold.base"', text=text)
    assert only_fault(text).path == "decisions.appoint.threshold"


def test_a_text_that_is_too_large_is_refused_unread() -> None:
    assert "at most" in only_fault("#" * 600_000).remedy


@pytest.mark.parametrize("text", ["", "[[", "a = " + "[" * 5000, "x = " + "9" * 5000, "schema = 1\nschema = 1"])
def test_hostile_texts_are_refused_in_words(text: str) -> None:
    assert all(str(fault).endswith(".") for fault in faults(text))


def test_every_table_given_as_something_else_is_a_fault() -> None:
    for table in ("documents", "offices", "decisions", "gaps", "groups", "proposal"):
        text = "\n".join(line for line in SMALL.splitlines())
        head = text.split("[documents.rules]")[0]
        assert any(fault.path == table for fault in faults(f"{head}{table} = 3\n")), table


LINES = SMALL.splitlines()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(0, len(LINES) - 1), min_size=1, max_size=4),
    st.sampled_from(["drop", "double", "number", "list", "table", "cut", "letter"]),
)
def test_mutated_charters_are_read_or_refused_and_nothing_else(places: list[int], how: str) -> None:
    lines = list(LINES)
    for place in places:
        key = lines[place].split("=")[0]
        lines[place] = {
            "drop": "",
            "double": f"{lines[place]}\n{lines[place]}",
            "number": f"{key}= 7",
            "list": f"{key}= [[1], {{ a = 2 }}]",
            "table": f"{key}= {{ x = 1979-05-27 }}",
            "cut": lines[place][: len(lines[place]) // 2],
            "letter": lines[place].replace("e", "é"),
        }[how]
    found = faults_of("\n".join(lines))
    assert all(fault.wrong and fault.remedy for fault in found)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(charter.CharterRefused):
        charter.parse(text)


def test_lines_are_told_past_long_texts_and_comments() -> None:
    text = (
        'a = """\nb = 1\n"""\n# c = 2\n[t]  # a table\nb = 3\n"quoted key" = 4\n[[t.list]]\nx = 1\n[[t.list]]\nx = 2\n'
    )
    found = lines_of(text)
    assert found["a"] == 1
    assert "b" not in found
    assert (found["t"], found["t.b"], found["t.quoted key"]) == (5, 6, 7)
    assert (found["t.list.0.x"], found["t.list.1.x"]) == (9, 11)
