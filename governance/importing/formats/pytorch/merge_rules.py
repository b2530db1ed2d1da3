"""Read merge rules: whose approval lets PyTorch's bot merge a change to which files.

Their patterns are not those of CODEOWNERS (`*` alone is every file, `**` crosses folders without slashes), so they
become nobody's paths; each is told as not placed, like the checks that a rule asks for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import yaml

from governance.importing.gathering import Gathering, is_automatic, is_login, slug_of, text_of
from governance.importing.reading import OfficeRead, Place, SourceFile, SourceRefused

LONGEST_NAME, SLUG_LENGTH = 100, 80
NOT_PLACED = {
    "patterns": "a merge rule's pattern: no pattern of CODEOWNERS, so no path of an area",
    "mandatory_checks_name": "a check that the rule asks for: offices have no place for it",
}


def read_merge_rules(file: SourceFile, to: Gathering) -> None:
    """Read the rules: the office of an approver for each.

    Raises:
        SourceRefused: when the file is no list of rules.
    """
    root = parsed(file)
    if not isinstance(root, yaml.SequenceNode):
        raise SourceRefused(f"{file.path}: no list of merge rules; each begins with “- name:”.")
    for node in root.value:
        read_rule(node, file.path, to)


def parsed(file: SourceFile) -> yaml.Node | None:
    """Return the file as nodes with their lines; no value is built, so that no value can break it."""
    text = text_of(file)
    if file.path.endswith(".json"):
        check_json(file.path, text)
        text = text.replace("\t", " ")  # JSON may be indented so, YAML may not
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise SourceRefused(f"{Place(file.path, line)}: not YAML ({error.problem}); mend that line.") from error
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise SourceRefused(f"{file.path}: not YAML that can be read ({type(error).__name__}); mend it.") from error


def check_json(path: str, text: str) -> None:
    """Refuse what is no JSON: YAML alone would take more."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceRefused(f"{Place(path, error.lineno)}: not JSON ({error.msg}); mend that line.") from error
    except (RecursionError, ValueError) as error:
        raise SourceRefused(f"{path}: not JSON that can be read ({type(error).__name__}); mend it.") from error


def read_rule(node: yaml.Node, path: str, to: Gathering) -> None:
    """Read one rule; what is none is told line by line."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    name = next((v.value.strip() for k, v in pairs if k.value == "name" and isinstance(v, yaml.ScalarNode)), "")
    if not is_rule_name(name):
        leave_all(node, path, to, "part of no merge rule: it has no name, or none of at most 100 letters")
        return
    place = place_of(next(v for k, v in pairs if k.value == "name"), path)
    slug = slug_of(name, SLUG_LENGTH, tail="-approver")
    office = to.office(OfficeRead(slug, f"approver by merge rule {name}", "other", place, "approver"))
    first_name = True
    for key, value in pairs:
        if key.value == "name" and first_name:
            first_name = False
        elif key.value == "approved_by":
            read_approvers(value, office, path, to)
        else:
            word = key.value if isinstance(key, yaml.ScalarNode) else ""
            leave_all(value, path, to, NOT_PLACED.get(word, f"a key of merge rules that is not known: {word[:60]}"))


def is_rule_name(name: str) -> bool:
    """Say whether a rule can be called so."""
    return len(name) <= LONGEST_NAME and name.isprintable() and bool(re.search(r"[^\W_]", name))


def read_approvers(node: yaml.Node, office: str, path: str, to: Gathering) -> None:
    """Put each approver who is a person into the rule's office."""
    if isinstance(node, yaml.SequenceNode):
        nodes = node.value
    else:
        nodes = [node]
    for entry in nodes:
        if not isinstance(entry, yaml.ScalarNode):
            leave_all(entry, path, to, "not an approver: a list or mapping where a login is expected")
            continue
        place, login = place_of(entry, path), entry.value.strip().removeprefix("@")
        if reason := why_no_approver(login):
            to.leave(place, f"{to.offices[office].name}: {entry.value}", reason)
        else:
            to.hold_once(office, to.person(place, github=login), place, entry.value)


def why_no_approver(login: str) -> str:
    """Say what an approver is who is no person with a GitHub account; nothing where they are one."""
    if "/" in login:
        return "a team, not a person: its members are not in this file"
    if is_automatic(login):
        return "an automatic account, not a person"
    return "" if is_login(login) else "no GitHub account can have this login"


def leave_all(node: yaml.Node, path: str, to: Gathering, reason: str) -> None:
    """Say of each value beneath a node that it was not placed."""
    for leaf in leaves(node):
        to.leave(place_of(leaf, path), leaf.value, reason)


def leaves(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Return the values beneath a node, each once, however often an alias repeats it."""
    waiting, seen = [node], set()
    while waiting:
        now = waiting.pop()
        if id(now) in seen:
            continue
        seen.add(id(now))
        if isinstance(now, yaml.ScalarNode):
            yield now
        elif isinstance(now, yaml.MappingNode):
            waiting.extend(part for pair in now.value for part in pair)
        elif isinstance(now, yaml.SequenceNode):
            waiting.extend(now.value)


def place_of(node: yaml.Node, path: str) -> Place:
    """Return where a node begins."""
    return Place(path, node.start_mark.line + 1)
