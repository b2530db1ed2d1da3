"""Say a charter as plain sentences, by office, by decision and for proposals, with what is left open marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from governance.charter import saying
from governance.charter.answers import Succession
from governance.charter.finding import sources_of
from governance.charter.kinds import Source
from governance.charter.moves import still_needs
from governance.charter.parts import (
    Charter,
    Decision,
    EmployerCap,
    FinalComment,
    Gap,
    Inactivity,
    Office,
    Part,
    Proposals,
    TermRule,
    Transition,
)
from governance.charter.rules import CLOSES, OWN, vacancy_words


@dataclass(frozen=True)
class Sentence:
    """A sentence of a charter, and where its rule stands; one about a gap names it."""

    words: str
    sources: tuple[Source, ...] = ()
    gap: Gap | None = None


@dataclass(frozen=True)
class Section:
    """What a charter says of one office, one decision or the proposals; `key` is its key path."""

    key: str
    title: str
    sentences: tuple[Sentence, ...]
    source: tuple[Source, ...] = ()

    @property
    def anchor(self) -> str:
        """Return the section's name in an address."""
        return self.key.replace(".", "-").replace("_", "-")

    @property
    def told(self) -> tuple[Sentence, ...]:
        """Return what the section says, without what it leaves open."""
        return tuple(sentence for sentence in self.sentences if sentence.gap is None)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return where the section's rules stand, each place once."""
        told = [source for sentence in self.sentences for source in sentence.sources]
        return tuple(dict.fromkeys((*self.source, *told)))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Return what the section leaves open."""
        return tuple(sentence.gap for sentence in self.sentences if sentence.gap)


@dataclass(frozen=True)
class Page:
    """A charter in plain words."""

    sentence: str
    offices: tuple[Section, ...]
    decisions: tuple[Section, ...]
    proposals: tuple[Section, ...]
    gaps: tuple[Gap, ...]


def page(charter: Charter) -> Page:
    """Say a whole charter."""
    return Page(
        in_a_sentence(charter),
        tuple(
            section(charter, office, saying.sentence(office.title)[:-1], of_office)
            for office in charter.offices.values()
        ),
        tuple(section(charter, rule, rule.title, of_decision) for rule in charter.decisions.values()),
        (section(charter, charter.proposal, saying.sentence(charter.proposal.plural)[:-1], of_proposals),)
        if charter.proposal
        else (),
        tuple(charter.gaps.values()),
    )


def in_a_sentence(charter: Charter) -> str:
    """Say what the charter holds, and how much it leaves open."""
    offices = saying.counted(len(charter.offices), "office")
    decisions = saying.counted(len(charter.decisions), "kind of decision", "kinds of decision")
    open_ = saying.counted(len(charter.gaps), "question")
    leaves = f"and leave {open_} open" if charter.gaps else "and leave nothing open"
    return f"The rules of {charter.name} define {offices} and {decisions}, {leaves}."


def section(charter: Charter, part: Part, title: str, say: Callable[[Charter, Part], Iterator[Sentence]]) -> Section:
    """Say one part, and then what is left open of it."""
    told = [Sentence(saying.sentence(one.words), one.sources or part.source) for one in say(charter, part)]
    open_ = [Sentence(f"Left open: {gap.question}", gap=gap) for gap in charter.gaps_at(part.path)]
    return Section(part.path, title, (*told, *open_), part.source)


def of_office(charter: Charter, part: Part) -> Iterator[Sentence]:
    """Say what a charter says of an office."""
    assert isinstance(part, Office)
    yield from seats_and_term(charter, part)
    if part.eligibility:
        yield Sentence(f"who may be chosen: {listed(part.eligibility)}")
    if part.duties:
        yield Sentence(f"the duties: {listed(part.duties)}")
    for rule in charter.decisions_about(key_of(part)).values():
        if rule.kind in ("appointment", "election"):
            yield Sentence(f"one comes to it by the decision to {saying.lower(rule.title)}", rule.source)
    if part.vacancy:
        yield from vacancy(charter, part)
    if part.employer_cap:
        yield Sentence(employers(part.employer_cap), sources_of(part.employer_cap, part))
    if part.inactivity:
        yield Sentence(inactive(charter, part.inactivity), sources_of(part.inactivity, part))
    if part.check_in:
        every = saying.days(part.check_in.every_days)
        yield Sentence(f"every {every}, holders are asked whether they are still interested", part.check_in.source)


def key_of(part: Part) -> str:
    """Return a part's own name, without the table it stands in."""
    return part.path.rpartition(".")[2]


