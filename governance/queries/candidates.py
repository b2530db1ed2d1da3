"""Reads about candidates: who is nominated, with which endorsements, who stands and who is on the ballot papers."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from ecosystem.models import Person
from governance.models import Election, Endorsement, Nomination
from governance.queries.elections import elector_keys
from governance.queries.support import Asked, Supporter, still_missing, supporter

Answer = Nomination.Answer


def candidates(election: Election, now: datetime | None = None) -> QuerySet[Nomination]:
    """Return who stands, by name: who accepted, did not withdraw and, once nominations are over, lacks no endorsement.

    Until then who accepted is among them: what they lack can still come.
    """
    accepted = election.nominations.filter(answer=Answer.ACCEPTED)
    return accepted.exclude(pk__in=short(election, now)).select_related("person").order_by("person__name", "pk")


def on_the_ballot(election: Election) -> QuerySet[Nomination]:
    """Return who is on the ballot papers: who stood when voting opened, were they to withdraw later."""
    if election.opened_at is None:
        return candidates(election)
    standing = Q(answer=Answer.ACCEPTED) | Q(answer=Answer.WITHDRAWN, answered_at__gte=election.opened_at)
    return election.nominations.filter(standing).select_related("person").order_by("person__name", "pk")


# -- endorsements ------------------------------------------------------------------------------------------------------


def short(election: Election, now: datetime | None = None) -> list[int]:
    """Return the keys of the nominations that came to the closing without their endorsements, not written down yet."""
    over = (now or timezone.now()) >= election.nominations_close_at
    if not election.endorsements or election.standing_noted_at is not None or not over:
        return []
    return [one.pk for one, _ in falling_short(election)]


def falling_short(election: Election) -> list[tuple[Nomination, list[str]]]:
    """Return who accepted and lacks endorsements as things are, with what they lack."""
    keys = elector_keys(election)
    accepted = election.nominations.filter(answer=Answer.ACCEPTED).select_related("person__merged_into")
    lacking = [(one, lacks(one, keys)) for one in accepted.order_by("person__name", "pk")]
    return [(one, missing) for one, missing in lacking if missing]


def asked_of(election: Election) -> Asked:
    """Return which endorsements the rule asks for."""
    return Asked(
        election.endorsements,
        election.endorsing_employers,
        election.unknown_differs,
        one="endorsement",
        many="endorsements",
    )


def lacks(nomination: Nomination, electors: Collection[int] | None = None) -> list[str]:
    """Say which endorsements a nominee lacks, in words; nothing where the rule asks for none or they are there."""
    if not nomination.election.endorsements:
        return []
    return still_missing(asked_of(nomination.election), endorsers(nomination, electors))


def endorsers(nomination: Nomination, electors: Collection[int] | None = None) -> list[Supporter]:
    """Return whose endorsements count, each human once, with the employers of the day on which they endorsed.

    Only electors count, by the data of now until the roll is frozen. Where the rule has it so, a nominee who is an
    elector is one of them, with the employer of the day of the nomination.
    """
    keys = elector_keys(nomination.election) if electors is None else electors
    found: dict[int, Supporter] = {}
    if nomination.election.nominee_endorses and nomination.person.kept.pk in keys:
        own = nomination.person.kept
        found[own.pk] = supporter(own, timezone.localdate(nomination.nominated_at))
    for one in standing_endorsements(nomination):
        human = one.person.kept
        if human.pk in keys and human.pk != nomination.person.kept.pk:
            found.setdefault(human.pk, supporter(human, timezone.localdate(one.given_at)))
    return list(found.values())


def standing_endorsements(nomination: Nomination) -> QuerySet[Endorsement]:
    """Return the endorsements of a nominee that were not withdrawn, the first first."""
    return nomination.endorsements.filter(withdrawn_at__isnull=True).select_related("person__merged_into")


def endorsement_by(nomination: Nomination, person: Person) -> Endorsement | None:
    """Return a human's endorsement of a nominee, if they gave one and did not withdraw it."""
    return next((one for one in standing_endorsements(nomination) if one.person.kept == person.kept), None)
