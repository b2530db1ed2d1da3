"""Ask every public page and API address of people, offices and decisions, among 10,000 people and 200,000 terms.

    .venv/bin/python tests/performance/pages_with_many.py [--people 10000] [--years 20] [--requests 7] [--only PART]
        [--json]

Fills a private PostgreSQL with the invented rows of `terms_as_of.py`, and asks each address through Django's test
client: middleware, view, template and all. Beside each stand the number of its queries, the size of its answer, and how
much longer it takes than a page with nothing on it, which is measured between them in the same run.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.performance.terms_as_of import OFFICES, fill, services_of_its_own, terms  # noqa: E402 - by the line above

# A page whose list holds nothing: what any page costs.
EMPTY = "/imports/"
DAY = "on=2015-06-01"
# Every list has to answer within this many times an empty page, and in so many bytes.
MOST_TIMES, MOST_BYTES = 12, 400_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--requests", type=int, default=7)
    parser.add_argument("--only", default="", help="ask only addresses that hold this")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    with services_of_its_own():
        return measure(asked)


def measure(asked: argparse.Namespace) -> int:
    """Fill the database, ask every address, and say it; 1 where one is over a bound."""
    fill(asked.people, asked.years)
    collect_static()
    found: dict[str, dict[str, Any]] = {}
    for address in addresses():
        if asked.only in address:
            found[address] = answers(address, asked.requests)
            print(f"{address}: {found[address]['median_ms']:.0f} ms", file=sys.stderr, flush=True)
    empty = statistics.median(row["empty_ms"] for row in found.values())
    for row in found.values():
        row["times"] = round(row["median_ms"] / empty, 1)
    over = [at for at, row in found.items() if row["times"] > MOST_TIMES or row["bytes"] > MOST_BYTES]
    if asked.json:
        print(json.dumps({"people": asked.people, "terms": terms(), "empty_ms": round(empty, 1), "pages": found}))
    else:
        told(asked, found, empty, over)
    return int(bool(over))


def collect_static() -> None:
    """Lay out the files that every page names."""
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)


def told(asked: argparse.Namespace, found: dict[str, dict[str, Any]], empty: float, over: list[str]) -> None:
    """Print what was measured, an address a line."""
    print(
        f"{asked.people} people, {terms()} terms, {asked.requests} requests each; {EMPTY} with nothing: {empty:.0f} ms"
    )
    print(f"{'':48}{'median':>9}{'worst':>9}{'times':>7}{'queries':>9}{'bytes':>11}")
    for address, row in found.items():
        print(
            f"{address:48}{row['median_ms']:9.0f}{row['worst_ms']:9.0f}{row['times']:7.1f}"
            f"{row['queries']:9}{row['bytes']:11,}{'  over' if address in over else ''}"
        )


def addresses() -> list[str]:
    """Return what is asked: each list at its beginning, further on, searched, and on a day; each kind of page once."""
    lists = ["/people/", "/offices/", "/areas/"]
    pages = [
        EMPTY,
        "/",
        *(f"{at}{asked}" for at in lists for asked in ("", f"?{DAY}", f"?{DAY}&page=3", f"?{DAY}&name=17")),
        "/people/person-17/",
        f"/people/person-17/?{DAY}",
        f"/offices/office-{OFFICES}/",
        "/offices/office-7/",
        f"/offices/office-7/?{DAY}",
        "/areas/area-7/",
        f"/areas/area-7/?{DAY}",
        "/coverage/",
        f"/coverage/?{DAY}",
        "/coverage/coverage.csv",
        "/people/ask/",
        "/people/person-17/ask/",
        "/charters/",
        "/proposals/",
        "/proposals/feed.atom",
        "/proposals/deadlines.ics",
        "/votes/",
        "/elections/",
        "/releases/",
    ]
    api = [f"/api{at}{asked}" for at in lists for asked in ("", f"?{DAY}", f"?{DAY}&page=2&per_page=200")]
    one = ["/api/people/person-17/", "/api/offices/office-7/", "/api/areas/area-7/", "/api/coverage/"]
    return [*pages, *api, *one, "/api/openapi.json"]


def answers(address: str, requests: int) -> dict[str, Any]:
    """Ask an address, and after each time the empty page; the first answer warms up and counts the queries."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "localhost"})
    with CaptureQueriesContext(connection) as queries:
        first = client.get(address)
    # Told at once: the next request forgets them.
    asked = len(queries)
    if first.status_code != 200:
        raise SystemExit(f"{address} answers {first.status_code}")
    times, beside = [], []
    for _ in range(requests):
        times.append(timed(client, address))
        beside.append(timed(client, EMPTY))
    return {
        "median_ms": round(statistics.median(times), 1),
        "worst_ms": round(max(times), 1),
        "empty_ms": statistics.median(beside),
        "queries": asked,
        "bytes": len(first.content),
    }


def timed(client: Any, address: str) -> float:
    """Return how many milliseconds an answer takes."""
    before = time.perf_counter_ns()
    client.get(address)
    return (time.perf_counter_ns() - before) / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
