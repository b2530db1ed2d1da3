"""Results of an election: the whole arithmetic, and the files by which anyone recounts it."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from governance.election_count import draw_seed
from governance.election_export import employers_csv, observers_document, recount_command
from governance.election_words import election_sentence, tie_words
from governance.models import Count, Election
from governance.policies.elections import check_may_see_ballots
from governance.queries.candidates import candidates
from governance.views.elections import found


@dataclass(frozen=True)
class Square:
    """A square of numbers, candidates against candidates, in the order of the result."""

    caption: str
    names: list[str]
    rows: list[tuple[str, list[dict[str, Any]]]]


def squares(result: dict[str, Any]) -> list[Square]:
    """Return the pairwise numbers as tables."""
    pairwise = result.get("pairwise")
    if not pairwise:
        return []
    names = pairwise["candidates"]
    order = [name for group in result["ranking"] for name in group]
    tables = [("Ballots that prefer the row to the column", pairwise["preferred"])]
    if pairwise.get("strongest_paths"):
        tables.append(("Strongest paths from the row to the column", pairwise["strongest_paths"]))
    return [Square(caption, order, square_rows(order, names, numbers)) for caption, numbers in tables]


def square_rows(order: list[str], names: list[str], numbers: list[list[Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the rows of a square, each cell with whether the row beats the column there."""
    at = {name: names.index(name) for name in order}
    return [
        (
            row,
            [
                {
                    "against": column,
                    "number": None if row == column else numbers[at[row]][at[column]],
                    "more": numbers[at[row]][at[column]] > numbers[at[column]][at[row]],
                }
                for column in order
            ],
        )
        for row in order
    ]


@require_GET
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the result with its whole arithmetic, and how to recount it."""
    shown = found(slug)
    last = shown.counts.select_related("tie_decision__decided_by").last()
    context: dict[str, Any] = {"election": shown, "sentence": election_sentence(shown), "count": last}
    if last is not None:
        context |= {
            "winners": winners(shown, last),
            "squares": squares(last.result),
            "totals": sorted(last.result.get("totals", {}).items(), key=lambda item: -item[1]),
            "counts": list(shown.counts.select_related("tie_decision")),
            "decisions": list(shown.tie_decisions.select_related("decided_by", "runoff")),
            "command": recount_command(shown, last),
            "seed": draw_seed(shown, last.digest),
            "ways": tie_words(shown),
        }
    return render(request, "governance/election_results.html", context)


def winners(shown: Election, last: Count) -> list[dict[str, Any]]:
    """Return who is elected, with their page and until when."""
    by_name = {each.name: each.person for each in candidates(shown)}
    alike = shown.long_seats is None
    longer = last.outcome["winners"] if alike else last.outcome["long_terms"]
    return [
        {"person": by_name.get(name), "name": name, "until": shown.long_until if name in longer else shown.short_until}
        for name in last.outcome["winners"]
    ]


def published(slug: str) -> tuple[Election, Count]:
    """Return an election whose ballots are published, with its last count; refuse the others."""
    shown = found(slug)
    check_may_see_ballots(shown)
    last = shown.counts.last()
    assert last is not None
    return shown, last


def csv_file(text: str, name: str) -> HttpResponse:
    """Return a file to download."""
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_GET
def ballots_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the published ballots as `tally` reads them."""
    shown, last = published(slug)
    return csv_file(last.file, f"{shown.slug}-ballots.csv")


@require_GET
def coded_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the published ballots, each with the code of its receipt."""
    shown, last = published(slug)
    return csv_file(last.coded_file, f"{shown.slug}-ballots-with-codes.csv")


@require_GET
def employers(request: HttpRequest, slug: str, whose: str) -> HttpResponse:
    """Give the employers of the closing day, as `tally` reads them with --affiliations and --sitting."""
    last = counted_last(slug)
    key = "candidates" if whose == "affiliations" else "sitting"
    return csv_file(employers_csv(last.affiliations[key]), f"{slug}-{whose}.csv")


@require_GET
def order(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the order by which a tie was settled, as `tally --tie-break` reads it."""
    decision = counted_last(slug).tie_decision
    if decision is None:
        raise Http404("No tie was settled.")
    return HttpResponse("\n".join([*decision.order, ""]), content_type="text/plain; charset=utf-8")


def counted_last(slug: str) -> Count:
    """Return the last count of an election."""
    last = found(slug).counts.select_related("tie_decision").last()
    if last is None:
        raise Http404("Nothing is counted yet.")
    return last


@require_GET
def observers(request: HttpRequest, slug: str) -> HttpResponse:
    """Give all that observers check: the roll with reasons, exceptions, turnout, digest, decisions; no secrets."""
    return JsonResponse(observers_document(found(slug)), json_dumps_params={"indent": 1, "ensure_ascii": False})
