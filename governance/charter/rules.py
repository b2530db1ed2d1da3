"""Answer situations from a charter: who may, who decides, how long, what follows; what is open is said to be open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone

from governance.charter import saying
from governance.charter.answers import Answer, Opening, Roles, Second, Succession
from governance.charter.finding import decision_of, office_of, sources_of, undetermined
from governance.charter.parts import Charter, Decision, Gap, Office, Reading, Window

# A day is over everywhere when it is over at UTC-12.
ANYWHERE_ON_EARTH = timezone(timedelta(hours=-12), "AoE")
OWN = {True: ", oneself too", False: ", but not oneself", None: ""}
CLOSES = {
    "": "",
    "exact": "",
    "anywhere_on_earth": "; the last day ends when it is over anywhere on Earth",
    "utc_midnight": "; the last day ends at midnight in UTC",
}


def who_may_nominate(charter: Charter, office: str) -> Answer[Roles]:
    """Say who may nominate somebody for an office."""
    held = office_of(charter, office)
    ways = charter.decisions_about(office, "appointment", "election")
    if not ways:
        gaps = charter.gaps_at(f"{held.path}.vacancy", held.path)
        return undetermined(f"The charter names no decision by which somebody becomes {held.title}", held, gaps)
    return who_may_call(charter, next(iter(ways))) if len(ways) == 1 else several_ways(charter, ways)


def several_ways(charter: Charter, ways: dict[str, Decision]) -> Answer[Roles]:
    """Say who may nominate where more than one decision fills an office."""
    names = tuple(dict.fromkeys(name for rule in ways.values() for name in rule.nominator or ()))
    words = " ".join(who_may_call(charter, name).words for name in ways)
    sources = tuple(dict.fromkeys(source for rule in ways.values() for source in rule.source))
    gaps = charter.gaps_at(*(f"{rule.path}.nominator" for rule in ways.values()))
    return Answer(words, saying.each_may(charter, names) if names else None, sources, gaps)


def who_may_call(charter: Charter, decision: str) -> Answer[Roles]:
    """Say who may nominate, or call for a decision."""
    rule = decision_of(charter, decision)
    gaps = charter.gaps_at(f"{rule.path}.nominator")
    if rule.nominator is None:
        return undetermined(f"{rule.title}: the charter does not say who may nominate or ask for it", rule, gaps)
    roles = saying.each_may(charter, rule.nominator)
    may = "nominate" if rule.kind in ("appointment", "election") else "ask for it"
    own = OWN[rule.self_nomination if "self" not in rule.nominator else None]
    return Answer(saying.sentence(f"{rule.title}: {roles.words} may {may}{own}"), roles, rule.source, gaps)


def who_decides(charter: Charter, decision: str) -> Answer[Roles]:
    """Say who decides; open where two sentences of the text name different ones."""
    rule = decision_of(charter, decision)
    gaps = charter.gaps_at(f"{rule.path}.decider")
    if disagreement := on_roles(gaps):
        return undetermined(
            f"{rule.title}: the text does not agree with itself on who decides: {disagreement}", rule, gaps
        )
    decider = rule.decider or (rule.electorate.of if rule.electorate else None)
    if decider is None:
        return undetermined(f"{rule.title}: the charter does not say who decides", rule, gaps)
    roles = saying.together(charter, decider)
    veto = f", unless vetoed by {saying.together(charter, rule.veto).words}" if rule.veto else ""
    return Answer(saying.sentence(f"{rule.title}: decided by {roles.words}{veto}"), roles, rule.source, gaps)


def on_roles(gaps: tuple[Gap, ...]) -> str:
    """Say what sentences that name different roles say; nothing where they do not differ."""
    readings = [reading for gap in gaps for reading in gap.readings if reading.roles]
    differ = len({reading.roles for reading in readings}) > 1
    return saying.listed([reading.says for reading in readings], "but also:") if differ else ""


def who_votes(charter: Charter, decision: str) -> Answer[Roles]:
    """Say who is in the electorate."""
    rule = decision_of(charter, decision)
    gaps = charter.gaps_at(f"{rule.path}.electorate")
    if disagreement := on_roles(gaps):
        return undetermined(
            f"{rule.title}: the text does not agree with itself on who votes: {disagreement}", rule, gaps
        )
    if rule.electorate is None:
        by = f"; it is decided by {saying.together(charter, rule.decider).words}" if rule.decider else ""
        return undetermined(f"{rule.title}: the charter names no vote{by}", rule, gaps)
    without = rule.electorate.without
    left_out = f", without {saying.together(charter, without).words}" if without else ""
    roles = saying.together(charter, rule.electorate.of)
    open_ = f". Left open: {gaps[0].question}" if gaps else ""
    return Answer(
        saying.sentence(f"{rule.title}: voted on by {roles.words}{left_out}{open_}"), roles, rule.source, gaps
    )


def second_needed(charter: Charter, decision: str) -> Answer[Second]:
    """Say whose support is needed before it goes on; a count of 0 where none is."""
    rule = decision_of(charter, decision)
    gaps = charter.gaps_at(f"{rule.path}.second_required")
    asked = rule.second_required
    if asked is None:
        if gaps:
            return undetermined(f"{rule.title}: the charter leaves open whether somebody must second it", rule, gaps)
        return Answer("Nobody needs to second it.", Second(Roles((), "nobody"), 0, None, None), rule.source, gaps)
    by = saying.each_may(charter, asked.by)
    until = f" within {saying.days(asked.within_days)}" if asked.within_days else ""
    employers = f" of {saying.counted(asked.employers, 'different employer')}" if asked.employers else ""
    words = f"{saying.counted(asked.count, 'person', 'persons')}{employers} must support it{until}: {by.words}"
    return Answer(
        saying.sentence(words),
        Second(by, asked.count, asked.employers, asked.within_days),
        sources_of(asked, rule),
        gaps,
    )


def how_long(charter: Charter, decision: str, *, opens: datetime, phase: str = "window") -> Answer[Opening]:
    """Say how long a decision is open, from the moment it opens. `phase`: window, or nomination_window.

    Raises:
        ValueError: when the moment has no time zone.
    """
    if opens.tzinfo is None:
        raise ValueError(f"{opens} has no time zone; give the moment with one.")
    rule = decision_of(charter, decision)
    window: Window | None = getattr(rule, phase)
    gaps = charter.gaps_at(f"{rule.path}.{phase}")
    readings = sorted({reading.days for gap in gaps for reading in gap.readings if reading.days is not None})
    if len(readings) > 1:
        each = " or ".join(saying.days(number) for number in readings)
        return undetermined(f"{rule.title}: the text gives {each}", rule, gaps)
    if window is None:
        return undetermined(f"{rule.title}: the charter does not say how long it is open", rule, gaps)
    earliest = ends(opens, window.least_days, window.closes)
    latest = ends(opens, window.most_days, window.closes)
    until = f", until {latest:%Y-%m-%d %H:%M %Z} at the latest" if latest else ""
    words = saying.sentence(f"{rule.title}: open {saying.open_for(charter, window)}{until}{CLOSES[window.closes]}")
    return Answer(words, Opening(window.least_days, window.most_days, earliest, latest), sources_of(window, rule), gaps)


def ends(opens: datetime, days: int | None, closes: str) -> datetime | None:
    """Return the moment at which so many days are over, by the way the last day ends."""
    if days is None:
        return None
    moment = opens.astimezone(UTC) + timedelta(days=days)
    zone = {"anywhere_on_earth": ANYWHERE_ON_EARTH, "utc_midnight": UTC}.get(closes)
    if zone is None:
        return moment
    return end_of_day((opens.astimezone(zone) + timedelta(days=days)).date(), closes)


def end_of_day(day: date, closes: str) -> datetime:
    """Return the first moment after a day: over everywhere on Earth, or at midnight in UTC."""
    zone = ANYWHERE_ON_EARTH if closes == "anywhere_on_earth" else UTC
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def on_tie(charter: Charter, decision: str) -> Answer[tuple[str, ...]]:
    """Say what breaks a tie, in order."""
    rule = decision_of(charter, decision)
    gaps = charter.gaps_at(f"{rule.path}.tie_break")
    if not rule.tie_break:
        return undetermined(f"{rule.title}: the charter does not say what breaks a tie", rule, gaps)
    words = "a tie is broken by " + "; then ".join(rule.tie_break)
    return Answer(saying.sentence(words), rule.tie_break, rule.source, gaps)


def how_counted(charter: Charter, decision: str) -> Answer[str]:
    """Say by which method an election's ballots are counted: a name that `tally` knows, or open."""
    rule = decision_of(charter, decision)
    gaps = charter.gaps_at(f"{rule.path}.counting")
    if rule.counting is None:
        return undetermined(f"{rule.title}: the charter names no method of counting", rule, gaps)
    method = rule.counting.method.replace("_", " ")
    if rule.counting.method in ("condorcet", "ranked_choice"):
        return undetermined(f"{rule.title}: the charter names a family of methods only, {method}", rule, gaps)
    return Answer(f"Ballots are counted by {method}.", rule.counting.method, sources_of(rule.counting, rule), gaps)


