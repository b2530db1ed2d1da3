"""What outsiders take away from an election: the observers' document, the files and the command that recount it."""

import csv
import io
import shlex
from collections.abc import Mapping
from typing import Any

from governance.election_count import draw_seed
from governance.election_words import publication_rule
from governance.models import Count, Election
from governance.queries.candidates import endorsers, on_the_ballot
from governance.queries.elections import considered, elector_keys, electors, stands, turnout


def observers_document(election: Election) -> dict[str, Any]:
    """Return what observers check. It names who may vote and why, never who did; requests' own words are left out."""
    frozen = list(election.roll.select_related("person"))
    keys = elector_keys(election)
    return {
        "election": election.slug,
        "title": election.title,
        "state": stands(election),
        "cancelled_because": election.cancelled_because,
        "rules": rules(election),
        "roll_frozen_at": election.opened_at,
        "roll": [
            {"person": row.person.slug, "name": row.person.name, "eligible": row.eligible, "because": row.because}
            for row in (frozen or considered(election))
        ],
        "unknown_logins": [line.login for line in election.activity.filter(person__isnull=True)],
        "exceptions": [
            {
                "person": each.person.slug,
                "granted": each.granted,
                "reason": each.reason,
                "decided_by": each.decided_by.slug if each.decided_by else None,
                "decided_at": each.decided_at,
            }
            for each in election.exceptions.select_related("person", "decided_by")
        ],
        "nominations": [
            {
                "person": each.person.slug,
                "nominated_by": each.nominated_by.slug,
                "answer": each.answer,
                "endorsed_by": [
                    {"person": one.person.slug, "employers": sorted(one.employers)} for one in endorsers(each, keys)
                ],
            }
            for each in election.nominations.select_related("person__merged_into", "nominated_by")
        ],
        "on_the_ballot": [each.name for each in on_the_ballot(election)],
        "electors": electors(election),
        "ballots": turnout(election),
        "seed": election.seed,
        "counts": [counted(each) for each in election.counts.select_related("tie_decision")],
        "publication_rule": publication_rule(election),
    }


def rules(election: Election) -> dict[str, Any]:
    """Return the rules that an election was announced with."""
    return {
        "rule": election.rule,
        "office": election.office.slug,
        "seats": election.seats,
        "long_seats": election.long_seats,
        "method": election.method,
        "unranked": election.unranked,
        "employer_cap": election.employer_cap,
        "endorsements": election.endorsements,
        "endorsing_employers": election.endorsing_employers,
        "nominee_endorses": election.nominee_endorses,
        "unknown_differs": election.unknown_differs,
        "tie_break": election.tie_break,
        "electing_offices": [office.slug for office in election.electing_offices.all()],
        "electors_on": election.electors_on,
        "activity_from": election.activity_from,
        "officers": [officer.slug for officer in election.officers.all()],
        "nominations_close_at": election.nominations_close_at,
        "exceptions_close_at": election.exceptions_close_at,
        "opens_at": election.opens_at,
        "closes_at": election.closes_at,
        "zone": election.zone,
    }


def counted(count: Count) -> dict[str, Any]:
    """Return one count as observers compare it."""
    decision = count.tie_decision
    return {
        "counted_at": count.counted_at,
        "ballots": count.ballots,
        "electors": count.electors,
        "digest": count.digest,
        "publishes": count.publishes,
        "why": count.why,
        "outcome": count.outcome,
        "affiliations": count.affiliations,
        "tie": {"how": decision.how, "reason": decision.reason, "order": decision.order} if decision else None,
    }


def employers_csv(employers: Mapping[str, str]) -> str:
    """Write candidate,employer lines."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("candidate", "employer"))
    writer.writerows(employers.items())
    return text.getvalue()


def recount_command(election: Election, count: Count) -> str:
    """Return the command line that recounts the downloaded files to the published result."""
    words = ["python3", "manage.py", "tally", f"{election.slug}-ballots.csv", "--method", election.method]
    words += ["--seats", str(election.seats)]
    if election.method in ("schulze", "ranked-pairs"):
        words += ["--unranked", election.unranked]
    if election.method == "stv":
        words += ["--variant", election.variant]
    if election.employer_cap is not None:
        words += ["--affiliations", f"{election.slug}-affiliations.csv", "--sitting", f"{election.slug}-sitting.csv"]
        words += ["--employer-cap", str(election.employer_cap)]
    if election.long_seats:
        words += ["--long-terms", str(election.long_seats)]
    decision = count.tie_decision
    if decision is not None and decision.how == Election.TieBreak.DRAW:
        words += ["--tie-break", f"seed:{draw_seed(election, count.digest)}"]
    elif decision is not None:
        words += ["--tie-break", f"{election.slug}-order.txt"]
    return shlex.join(words)
