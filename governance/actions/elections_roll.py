"""Writes about who may vote: the imported list of activity, exceptions asked for and decided."""

import csv
import io
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

import record
from governance.actions.elections import ElectionRefused, locked, tell
from governance.models import Activity, Election, ExceptionRequest, User
from governance.policies.elections import check_may_ask_exception, check_may_run
from governance.queries.accounts import person_of
from governance.queries.elections import person_of_login, would_be_elector

BEFORE_OPENING = (Election.State.ANNOUNCED, Election.State.NOMINATING)


@transaction.atomic
def import_activity(*, election: Election, text: str, source: str, by: User) -> list[Activity]:
    """Take in a list of activity, `login,amount` a line, in place of the one before; all of it or nothing.

    Raises:
        ElectionRefused: after voting opened, or for a line that cannot be read, which it names.
    """
    check_may_run(by, election)
    election = locked(election)
    if election.state not in BEFORE_OPENING:
        raise ElectionRefused("The roll was frozen when voting opened.")
    lines = list(read_activity(text))
    election.activity.all().delete()
    found = Activity.objects.bulk_create(
        Activity(election=election, login=login, amount=amount, person=person_of_login(login))
        for login, amount in lines
    )
    unknown = sum(line.person is None for line in found)
    tell(
        election,
        "activity_imported",
        by,
        f"A list of the activity of {len(found)} people was taken in for {election.title}; {unknown} are not known.",
        {"source": source, "lines": len(found), "unknown": unknown},
    )
    return found


def read_activity(text: str) -> Iterator[tuple[str, int]]:
    """Read `login,amount` lines; a heading is skipped."""
    seen: set[str] = set()
    for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and not cells[-1].isdecimal()):
            continue
        if len(cells) != 2 or not cells[1].isdecimal() or not 0 < len(cells[0]) <= 80 or len(cells[1]) > 9:
            raise ElectionRefused(f"Line {number}: write login,amount, such as octocat,57.")
        login = cells[0].removeprefix("@")
        if login.casefold() in seen:
            raise ElectionRefused(f"Line {number}: {login} stands there twice; leave one.")
        seen.add(login.casefold())
        yield login, int(cells[1])


@transaction.atomic
def ask_exception(*, election: Election, words: str, by: User) -> ExceptionRequest:
    """Ask the officers to let oneself vote though the data say no; the record does not repeat the words."""
    if not words.strip():
        raise ElectionRefused("Say why: the officers decide by it.")
    election = locked(election)
    check_may_ask_exception(by, election)
    person = person_of(by)
    assert person is not None
    request = ExceptionRequest.objects.create(
        election=election, person=person, words=words.strip(), asked_at=timezone.now()
    )
    record.append(
        "election.exception_asked",
        by=by,
        subject=f"election/{election.slug}",
        summary=f"{person.name} asked to be an elector in {election.title}.",
        data={"person": person.slug},
    )
    return request


@transaction.atomic
def decide_exception(*, request: ExceptionRequest, granted: bool, reason: str, by: User) -> ExceptionRequest:
    """Grant or refuse an exception with a public reason, before the roll is frozen; nobody decides their own."""
    election = locked(request.election)
    check_may_run(by, election)
    request = ExceptionRequest.objects.select_for_update(of=("self",)).select_related("person").get(pk=request.pk)
    decider = person_of(by)
    if decider is None:
        raise ElectionRefused("Who decides is named in public: your account acts for no known person.")
    if decider.pk == request.person_id:
        raise ElectionRefused("Nobody decides on their own exception.")
    if election.state not in BEFORE_OPENING:
        raise ElectionRefused("The roll was frozen when voting opened.")
    if not reason.strip():
        raise ElectionRefused("Say why: the reason is public.")
    if granted and would_be_elector(election, request.person) and request.granted is None:
        raise ElectionRefused(f"{request.person.name} is an elector by the data by now.")
    request.granted, request.reason = granted, reason.strip()
    request.decided_by, request.decided_at = decider, timezone.now()
    request.save()
    tell(
        election,
        "exception_decided",
        by,
        f"{decider.name} {'granted' if granted else 'refused'} {request.person.name} an exception in "
        f"{election.title}: {request.reason}",
        {"person": request.person.slug, "granted": granted, "reason": request.reason},
    )
    return request