def on_vacancy(charter: Charter, office: str, *, since: date | None = None) -> Answer[Succession]:
    """Say what happens when an office falls vacant: who acts, how it is filled, until when."""
    held = office_of(charter, office)
    rule = held.vacancy
    gaps = charter.gaps_at(f"{held.path}.vacancy")
    if rule is None:
        return undetermined(
            f"The charter does not say what happens when the office {held.title} falls vacant", held, gaps
        )
    acting = None if rule.acting is None else saying.together(charter, rule.acting)
    by = since + timedelta(days=rule.deadline_days) if since and rule.deadline_days is not None else None
    value = Succession(acting, rule.method, by, rule.deadline_days, rule.remainder)
    return Answer(" ".join(vacancy_words(charter, held, value)), value, sources_of(rule, held), gaps)


def vacancy_words(charter: Charter, held: Office, found: Succession) -> Iterator[str]:
    """Say each part of a succession, the open ones as open."""
    if found.decision is None:
        yield "The charter does not say how it is filled."
    else:
        rule = charter.decisions[found.decision]
        decider = rule.decider or (rule.electorate.of if rule.electorate else ())
        who = f", by {saying.together(charter, decider).words}" if decider else ""
        rest = " for the rest of the term" if found.remainder else ""
        yield saying.sentence(f"it is filled by the decision to {saying.lower(rule.title)}{who}{rest}")
    if found.acting is None:
        yield "Who acts meanwhile is left open."
    else:
        yield saying.sentence(f"acting meanwhile: {found.acting.words}")
    if found.deadline_days is None:
        yield "No deadline is given."
    else:
        by = f", by {found.deadline}" if found.deadline else ""
        yield f"It must be filled in {saying.days(found.deadline_days)}{by}."


