"""Say who may plan and sign releases: each rule once, in a raising and a boolean form."""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from governance.gate import Gate, gate
from governance.models import Office, Release, User
from governance.queries.offices import offices_that_sign

Actor = User | AnonymousUser


def why_not_plan_releases(user: Actor, on: date | None = None) -> str:
    """Say why this user may not plan releases; nothing where they may."""
    if not (user.is_authenticated and user.is_active):
        return "Sign in to plan a release."
    if user.has_perm("governance.add_release") or office_to_sign_by(user, on):
        return ""
    return "Only the lead, the core maintainers and who was given the permission may plan a release."


def may_plan_releases(user: Actor, on: date | None = None) -> bool:
    """Say whether this user may plan releases and name their evidence."""
    return not why_not_plan_releases(user, on)


def check_may_plan_releases(user: Actor, on: date | None = None) -> None:
    """Refuse who may not plan releases."""
    if reason := why_not_plan_releases(user, on):
        raise PermissionDenied(reason)


def office_to_sign_by(user: Actor, on: date | None = None) -> Office | None:
    """Return the office by which this user may sign today, if there is one: through their person's terms only."""
    if not isinstance(user, User) or not user.is_active or user.person is None:
        return None
    return offices_that_sign(user.person, on or timezone.localdate()).order_by("pk").first()


def why_not_sign(user: Actor, release: Release, seen: Gate | None = None) -> str:
    """Say why this user may not sign a release now; nothing where they may. `seen`: the gate, if at hand."""
    if not user.is_authenticated:
        return "Sign in to sign."
    if office_to_sign_by(user) is None:
        return (
            "A signature takes an office that signs releases, held today: your account acts for nobody who holds one."
        )
    stands = seen or gate(release)
    if not stands.evidence_is_complete:
        return "The evidence is not complete: there is nothing to sign yet."
    if any(s.sign_off.person_id == user.person_id and s.counts for s in stands.signatures):
        return "You have signed this evidence."
    return ""


def may_sign(user: Actor, release: Release, seen: Gate | None = None) -> bool:
    """Say whether this user may sign a release now."""
    return not why_not_sign(user, release, seen)


def check_may_sign(user: Actor, release: Release, seen: Gate | None = None) -> None:
    """Refuse a signature that would not count."""
    if reason := why_not_sign(user, release, seen):
        raise PermissionDenied(reason)
