"""Say who may do what with a vote: call, second, choose, stand aside, cancel. Each rule once, as in proposals.py."""

from django.utils import timezone

from ecosystem.models import Project
from governance.charter import Charter, Decision, saying
from governance.policies.proposals import Actor, acting_person, check, why_nobody
from governance.queries.accounts import person_of
from governance.queries.ballots import Standing, Voter
from governance.queries.charters import charter_of
from governance.queries.roles import roles_of


def decision_of(charter: Charter | None, name: str) -> Decision | None:
    """Return the decision of a name, if the charter has it."""
    return charter.decisions.get(name) if charter else None


def electing_roles(decision: Decision | None) -> tuple[str, ...]:
    """Return the roles whose holders vote on a decision, as far as the charter says."""
    if decision is None:
        return ()
    if decision.electorate is not None:
        return tuple(role for role in decision.electorate.of if role not in decision.electorate.without)
    return tuple(role for role in decision.decider or () if role not in ("anyone", "software"))


def why_not_call(user: Actor, project: Project | None, decision: str) -> str:
    """Say why this user may not call a vote: whom the charter names may; where it names nobody, who would vote."""
    if reason := why_nobody(user):
        return reason
    charter = charter_of(project) if project else None
    rule = decision_of(charter, decision)
    if project is None or charter is None or rule is None:
        return "A vote is called on a decision that the project's charter knows."
    return why_not_call_as(own_roles(user, charter, project), charter, rule)


def own_roles(user: Actor, charter: Charter, project: Project) -> frozenset[str]:
    """Return the roles by which this user acts in a project today."""
    return roles_of(acting_person(user), charter, project, timezone.localdate())


def why_not_call_as(roles: frozenset[str], charter: Charter, rule: Decision) -> str:
    """Say why somebody of these roles may not call a vote on a decision.

    Where a charter lets anyone ask, it takes an office to call the vote: it costs its electors time.
    """
    if rule.method == "election":
        return f"To {saying.lower(rule.title)} takes an election, not a vote of yes and no."
    allowed = rule.nominator if rule.nominator is not None else electing_roles(rule)
    may = saying.each_may(charter, allowed)
    if any(role in may for role in roles) and ("anyone" not in may.names or roles & set(charter.offices)):
        return ""
    who = "who holds an office" if "anyone" in may.names else may.words
    return f"Only {who} may ask to {saying.lower(rule.title)}."


def may_call(user: Actor, project: Project | None, decision: str) -> bool:
    """Say whether this user may call a vote."""
    return not why_not_call(user, project, decision)


def check_may_call(user: Actor, project: Project | None, decision: str) -> None:
    """Refuse who may not call a vote."""
    check(why_not_call(user, project, decision))


def decisions_to_call(user: Actor, project: Project | None) -> dict[str, Decision]:
    """Return the decisions on which this user may call a vote."""
    charter = charter_of(project) if project and not why_nobody(user) else None
    if project is None or charter is None:
        return {}
    roles = own_roles(user, charter, project)
    return {name: rule for name, rule in charter.decisions.items() if not why_not_call_as(roles, charter, rule)}


def why_not_second(user: Actor, stands: Standing) -> str:
    """Say why this user may not second a vote: whom the charter names may, but not who called it."""
    if reason := why_nobody(user):
        return reason
    if stands.state != "awaiting seconds":
        return "It awaits no second."
    ballot, person = stands.ballot, acting_person(user)
    if person == ballot.called_by.kept:
        return "Who called it cannot second it."
    if any(second.person.kept == person for second in stands.seconds):
        return "You have seconded it."
    charter = charter_of(ballot.project)
    roles = roles_of(person, charter, ballot.project, timezone.localdate(stands.now)) if charter else frozenset()
    return "" if roles & set(ballot.seconds_by) else "Only who the charter names may second it."


def may_second(user: Actor, stands: Standing) -> bool:
    """Say whether this user may second a vote."""
    return not why_not_second(user, stands)


def check_may_second(user: Actor, stands: Standing) -> None:
    """Refuse who may not second a vote."""
    check(why_not_second(user, stands))


def own_place(user: Actor, stands: Standing) -> Voter | None:
    """Return this user's place in the electorate, if they have one."""
    person = person_of(user)
    return next((one for one in stands.voters if person and one.elector.person.kept == person), None)


