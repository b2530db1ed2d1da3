"""Say who may do what with a proposal: by the charter's table and the offices held that day, never by a group or flag.

Each rule is one function `why_not_x` that returns the reason in words, empty where it is allowed; `may_x` and
`check_x` are its boolean and its raising form, so that the page that hides a button and the action that refuses ask
the same function.
"""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from ecosystem.models import Person, Project
from governance.charter import saying
from governance.charter.parts import Transition
from governance.models import Concern, Hold, Position, User
from governance.progress import Progress
from governance.queries.accounts import person_of
from governance.queries.charters import charter_of
from governance.queries.roles import roles_of

Actor = User | AnonymousUser


def check(reason: str) -> None:
    """Refuse where there is a reason to."""
    if reason:
        raise PermissionDenied(reason)


def acting_person(user: Actor) -> Person:
    """Return the person who acts.

    Raises:
        PermissionDenied: for an account that acts for nobody.
    """
    check(why_nobody(user))
    person = person_of(user)
    assert person is not None
    return person


def why_nobody(user: Actor) -> str:
    """Say why an account acts for nobody; nothing where it does."""
    if not user.is_authenticated:
        return "Sign in first."
    return (
        ""
        if person_of(user)
        else "Your account acts for no known person: an administrator or an invitation says whose."
    )


# -- write, revise ---------------------------------------------------------------------------------------------------


def why_not_propose(user: Actor, project: Project | None) -> str:
    """Say why this user may not open a proposal."""
    if reason := why_nobody(user):
        return reason
    charter = charter_of(project) if project else None
    if project is None or charter is None or charter.proposal is None:
        return f"{project.name if project else 'No project'} has no charter here that says how proposals are made."
    rules = charter.proposal
    roles = roles_of(acting_person(user), charter, project, timezone.localdate())
    if not any(role in saying.each_may(charter, rules.proposer) for role in roles):
        return f"Only {saying.each_may(charter, rules.proposer).words} may open one of the {rules.plural}."
    return ""


def may_propose(user: Actor, project: Project | None) -> bool:
    """Say whether this user may open a proposal."""
    return not why_not_propose(user, project)


def check_may_propose(user: Actor, project: Project | None) -> None:
    """Refuse who may not open a proposal."""
    check(why_not_propose(user, project))


def why_not_revise(user: Actor, progress: Progress) -> str:
    """Say why this user may not change the text: authors and shepherds do, while it is open."""
    if reason := why_nobody(user) or why_closed(progress):
        return reason
    if not progress.roles(acting_person(user)) & {"author", "shepherd"}:
        return "Only its authors and shepherds change the text."
    return ""


def may_revise(user: Actor, progress: Progress) -> bool:
    """Say whether this user may change the text."""
    return not why_not_revise(user, progress)


def check_may_revise(user: Actor, progress: Progress) -> None:
    """Refuse who may not change the text."""
    check(why_not_revise(user, progress))


def why_closed(progress: Progress) -> str:
    """Say why nothing is said on a proposal any more."""
    if progress.proposal.retracted_at:
        return "The import that brought this proposal was undone."
    if progress.rules is None:
        return "This proposal is kept elsewhere; here it is only shown."
    return "" if progress.is_open else f"It is {progress.state_title}: nothing is asked any more."


def why_not_tend(user: Actor, progress: Progress) -> str:
    """Say why this user may not name reviewers, links, areas or what implements it."""
    if reason := why_nobody(user):
        return reason
    if progress.rules is None:
        return why_closed(progress)
    person = acting_person(user)
    if not progress.roles(person) & {"author", "shepherd"} and not progress.is_officer(person):
        return "Only its authors, its shepherds and who holds an office of the project do this."
    return ""


def may_tend(user: Actor, progress: Progress) -> bool:
    """Say whether this user may name reviewers, links, areas or what implements it."""
    return not why_not_tend(user, progress)


def check_may_tend(user: Actor, progress: Progress) -> None:
    """Refuse who may not name reviewers, links, areas or what implements it."""
    check(why_not_tend(user, progress))


def why_not_shepherd(user: Actor, progress: Progress) -> str:
    """Say why this user may not become its shepherd: who holds an office may, and who wrote it may not."""
    if reason := why_nobody(user) or why_closed(progress):
        return reason
    person = acting_person(user)
    roles = progress.roles(person)
    if "shepherd" in roles:
        return "You shepherd it already."
    return "" if progress.is_officer(person) else "A shepherd holds an office of the project."


def may_shepherd(user: Actor, progress: Progress) -> bool:
    """Say whether this user may become its shepherd."""
    return not why_not_shepherd(user, progress)


# -- positions, concerns, holds --------------------------------------------------------------------------------------


def why_not_take_position(user: Actor, progress: Progress) -> str:
    """Say why this user may not take a position: every known person may, while it is open."""
    return why_nobody(user) or why_closed(progress)