def listed(words: tuple[str, ...]) -> str:
    """Join phrases that may hold commas."""
    return "; ".join(words)


def seats_and_term(charter: Charter, office: Office) -> Iterator[Sentence]:
    """Say how many hold an office, above whom it stands, and how long they serve."""
    each = " in each area" if office.per_area else ""
    seats = office.seats
    if seats and seats.exactly is not None:
        yield Sentence(f"{saying.counted(seats.exactly, 'holder')}{each}", sources_of(seats, office))
    elif seats:
        bounds = [f"at least {seats.least}"] if seats.least is not None else []
        bounds += [f"at most {seats.most}"] if seats.most is not None else []
        yield Sentence(f"{' and '.join(bounds)} holders{each}", sources_of(seats, office))
    elif each:
        yield Sentence("each area has its own")
    if office.among:
        yield Sentence(f"chosen from among {saying.together(charter, office.among).words}")
    if office.parent:
        yield Sentence(f"overseen by {saying.body(charter, office.parent)}")
    if not office.votes:
        yield Sentence("its holders do not vote")
    if office.term:
        yield Sentence(serves(office.term), sources_of(office.term, office))


def serves(rule: TermRule) -> str:
    """Say how long somebody serves."""
    if rule.unlimited:
        words = "there is no limit to how long one serves"
    elif rule.months is None:
        words = f"one serves until {rule.until}"
    elif rule.months % 12 == 0:
        words = f"one serves {saying.counted(rule.months // 12, 'year')}"
    else:
        words = f"one serves {saying.counted(rule.months, 'month')}"
    if rule.least_months is not None:
        words += f", at least {saying.counted(rule.least_months, 'month')}"
    if rule.consecutive_at_most is not None:
        yields = ", unless nobody else is found" if rule.soft else ""
        words += f", at most {saying.counted(rule.consecutive_at_most, 'term')} in a row{yields}"
    return words + (f"; {rule.staggered}" if rule.staggered else "")


def vacancy(charter: Charter, office: Office) -> Iterator[Sentence]:
    """Say what happens when an office falls vacant."""
    rule = office.vacancy
    assert rule is not None
    sources = sources_of(rule, office)
    if rule.when:
        yield Sentence(f"a vacancy is: {listed(rule.when)}", sources)
    acting = None if rule.acting is None else saying.together(charter, rule.acting)
    found = Succession(acting, rule.method, None, rule.deadline_days, rule.remainder)
    yield Sentence(f"When it falls vacant: {saying.lower(' '.join(vacancy_words(charter, office, found)))}", sources)


def employers(cap: EmployerCap) -> str:
    """Say how many of one employer may sit together."""
    if cap.most is not None:
        words = f"at most {saying.counted(cap.most, 'member')} may work for one employer"
    elif cap.share is not None:
        words = f"at most {cap.share} of the members may work for one employer"
    else:
        words = "of one employer there may be " + saying.listed(
            [step_words(s.from_members, s.to_members, s.most) for s in cap.steps]
        )
    if cap.at_election:
        words += f"; at an election, {cap.at_election}"
    return words + (f"; between elections, {cap.mid_term}" if cap.mid_term else "")