def employer_cap(charter: Charter, office: str, *, members: int) -> Answer[int]:
    """Say how many members of a body of this size may work for one employer. Undetermined: the charter caps nothing."""
    held = office_of(charter, office)
    cap = held.employer_cap
    gaps = charter.gaps_at(f"{held.path}.employer_cap")
    most = None
    if cap is not None:
        steps = [s.most for s in cap.steps if s.from_members <= members and members <= (s.to_members or members)]
        share = int(cap.share.fraction * members) if cap.share else None
        most = next((number for number in (cap.most, share, *steps) if number is not None), None)
    if cap is None or most is None:
        return undetermined(f"The charter caps no employer among {held.plural} of a body of {members}", held, gaps)
    readings = {reading.says: cap_as_read(reading, members) for gap in gaps for reading in gap.readings}
    told = {says: number for says, number in readings.items() if number is not None}
    if set(told.values()) - {most}:
        each = "; ".join(f"if {says}: {number} of {members}" for says, number in told.items())
        return undetermined(f"The text leaves open how many may work for one employer: {each}", held, gaps)
    how = f" ({cap.share} of {members}, rounded down)" if cap.share else ""
    words = f"at most {most} of {members} may work for one employer{how}"
    if cap.at_election:
        words += f"; at an election, {cap.at_election}"
    return Answer(saying.sentence(words), most, sources_of(cap, held), gaps)