def may_take_position(user: Actor, progress: Progress) -> bool:
    """Say whether this user may take a position."""
    return not why_not_take_position(user, progress)


def check_may_take_position(user: Actor, progress: Progress) -> None:
    """Refuse who may not take a position."""
    check(why_not_take_position(user, progress))


def why_not_withdraw(user: Actor, progress: Progress) -> str:
    """Say why this user has no position to withdraw."""
    if reason := why_not_take_position(user, progress):
        return reason
    held = progress.positions.get(acting_person(user))
    return "" if held and held.stand != Position.Stand.COMMENT else "You hold no position to withdraw."


def may_withdraw(user: Actor, progress: Progress) -> bool:
    """Say whether this user has a position to withdraw."""
    return not why_not_withdraw(user, progress)


def why_not_raise(user: Actor, progress: Progress) -> str:
    """Say why this user may not raise a concern: the charter's roles, else reviewers and officers, may."""
    if reason := why_not_take_position(user, progress):
        return reason
    person = acting_person(user)
    assert progress.rules is not None
    assert progress.charter is not None
    if progress.rules.concerns is not None:
        allowed = saying.each_may(progress.charter, progress.rules.concerns.raised_by)
        if any(role in allowed for role in progress.roles(person)):
            return ""
        return f"Only {allowed.words} may raise a concern that blocks; say it in a position."
    if person in {review.person for review in progress.reviews} or progress.is_officer(person):
        return ""
    return "A concern that blocks is raised by a reviewer or by who holds an office; say it in a position."


def may_raise(user: Actor, progress: Progress) -> bool:
    """Say whether this user may raise a concern."""
    return not why_not_raise(user, progress)


def check_may_raise(user: Actor, progress: Progress) -> None:
    """Refuse who may not raise a concern."""
    check(why_not_raise(user, progress))


def why_not_resolve(user: Actor, concern: Concern, progress: Progress) -> str:
    """Say why this user may not resolve a concern: its raiser does, and nobody else unless the charter names them."""
    if reason := why_nobody(user):
        return reason
    if not concern.is_open:
        return "It is resolved."
    person, raiser = acting_person(user), concern.raised_by.kept
    if person == raiser:
        return ""
    rule = progress.rules.concerns if progress.rules else None
    others = [role for role in (rule.resolved_by if rule else ()) if role not in ("raiser", "anyone")]
    if progress.roles(person) & set(others):
        return ""
    return f"Only {raiser.name}, who raised it, resolves it."


def may_resolve(user: Actor, concern: Concern, progress: Progress) -> bool:
    """Say whether this user may resolve a concern."""
    return not why_not_resolve(user, concern, progress)


def check_may_resolve(user: Actor, concern: Concern, progress: Progress) -> None:
    """Refuse who may not resolve a concern."""
    check(why_not_resolve(user, concern, progress))


def why_not_hold(user: Actor, progress: Progress) -> str:
    """Say why this user may not stop a proposal: reviewers and who holds an office may."""
    if reason := why_not_take_position(user, progress):
        return reason
    person = acting_person(user)
    if person in {review.person for review in progress.reviews} or progress.is_officer(person):
        return ""
    return "A hold is placed by a reviewer or by who holds an office of the project."


def may_hold(user: Actor, progress: Progress) -> bool:
    """Say whether this user may place a hold."""
    return not why_not_hold(user, progress)


def check_may_hold(user: Actor, progress: Progress) -> None:
    """Refuse who may not place a hold."""
    check(why_not_hold(user, progress))


def why_not_lift(user: Actor, hold: Hold, progress: Progress) -> str:
    """Say why this user may not lift a hold: who placed it does, or a decider, so that nobody's absence stops it."""
    if reason := why_nobody(user):
        return reason
    if not hold.is_on:
        return "It is lifted."
    person, placer = acting_person(user), hold.placed_by.kept
    if person == placer or progress.roles(person) & set(deciders(progress)):
        return ""
    return f"Only {placer.name}, who placed it, or a decider lifts it."


def may_lift(user: Actor, hold: Hold, progress: Progress) -> bool:
    """Say whether this user may lift a hold."""
    return not why_not_lift(user, hold, progress)


def check_may_lift(user: Actor, hold: Hold, progress: Progress) -> None:
    """Refuse who may not lift a hold."""
    check(why_not_lift(user, hold, progress))


# -- moves -----------------------------------------------------------------------------------------------------------


def deciders(progress: Progress) -> tuple[str, ...]:
    """Return the roles that decide on proposals: those of the charter's decisions of that kind, else lead and core."""
    if progress.charter is None:
        return ()
    charter = progress.charter
    named = [role for rule in charter.decisions.values() if rule.kind == "proposal" for role in rule.decider or ()]
    known = [role for role in named if role not in ("anyone", "self", "software")]
    return tuple(dict.fromkeys(known)) or (*charter.offices_of_kind("lead"), *charter.offices_of_kind("core"))


