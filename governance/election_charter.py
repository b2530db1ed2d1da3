"""What a charter says of an election to an office: filled into the form, held against what was announced."""

from collections.abc import Iterator, Mapping
from typing import Any

from governance.charter import Charter
from governance.charter.parts import Decision
from governance.charter.rules import employer_cap, how_counted
from governance.models import Election, Office
from governance.queries.charters import charter_of
from governance.queries.roles import roles_of_office

METHODS = {"schulze", "ranked_pairs", "irv", "stv", "star", "bloc_star", "approval"}
# By which words of a charter a tie is settled in which of our ways.
TIE_WORDS = (
    ("agreement", ("agreement", "agree ")),
    ("draw", ("coin", "chance", "random", "lot", "draw", "dice")),
    ("runoff", ("runoff", "run-off", "second vote")),
)


def decision_for(charter: Charter, office: Office) -> tuple[str, Decision] | None:
    """Return the charter's election to an office with its key, the first where it has several."""
    for role in roles_of_office(charter, office):
        for found in charter.decisions_about(role, "election").items():
            return found
    return None


def rules_for(office: Office) -> dict[str, Any]:
    """Return what the form begins with: what the charter says of the office, and nothing that it leaves open."""
    charter = charter_of(office.project)
    found = decision_for(charter, office) if charter else None
    if charter is None or found is None:
        return {"office": office.pk, "seats": office.seats}
    said = dict(stated(charter, *found, office))
    return {"office": office.pk, "seats": office.seats, **said}


def stated(charter: Charter, name: str, rule: Decision, office: Office) -> Iterator[tuple[str, Any]]:
    """Give each rule that the charter states, as the form names it."""
    if rule.source:
        yield "rule", rule.source[0].url
    method = how_counted(charter, name).value
    if method in METHODS:
        yield "method", method.replace("_", "-")
    if rule.counting is not None and rule.counting.seats:
        yield "seats", rule.counting.seats
    if rule.counting is not None and rule.counting.unranked:
        yield "unranked", rule.counting.unranked
    cap = cap_of(charter, office)
    if cap is not None:
        yield "employer_cap", cap
    ways = tie_ways(rule)
    if ways:
        yield "tie_break", ways
    if rule.electorate is not None:
        yield from electorate(charter, rule, office)
    if rule.window is not None and rule.window.closes:
        yield "zone", "AoE" if rule.window.closes == "anywhere_on_earth" else "UTC"
    if rule.nominator is not None:
        yield "nominators", "anyone" if "anyone" in rule.nominator else "offices"
        yield "nominating_offices", [one.pk for one in offices_of(charter, office, rule.nominator)]

    yield from endorsements(rule)


def endorsements(rule: Decision) -> Iterator[tuple[str, Any]]:
    """Give which endorsements a nominee needs, where those who vote are those who give them."""
    asked = rule.second_required
    if asked is None or rule.electorate is None or not set(asked.by) <= set(rule.electorate.of):
        return
    yield "endorsements", asked.count
    yield "endorsing_employers", asked.employers
    yield "nominee_endorses", asked.nominee_counts
    yield "unknown_differs", asked.unknown_differs


def cap_of(charter: Charter, office: Office) -> int | None:
    """Return the charter's employer cap for an office's body."""
    roles = roles_of_office(charter, office)
    return employer_cap(charter, roles[0], members=office.seats or 0).value if roles else None


def tie_ways(rule: Decision) -> list[str]:
    """Return by which of our ways the charter settles a tie, in its order; words that name none are left out."""
    found: list[str] = []
    for words in rule.tie_break or ():
        found += [way for way, marks in TIE_WORDS if any(mark in f"{words.lower()} " for mark in marks)]
    return list(dict.fromkeys(found))


def electorate(charter: Charter, rule: Decision, office: Office) -> Iterator[tuple[str, Any]]:
    """Give who votes: holders of offices, and how much activity makes an elector."""
    assert rule.electorate is not None
    yield "electing_offices", [one.pk for one in offices_of(charter, office, rule.electorate.of)]
    groups = [charter.groups[name] for name in rule.electorate.of if name in charter.groups]
    least = [group.contributions_at_least for group in groups if group.contributions_at_least is not None]
    if least:
        yield "activity_from", least[0]


def offices_of(charter: Charter, office: Office, roles: tuple[str, ...]) -> list[Office]:
    """Return a project's offices that are one of some roles."""
    known = Office.objects.filter(project=office.project).order_by("name")
    return [one for one in known if set(roles_of_office(charter, one)) & set(roles)]


# How the page names what may differ from the charter.
COMPARED = {
    "method": "the method",
    "unranked": "whom a ballot leaves out",
    "employer_cap": "the employer cap",
    "tie_break": "what settles a tie",
    "endorsements": "how many endorsements a nominee needs",
    "endorsing_employers": "of how many employers endorsers must be",
    "nominee_endorses": "whether a nominee counts as one who endorses",
    "unknown_differs": "whether endorsers of unknown employers count as of different ones",
}


def differences(election: Election) -> list[str]:
    """Say where an announced election differs from the charter of today; silence of the charter is no difference."""
    says: Mapping[str, Any] = rules_for(election.office)
    found = []
    for name, words in COMPARED.items():
        if name in says and says[name] != getattr(election, name):
            ours = getattr(election, name)
            found.append(f"{words}: the charter says {shown(says[name])}, this election {shown(ours)}")
    return found


def shown(value: Any) -> str:
    """Return a rule's value in words."""
    if isinstance(value, list):
        return ", then ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