def cap_as_read(reading: Reading, members: int) -> int | None:
    """Return the cap that one reading of the text gives a body of a size."""
    return int(reading.value.fraction * members) if reading.value else reading.most


def term_end(charter: Charter, office: str, *, begins: date) -> Answer[date]:
    """Say when a term that begins on a day ends: the first day no longer in office; open where no day is fixed."""
    held = office_of(charter, office)
    gaps = charter.gaps_at(f"{held.path}.term")
    rule = held.term
    if rule is None:
        return undetermined(f"The charter does not say how long {saying.a(held.title)} serves", held, gaps)
    if rule.unlimited:
        return undetermined(f"The term of {saying.a(held.title)} has no end", held, gaps)
    if rule.months is None:
        return undetermined(f"The term of {saying.a(held.title)} runs until {rule.until}", held, gaps)
    end = months_later(begins, rule.months)
    return Answer(
        f"The term lasts {saying.counted(rule.months, 'month')}, until {end}.", end, sources_of(rule, held), gaps
    )


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def is_inactive(
    charter: Charter,
    office: str,
    *,
    last_active: date | None,
    today: date,
    missed_votes: int = 0,
    area_period_days: int | None = None,
) -> Answer[bool]:
    """Say whether a holder is inactive under the rule. `area_period_days`: the period an area set for itself."""
    held = office_of(charter, office)
    rule = held.inactivity
    gaps = charter.gaps_at(f"{held.path}.inactivity")
    if rule is None:
        return undetermined(f"The charter has no rule for inactive {held.plural}", held, gaps)
    period = area_period_days if rule.period_set_by and area_period_days is not None else rule.after_days
    sources = sources_of(rule, held)
    if rule.after_missed_votes is not None:
        inactive = missed_votes >= rule.after_missed_votes
        words = f"{missed_votes} votes missed in a row; the rule asks for {rule.after_missed_votes}"
        return Answer(saying.sentence(words + becoming(rule.becomes, inactive)), inactive, sources, gaps)
    if period is None:
        who = saying.together(charter, rule.period_set_by).words
        return undetermined(f"The period is set by {who}, and none is known here", held, gaps)
    if last_active is None:
        return undetermined("When they were last active is not known", held, gaps)
    idle = (today - last_active).days
    words = f"{idle} days without activity; the rule says {period}{becoming(rule.becomes, idle >= period)}"
    return Answer(saying.sentence(words), idle >= period, sources, gaps)


def becoming(what: str, inactive: bool) -> str:
    """Say what somebody becomes, where they do."""
    return f": {what}" if inactive else ": still active"


def check_in_due(charter: Charter, office: str, *, last: date | None, today: date) -> Answer[date]:
    """Say when a holder is next asked whether they are still interested; today where they never were."""
    held = office_of(charter, office)
    gaps = charter.gaps_at(f"{held.path}.check_in")
    if held.check_in is None:
        return undetermined(f"The charter asks no {held.title} whether they are still interested", held, gaps)
    due = last + timedelta(days=held.check_in.every_days) if last else today
    words = f"asked every {saying.days(held.check_in.every_days)}; next on {due}"
    return Answer(saying.sentence(words), due, sources_of(held.check_in, held), gaps)


def who_changes_the_charter(charter: Charter) -> Answer[str]:
    """Say by which decision the charter itself is changed: the decision's name."""
    ways = [name for name, rule in charter.decisions.items() if rule.kind == "charter"]
    if not ways:
        gaps = charter.gaps_at("decisions.change_charter")
        return undetermined("The text does not say how it is changed", None, gaps)
    answer = who_decides(charter, ways[0])
    return Answer(answer.words, ways[0], answer.sources, answer.gaps)