def decided_by_word(progress: Progress, roles: Iterable[str], reason: str) -> list[str]:
    """Return the decisions that a decider takes by saying so in public, where the charter asks for no vote."""
    if progress.charter is None or not reason.strip():
        return []
    mine = set(roles)
    return [
        name
        for name, rule in progress.charter.decisions.items()
        if rule.method in ("discussion", "one_person") and rule.threshold is None and mine & set(rule.decider or ())
    ]


def why_not_move(user: Actor, progress: Progress, enters: str, reason: str = "") -> str:
    """Say why this user may not move a proposal to a state: who, by the table; what is missing, in words."""
    if why := why_nobody(user):
        return why
    if progress.rules is None or progress.charter is None:
        return why_closed(progress)
    moves = [move for move in progress.rules.transitions if progress.proposal.state in move.leaves]
    found = [move for move in moves if move.enters == enters]
    if not found:
        state = progress.rules.states.get(enters)
        return f"No rule of the charter leads from {progress.state_title} to {state.title if state else enters}."
    why = min((_why_not(user, progress, move, reason) for move in found), key=bool)
    last_call = progress.rules.final_comment
    if not why and last_call and last_call.state == enters:
        return "Begin its final comment period instead: that moves it there, and starts the clock."
    return why


def _why_not(user: Actor, progress: Progress, move: Transition, reason: str) -> str:
    assert progress.charter is not None
    roles = progress.roles(acting_person(user))
    if move.by is None:
        # The charter leaves open who moves it, which is not filled in silently: deciders and shepherds must say why.
        if not roles & {*deciders(progress), "shepherd"}:
            return "The charter does not say who makes this move; here deciders and shepherds make it, with a reason."
        if not reason.strip():
            return "The charter does not say who makes this move: give the reason, it becomes public."
    elif not any(role in saying.each_may(progress.charter, move.by) for role in roles):
        return f"Only {saying.each_may(progress.charter, move.by).words} may make this move."
    missing = progress.missing(move, reason=reason, decided=decided_by_word(progress, roles, reason))
    return f"Not yet: {saying.listed(missing)}." if missing else ""


def may_move(user: Actor, progress: Progress, enters: str, reason: str = "") -> bool:
    """Say whether this user may move a proposal to a state."""
    return not why_not_move(user, progress, enters, reason)


def check_may_move(user: Actor, progress: Progress, enters: str, reason: str = "") -> None:
    """Refuse a move that the table does not allow."""
    check(why_not_move(user, progress, enters, reason))


def why_not_begin_final_comment(user: Actor, progress: Progress) -> str:
    """Say why this user may not begin the final comment period."""
    if reason := why_nobody(user):
        return reason
    rule = progress.rules.final_comment if progress.rules else None
    if progress.charter is None or rule is None:
        return "The charter has no final comment period."
    if progress.running:
        return "It runs already."
    missing = progress.final_comment_missing
    if missing is None:
        return "It has run." if progress.over else f"It does not begin from {progress.state_title}."
    if not any(
        role in saying.each_may(progress.charter, rule.proposed_by) for role in progress.roles(acting_person(user))
    ):
        return f"Only {saying.each_may(progress.charter, rule.proposed_by).words} may begin it."
    return f"Not yet: {saying.listed(missing)}." if missing else ""


def may_begin_final_comment(user: Actor, progress: Progress) -> bool:
    """Say whether this user may begin the final comment period."""
    return not why_not_begin_final_comment(user, progress)


def check_may_begin_final_comment(user: Actor, progress: Progress) -> None:
    """Refuse to begin the final comment period too early, or by who may not."""
    check(why_not_begin_final_comment(user, progress))


def why_not_stop_final_comment(user: Actor, progress: Progress) -> str:
    """Say why this user may not stop the final comment period: who may begin it, and the shepherds, may."""
    if reason := why_nobody(user):
        return reason
    rule = progress.rules.final_comment if progress.rules else None
    if progress.charter is None or rule is None or not progress.running:
        return "No final comment period runs."
    roles = progress.roles(acting_person(user))
    if roles & {"shepherd", *deciders(progress)} or any(
        role in saying.each_may(progress.charter, rule.proposed_by) for role in roles
    ):
        return ""
    return "Only who may begin it, and the shepherds, stop it; a concern or a hold stops it too."


def may_stop_final_comment(user: Actor, progress: Progress) -> bool:
    """Say whether this user may stop the final comment period."""
    return not why_not_stop_final_comment(user, progress)


def check_may_stop_final_comment(user: Actor, progress: Progress) -> None:
    """Refuse who may not stop the final comment period."""
    check(why_not_stop_final_comment(user, progress))