def step_words(least: int, most: int | None, cap: int) -> str:
    """Say the cap of bodies of some sizes."""
    size = f"{least} or more" if most is None else f"at most {most}"
    return f"at most {cap} in a body of {size}"


def inactive(charter: Charter, rule: Inactivity) -> str:
    """Say when a holder is inactive, and what follows."""
    when = [f"after {saying.days(rule.after_days)} without activity"] if rule.after_days else []
    when += (
        [f"after {saying.counted(rule.after_missed_votes, 'missed vote')} in a row"] if rule.after_missed_votes else []
    )
    if not when:
        when = [f"after a period that {saying.together(charter, rule.period_set_by).words} set"]
    words = f"{' or '.join(when)}, a holder becomes {rule.becomes}{' by itself' if rule.automatic else ''}"
    words += f", losing {saying.listed(rule.loses)}" if rule.loses else ""
    words += f"; they return {rule.returns}" if rule.returns else ""
    return words + (f". {rule.notice}" if rule.notice else "")


def of_decision(charter: Charter, part: Part) -> Iterator[Sentence]:
    """Say what a charter says of a decision."""
    assert isinstance(part, Decision)
    yield from asked(charter, part)
    yield from decided(charter, part)
    yield from voted(charter, part)
    yield from afterwards(charter, part)


def asked(charter: Charter, rule: Decision) -> Iterator[Sentence]:
    """Say who may ask for it, when, and who must second it."""
    if rule.when:
        yield Sentence(f"it takes place {rule.when}")
    if rule.nominator is not None:
        may = "may nominate" if rule.kind in ("appointment", "election") else "may ask for it"
        own = OWN[rule.self_nomination if "self" not in rule.nominator else None]
        yield Sentence(f"{saying.each_may(charter, rule.nominator).words} {may}{own}")
    if second := rule.second_required:
        until = f" within {saying.days(second.within_days)}" if second.within_days else ""
        of = f" of {saying.counted(second.employers, 'different employer')}" if second.employers else ""
        who = saying.counted(second.count, "person", "persons")
        own = "; whom it is about counts as one, where they may second" if second.nominee_counts else ""
        yield Sentence(f"{who}{of} must second it{until}: {saying.each_may(charter, second.by).words}{own}")
    if rule.eligibility:
        yield Sentence(f"who may stand: {listed(rule.eligibility)}")
    if rule.forms:
        yield Sentence(f"its form must be named: {saying.listed(rule.forms, 'or')}")


def decided(charter: Charter, rule: Decision) -> Iterator[Sentence]:
    """Say who decides, unless two sentences disagree."""
    disagree = [reading for gap in charter.gaps_at(f"{rule.path}.decider") for reading in gap.readings if reading.roles]
    if rule.decider is not None and not disagree:
        veto = f", unless vetoed by {saying.together(charter, rule.veto).words}" if rule.veto else ""
        yield Sentence(f"decided by {saying.together(charter, rule.decider).words}{veto}")
    for reading in disagree:
        yield Sentence(f"one sentence says that {reading.says}", reading.source)
    if rule.electorate is not None:
        out = f", without {saying.together(charter, rule.electorate.without).words}" if rule.electorate.without else ""
        yield Sentence(f"voted on by {saying.together(charter, rule.electorate.of).words}{out}")