def why_not_choose(user: Actor, stands: Standing) -> str:
    """Say why this user may not choose: electors do, while it is open, unless they stand aside. No flag helps."""
    if reason := why_nobody(user):
        return reason
    if stands.state != "open":
        return f"No choice is taken: it is {stands.state}."
    own = own_place(user, stands)
    if own is None:
        return "Only the electors who were named when it opened may vote."
    return "You are recused, and do not vote." if own.recused else ""


def may_choose(user: Actor, stands: Standing) -> bool:
    """Say whether this user may choose."""
    return not why_not_choose(user, stands)


def check_may_choose(user: Actor, stands: Standing) -> None:
    """Refuse who may not choose."""
    check(why_not_choose(user, stands))


def why_not_declare(user: Actor, stands: Standing) -> str:
    """Say why this user may not say something of their interests: an elector may, while it is open."""
    if reason := why_nobody(user):
        return reason
    if stands.state != "open":
        return f"It is {stands.state}."
    return "" if own_place(user, stands) else "Only the electors who were named when it opened declare an interest."


def may_declare(user: Actor, stands: Standing) -> bool:
    """Say whether this user may say something of their interests."""
    return not why_not_declare(user, stands)


def check_may_declare(user: Actor, stands: Standing) -> None:
    """Refuse who may not say something of their interests."""
    check(why_not_declare(user, stands))


def why_not_recuse(user: Actor, stands: Standing, voter: Voter) -> str:
    """Say why this user may not recuse an elector: oneself, or another where the charter asks it."""
    if reason := why_not_declare(user, stands):
        return reason
    if voter.recused:
        return f"{voter.elector.person.name} is recused."
    if voter.elector.person.kept == acting_person(user):
        return ""
    rule = decision_of(charter_of(stands.ballot.project), stands.ballot.decision)
    if rule is None or rule.recusal is None or not rule.recusal.required:
        return "The charter lets nobody recuse somebody else here."
    return "" if voter.conflict else "Somebody else is recused only after they have told of a conflict of interest."


def may_recuse(user: Actor, stands: Standing, voter: Voter) -> bool:
    """Say whether this user may recuse an elector."""
    return not why_not_recuse(user, stands, voter)


def check_may_recuse(user: Actor, stands: Standing, voter: Voter) -> None:
    """Refuse who may not recuse an elector."""
    check(why_not_recuse(user, stands, voter))


def why_not_return(user: Actor, stands: Standing, voter: Voter) -> str:
    """Say why this user may not take part again: only who recused themself takes that back, while it is open."""
    if reason := why_not_declare(user, stands):
        return reason
    if not voter.recused or voter.recusal is None:
        return "They are not recused."
    person = acting_person(user)
    own = voter.elector.person.kept == person
    by_self = voter.recusal.made_by is not None and voter.recusal.made_by.kept == person
    return "" if own and by_self else "Only who recused themself takes it back."


def may_return(user: Actor, stands: Standing, voter: Voter) -> bool:
    """Say whether this user may take part again."""
    return not why_not_return(user, stands, voter)


def check_may_return(user: Actor, stands: Standing, voter: Voter) -> None:
    """Refuse who may not take part again."""
    check(why_not_return(user, stands, voter))


def why_not_cancel(user: Actor, stands: Standing) -> str:
    """Say why this user may not cancel a vote: who called it may, until it closes."""
    if reason := why_nobody(user):
        return reason
    if stands.state not in ("open", "awaiting seconds"):
        return f"It is {stands.state}."
    caller = stands.ballot.called_by.kept
    return "" if acting_person(user) == caller else f"Only {caller.name}, who called it, cancels it."


def may_cancel(user: Actor, stands: Standing) -> bool:
    """Say whether this user may cancel a vote."""
    return not why_not_cancel(user, stands)


def check_may_cancel(user: Actor, stands: Standing) -> None:
    """Refuse who may not cancel a vote."""
    check(why_not_cancel(user, stands))


def asked_of(charter: Charter, decision: str) -> list[str]:
    """Return what the charter leaves open about a vote, in words: what the caller must then say."""
    rule = charter.decisions[decision]
    parts = ("threshold", "quorum", "window", "electorate", "recusal", "second_required", "tie_break")
    return [gap.question for gap in charter.gaps_at(*(f"{rule.path}.{part}" for part in parts))]