def voted(charter: Charter, rule: Decision) -> Iterator[Sentence]:
    """Say what the vote must reach, how long it is open, and how it is counted."""
    if rule.threshold:
        yield Sentence(f"it passes with {saying.threshold(rule.threshold)}", sources_of(rule.threshold, rule))
    if rule.quorum:
        yield Sentence(f"quorum: {saying.quorum(rule.quorum)}", sources_of(rule.quorum, rule))
    if rule.nomination_window:
        yield Sentence(f"candidates are taken for {saying.open_for(charter, rule.nomination_window)}")
    if rule.window:
        open_ = f"it is open {saying.open_for(charter, rule.window)}{CLOSES[rule.window.closes]}"
        yield Sentence(open_, sources_of(rule.window, rule))
    if rule.counting:
        seats = f" for {saying.counted(rule.counting.seats, 'seat')}" if rule.counting.seats else ""
        yield Sentence(f"ballots are counted by {rule.counting.method.replace('_', ' ')}{seats}")
    if rule.recusal and rule.recusal.required:
        who = f" ({rule.recusal.who})" if rule.recusal.who else ""
        counted = {"lowered": "; they no longer count", "kept": "; they still count", "": ""}[rule.recusal.denominator]
        yield Sentence(f"who has a conflict of interest stands aside{who}{counted}", sources_of(rule.recusal, rule))
    if rule.tie_break:
        yield Sentence(f"a tie is broken by {'; then '.join(rule.tie_break)}")


def afterwards(charter: Charter, rule: Decision) -> Iterator[Sentence]:
    """Say what follows, and what is published."""
    if rule.effect:
        yield Sentence(rule.effect)
    if rule.escalates_to:
        yield Sentence(f"where it fails to conclude: {saying.lower(charter.decisions[rule.escalates_to].title)}")
    if rule.not_during:
        titles = [saying.lower(charter.decisions[name].title) for name in rule.not_during]
        yield Sentence(f"not while this is open: {saying.listed(titles, 'or')}")
    if rule.publication:
        where = "".join(f", {words}" for words in (rule.publication.where, rule.publication.when) if words)
        yield Sentence(f"published: {rule.publication.what}{where}{BALLOTS[rule.publication.ballots]}")


BALLOTS = {
    "": "",
    "public": "; ballots are public",
    "secret": "; ballots are secret",
    "secret_until_close": "; choices are hidden until the vote closes",
}


def of_proposals(charter: Charter, part: Part) -> Iterator[Sentence]:
    """Say how proposals go."""
    assert isinstance(part, Proposals)
    yield Sentence(f"{saying.each_may(charter, part.proposer).words} may open one")
    begin = [state.title for state in part.states.values() if state.initial]
    yield Sentence(f"one begins as {saying.listed(begin, 'or')}")
    for move in part.transitions:
        yield Sentence(move_words(charter, part, move), move.source)
    if part.final_comment and part.final_comment.days is not None:
        asks = needs(charter, part.final_comment)
        days = saying.days(part.final_comment.days)
        yield Sentence(f"the final comment period lasts {days}{asks}", part.final_comment.source)
    if part.concerns:
        who = saying.each_may(charter, part.concerns.raised_by).words
        by = saying.each_may(charter, part.concerns.resolved_by).words
        yield Sentence(f"{who} may raise a concern; {by} may resolve it", part.concerns.source)
    if part.lazy_consensus:
        silent = part.lazy_consensus.days
        after = f" after {saying.days(silent)} without an objection, a concern or a hold" if silent is not None else ""
        yield Sentence(f"silence is consent{after}", part.lazy_consensus.source)
    if part.stalled:
        watched = saying.listed([part.states[name].title for name in part.stalled.watched], "or")
        days = saying.days(part.stalled.idle_days)
        yield Sentence(f"one that is {watched} is stalled after {days} without activity", part.stalled.source)


def move_words(charter: Charter, rules: Proposals, move: Transition) -> str:
    """Say one move: from where to where, by whom, when, and what it needs."""
    leaves = saying.listed([rules.states[name].title for name in move.leaves], "or")
    enters = rules.states[move.enters].title
    by = move.by
    who = f" by {saying.each_may(charter, by).words}" if by is not None else ""
    when = f", {move.words}" if move.words else ""
    return f"from {leaves} to {enters}{who}{when}{needs(charter, move)}"


def needs(charter: Charter, part: Transition | FinalComment) -> str:
    """Say what a move or a period needs, as a tail of its sentence."""
    words = list(still_needs(charter, part.needs, None)) if part.needs else []
    return f"; it needs {saying.listed(words)}" if words else ""
