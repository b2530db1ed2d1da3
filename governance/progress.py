"""Where a proposal stands and what it still needs, by its project's charter: read at the moment it is asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property

from django.utils import timezone

from ecosystem.models import Area, Person
from ecosystem.sentences import count, listed
from governance import charter as charters
from governance.charter import Charter, ProposalFacts, Proposals, Transition, saying
from governance.charter.moves import still_needs
from governance.charter.parts import LazyConsensus
from governance.deadlines import said
from governance.models import Ballot, CommentPeriod, Concern, Hold, Position, Proposal, Term
from governance.queries.charters import charter_of, version_in_force
from governance.queries.roles import holders_of, roles_of, terms_in
from governance.silence import Stretch, consent_from, stretches

REVIEWS = (Position.Stand.AGREE, Position.Stand.OBJECT, Position.Stand.ABSTAIN)


@dataclass(frozen=True)
class Review:
    """Somebody whose position is asked, why it is they, and the position they hold now."""

    person: Person
    asked_as: str
    position: Position | None

    @property
    def complete(self) -> bool:
        """Say whether they took a stand; a comment alone is none."""
        return self.position is not None and self.position.stand in REVIEWS


@dataclass(frozen=True)
class PossibleMove:
    """A move that the table allows from here: who may make it, and what it still needs."""

    enters: str
    title: str
    by: str
    by_roles: tuple[str, ...] | None
    missing: tuple[str, ...]
    words: str
    source: str


class Progress:
    """A proposal at one moment."""

    def __init__(self, proposal: Proposal, now: datetime | None = None) -> None:
        self.proposal = proposal
        self.now = now or timezone.now()
        self.today = timezone.localdate(self.now)
        self.charter: Charter | None = charter_of(proposal.project)
        self._roles: dict[int, frozenset[str]] = {}

    # -- the rules ---------------------------------------------------------------------------------------------------

    @cached_property
    def rules(self) -> Proposals | None:
        """Return the charter's rules of proposals, if this proposal lives by them."""
        rules = self.charter.proposal if self.charter else None
        return rules if rules is not None and self.proposal.state in rules.states else None

    @property
    def state_title(self) -> str:
        """Return the state as a sentence names it."""
        return self.rules.states[self.proposal.state].title if self.rules else self.proposal.state

    @property
    def name(self) -> str:
        """Return how a sentence names the proposal: RFC 12; a number that says what it counts stands alone."""
        number = self.proposal.number
        title = self.charter.proposal.title if self.charter and self.charter.proposal else "Proposal"
        return f"{title} {number}" if number.isdigit() else number

    @property
    def is_open(self) -> bool:
        """Say whether positions are taken: in a state that is open to comments, or that a proposal begins in."""
        state = self.rules.states[self.proposal.state] if self.rules else None
        return state is not None and (state.open or state.initial)

    def roles(self, person: Person) -> frozenset[str]:
        """Return a person's roles today towards this proposal."""
        if self.charter is None:
            return frozenset({"anyone"})
        if person.pk not in self._roles:
            self._roles[person.pk] = roles_of(
                person, self.charter, self.proposal.project, self.today, self.proposal, self.terms
            )
        return self._roles[person.pk]

    @cached_property
    def terms(self) -> list[Term]:
        """Return the terms by which offices of the project are held today."""
        return terms_in(self.proposal.project, self.today)

    @cached_property
    def areas(self) -> list[Area]:
        """Return the areas that the proposal is about."""
        return list(self.proposal.areas.all())

    def is_officer(self, person: Person) -> bool:
        """Say whether a person holds an office of the project today."""
        return any(term.person.kept == person for term in self.terms)

    # -- what was said -----------------------------------------------------------------------------------------------

    @cached_property
    def history(self) -> list[Position]:
        """Return every position ever taken, the latest first."""
        return list(self.proposal.positions.select_related("person__merged_into").order_by("-taken_at", "-pk"))

    @cached_property
    def positions(self) -> dict[Person, Position]:
        """Return the stand that each person holds now; a comment leaves an earlier stand as it was."""
        held: dict[Person, Position] = {}
        for position in reversed(self.history):
            person = position.person.kept
            if position.stand == Position.Stand.WITHDRAWN:
                held.pop(person, None)
            elif position.stand != Position.Stand.COMMENT or person not in held:
                held[person] = position
        return held

    def held_by(self, stand: str) -> list[Position]:
        """Return the positions of one kind that are held now."""
        return [position for position in self.positions.values() if position.stand == stand]

    @cached_property
    def reviews(self) -> list[Review]:
        """Return whose positions are asked: by the charter, by the areas, or by name."""
        asked = dict(self._asked())
        for person in self.proposal.reviewers.select_related("merged_into"):
            asked.setdefault(person.kept, "asked by name")
        held = self.positions
        return sorted(
            (Review(person, why, held.get(person)) for person, why in asked.items()),
            key=lambda review: (review.complete, review.person.name),
        )

    def _asked(self) -> Iterable[tuple[Person, str]]:
        """Give whom the charter asks; where it names nobody, the maintainers of the proposal's areas."""
        if self.charter is None or self.rules is None:
            return
        areas = self.areas
        rule = self.rules.final_comment
        roles = set(rule.reviewers) if rule and rule.reviewers else {*self.charter.offices_of_kind("area")}
        if not areas and not (rule and rule.reviewers):
            return
        for person, offices in self._holding(self.charter, roles).items():
            yield person, listed(offices)

    def _holding(self, charter: Charter, roles: Iterable[str]) -> dict[Person, list[str]]:
        return holders_of(charter, self.proposal.project, set(roles), self.today, self.areas, self.terms)

    @cached_property
    def outstanding(self) -> list[Review]:
        """Return the reviews that are asked and not given."""
        return [review for review in self.reviews if not review.complete]

    @cached_property
    def concerns(self) -> list[Concern]:
        """Return the named concerns, those that stand first."""
        found = self.proposal.concerns.select_related("raised_by__merged_into", "resolved_by")
        return sorted(found, key=lambda concern: (not concern.is_open, concern.raised_at))

    @cached_property
    def open_concerns(self) -> list[Concern]:
        """Return the concerns that stand."""
        return [concern for concern in self.concerns if concern.is_open]

    @cached_property
    def all_holds(self) -> list[Hold]:
        """Return the holds, those that are on first."""
        found = self.proposal.holds.select_related("placed_by__merged_into", "lifted_by")
        return sorted(found, key=lambda hold: (not hold.is_on, hold.placed_at))

    @cached_property
    def holds(self) -> list[Hold]:
        """Return the holds that are on."""
        return [hold for hold in self.all_holds if hold.is_on]

    # -- the clock ---------------------------------------------------------------------------------------------------

    @cached_property
    def periods(self) -> list[CommentPeriod]:
        """Return the final comment periods, the latest first; stopped ones among them."""
        return list(self.proposal.comment_periods.select_related("started_by", "stopped_by").order_by("-started_at"))

    @property
    def running(self) -> CommentPeriod | None:
        """Return the final comment period that runs now, if one does."""
        return next((one for one in self.periods if one.stopped_at is None and self.now < one.closes_at), None)

    @property
    def over(self) -> CommentPeriod | None:
        """Return the final comment period that ran to its end since the proposal came into its state."""
        since = self.proposal.moved_at
        ended = (one for one in self.periods if one.stopped_at is None and one.closes_at <= self.now)
        return next((one for one in ended if since is None or one.started_at >= since), None)

    @cached_property
    def ballots(self) -> list[Ballot]:
        """Return the votes about this proposal, the latest first."""
        return list(self.proposal.ballots.order_by("-called_at"))

    @cached_property
    def last_activity(self) -> datetime:
        """Return when something last happened: a text, a word, a concern, a hold, a link, a move."""
        p = self.proposal
        moments = [
            p.revisions.values_list("written_at", flat=True).first(),
            max((one.taken_at for one in self.history), default=None),
            *(moment for one in self.concerns for moment in (one.raised_at, one.resolved_at)),
            *(moment for one in self.all_holds for moment in (one.placed_at, one.lifted_at)),
            *(moment for one in self.periods for moment in (one.started_at, one.stopped_at)),
            *(moment for one in self.ballots for moment in (one.called_at, one.opened_at)),
            *p.links.values_list("added_at", flat=True),
            p.moved_at,
        ]
        return max((moment for moment in moments if moment), default=p.created_at)

    @property
    def is_stalled(self) -> bool:
        """Say whether nothing has happened for as long as the charter's rule says; a running clock is no idleness."""
        if self.rules is None or self.charter is None or self.rules.stalled is None or self.running:
            return False
        return self.stalls_at is not None and self.stalls_at <= self.now

    @property
    def stalls_at(self) -> datetime | None:
        """Return when it stalls if nothing happens; None where it cannot."""
        rule = self.rules.stalled if self.rules else None
        watched = rule is not None and self.proposal.state in rule.watched
        return self.last_activity + timedelta(days=rule.idle_days) if rule and watched else None

    # -- silence -----------------------------------------------------------------------------------------------------

    @cached_property
    def silence_from(self) -> datetime | None:
        """Return since when silence can be consent: since it came into its state, since its text, since the rule."""
        text = self.proposal.revisions.order_by("-number").values_list("written_at", flat=True).first()
        if text is None or not self.is_open:
            return None
        version = version_in_force(self.proposal.project, self.today)
        begun = [self.proposal.moved_at or self.proposal.created_at, text]
        if version is not None and version.in_force_from is not None:
            begun.append(datetime.combine(version.in_force_from, time(), timezone.get_current_timezone()))
        return max(begun)

    @cached_property
    def silence_ends(self) -> datetime | None:
        """Return when silence is consent, in the past or to come; None while something stands against it, or no rule.

        What was written down stands, as long as the proposal is in its state and its text is the same.
        """
        rule = self.rules.lazy_consensus if self.rules else None
        if rule is None or rule.days is None or self.silence_from is None:
            return None
        written = self.proposal.consensus_at
        if written is not None and written >= self.silence_from:
            return written
        return consent_from(
            self.silence_from,
            timedelta(days=rule.days),
            disturbed=self._disturbed(),
            agreed=self._stretches_of(Position.Stand.AGREE),
            approvals=rule.approvals_at_least or 0,
        )

    def _disturbed(self) -> list[Stretch]:
        """Return when something stood against it: an objection, a concern, a hold, a last call, a vote."""
        return [
            *self._stretches_of(Position.Stand.OBJECT),
            *((one.raised_at, one.resolved_at) for one in self.concerns),
            *((one.placed_at, one.lifted_at) for one in self.all_holds),
            *((one.started_at, one.stopped_at or one.closes_at) for one in self.periods),
            *((one.called_at, one.cancelled_at or one.closes_at or one.seconds_until) for one in self.ballots),
        ]

    def _stretches_of(self, stand: str) -> list[Stretch]:
        """Return when people held a stand; a comment leaves an earlier one as it was."""
        steps: dict[Person, list[tuple[datetime, bool]]] = {}
        for one in reversed(self.history):
            if one.stand != Position.Stand.COMMENT:
                steps.setdefault(one.person.kept, []).append((one.taken_at, one.stand == stand))
        return [stretch for taken in steps.values() for stretch in stretches(taken)]

    @property
    def consensus_at(self) -> datetime | None:
        """Return since when it has lazy consensus by the clock, written down or not; None where it has none."""
        return self.silence_ends if self.silence_ends and self.silence_ends <= self.now else None

    @property
    def has_consensus(self) -> bool:
        """Say whether it has lazy consensus; where the charter does not say after how long, whether nobody objects."""
        rule = self.rules.lazy_consensus if self.rules else None
        if rule is None or rule.days is not None:
            return self.consensus_at is not None
        return not (self.held_by(Position.Stand.OBJECT) or self.open_concerns or self.holds)

    @property
    def consensus_words(self) -> str:
        """Say since when it has lazy consensus and by which rule; nothing where it has none."""
        rule = self.rules.lazy_consensus if self.rules else None
        if rule is None or rule.days is None or self.consensus_at is None:
            return ""
        source = f" ({', '.join(map(str, rule.source))})" if rule.source else ""
        days = saying.days(rule.days)
        return f"it has lazy consensus since {said(self.consensus_at, 'UTC')}: nobody objected for {days}{source}"

    # -- what it needs -----------------------------------------------------------------------------------------------

    def facts(self, *, reason: str = "", decided: Iterable[str] = (), movers: Iterable[str] = ()) -> ProposalFacts:
        """Return what is known, as the charter's rules ask for it."""
        since = self.proposal.moved_at or self.proposal.created_at
        agreeing = {position.person.kept for position in self.held_by(Position.Stand.AGREE)}
        counted = agreeing & set(self._holders(movers)) if movers else agreeing
        return ProposalFacts(
            open_concerns=len(self.open_concerns),
            objections=len(self.held_by(Position.Stand.OBJECT)),
            reviews_complete=len(self.reviews) - len(self.outstanding),
            reviews_outstanding=len(self.outstanding),
            approvals=len(counted),
            days_in_state=(self.now - since).days,
            final_comment_over=self.over is not None,
            lazy_consensus=self.has_consensus,
            decisions_passed=(*decided, *self.decisions_passed),
            has_sponsor=self._has_shepherd,
            implemented=bool(self.proposal.implementation),
            reason=reason,
        )

    @cached_property
    def _has_shepherd(self) -> bool:
        return self.proposal.shepherds.exists()

    def _holders(self, roles: Iterable[str]) -> Iterable[Person]:
        if self.charter is None or "anyone" in roles:
            return self.positions
        return self._holding(self.charter, roles)

    @cached_property
    def decisions_passed(self) -> tuple[str, ...]:
        """Return the charter's decisions that a vote on this proposal has carried since it came into its state."""
        from governance.queries.ballots import carried

        since = self.proposal.moved_at
        of_now = [ballot for ballot in self.ballots if ballot.decision and not (since and ballot.called_at < since)]
        return tuple(ballot.decision for ballot in of_now if carried(ballot, self.now))

    @cached_property
    def moves(self) -> list[PossibleMove]:
        """Return the moves of the charter's table from here, each with what it still needs."""
        if self.rules is None or self.charter is None:
            return []
        return [self._move(move) for move in charters.moves_from(self.charter, self.proposal.state)]

    def _move(self, move: Transition) -> PossibleMove:
        assert self.charter is not None
        assert self.rules is not None
        by = saying.each_may(self.charter, move.by).words if move.by is not None else ""
        state = self.rules.states[move.enters]
        return PossibleMove(
            enters=move.enters,
            title=state.title,
            by=by or "nobody in particular: the charter does not say who",
            by_roles=move.by,
            missing=tuple(self.missing(move)),
            words=move.words,
            source=", ".join(str(source) for source in move.source),
        )

    def missing(self, move: Transition, *, reason: str = "", decided: Iterable[str] = ()) -> list[str]:
        """Say what a move still needs, in words with names."""
        if self.charter is None or self.rules is None:
            return ["a charter"]
        facts = self.facts(reason=reason, decided=decided, movers=move.by or ())
        missing = list(still_needs(self.charter, move.needs, facts)) if move.needs else []
        if self.holds and self._goes_on(move.enters):
            missing.insert(0, f"the hold of {listed(self.holders_of_holds())} lifted")
        return missing

    def holders_of_holds(self) -> list[str]:
        """Return the names of those who hold it up."""
        return sorted({hold.placed_by.kept.name for hold in self.holds})

    def _goes_on(self, enters: str) -> bool:
        """Say whether a state lies onward: a hold never keeps a proposal from going back to work."""
        assert self.rules is not None
        return not self.rules.states[enters].initial

    @property
    def final_comment_missing(self) -> list[str] | None:
        """Say what the final comment period still needs to begin; None where the charter has none from here."""
        rule = self.rules.final_comment if self.rules else None
        if rule is None or self.charter is None or self.running or self.over:
            return None
        if rule.state and not any(move.enters == rule.state for move in self.moves):
            return None
        missing = list(still_needs(self.charter, rule.needs, self.facts())) if rule.needs else []
        return ([f"the hold of {listed(self.holders_of_holds())} lifted"] if self.holds else []) + missing

    @cached_property
    def needs(self) -> list[str]:
        """Say what this proposal still needs: who, how many, by when."""
        return list(self._needs()) if self.rules else []

    def _needs(self) -> Iterable[str]:
        for concern in self.open_concerns:
            who = concern.raised_by.kept.name
            yield f"{who} to resolve the concern “{concern.name}”, which only {who} can."
        for hold in self.holds:
            yield f"The hold of {hold.placed_by.kept.name} to be lifted: {hold.reason}"
        if self.is_open and self.outstanding:
            yield f"{count(len(self.outstanding), 'position', 'positions')}: of {names(self.outstanding)}."
        if self.is_open and (objecting := self.held_by(Position.Stand.OBJECT)):
            people = listed(sorted(one.person.kept.name for one in objecting))
            yield f"An answer to {people}, who {'objects' if len(objecting) == 1 else 'object'}."
        if self.running:
            yield f"Nothing but time: final comments are taken until {said(self.running.closes_at, self.running.zone)}."
        elif self.final_comment_missing:
            yield f"Before the final comment period can begin: {listed(self.final_comment_missing)}."
        yield from self._ballots_need()
        yield from self._silence_needs()

    def _ballots_need(self) -> Iterable[str]:
        from governance.queries.ballots import standing

        for ballot in self.ballots:
            stands = standing(ballot, self.now)
            if stands.state in ("awaiting seconds", "open"):
                yield f"The vote “{ballot.question}”: {stands.needs}"

    def _silence_needs(self) -> Iterable[str]:
        """Say when silence becomes consent, where the charter has it so."""
        rule = self.rules.lazy_consensus if self.rules else None
        if rule is None or not self.is_open:
            return
        if rule.days is None:
            yield "Nobody objecting: silence is consent here, and the charter does not say after how long."
            return
        yield from self._silence_of(rule)

    def _silence_of(self, rule: LazyConsensus) -> Iterable[str]:
        approvals = max((rule.approvals_at_least or 0) - len(self.held_by(Position.Stand.AGREE)), 0)
        more = f" and {count(approvals, 'more approval', 'more approvals')}" if approvals else ""
        if self.held_by(Position.Stand.OBJECT):
            yield "Consensus: silence is no consent while somebody objects."
        elif self.consensus_at is None and (self.open_concerns or self.holds):
            yield "Consensus: silence is no consent while a concern or a hold stands."
        elif self.silence_ends and self.silence_ends > self.now:
            until = said(self.silence_ends, "UTC")
            yield f"Silence until {until}{more}: then it passes by lazy consensus, whoever looks."
        elif more and self.consensus_at is None:
            yield f"For lazy consensus{more.removeprefix(' and')}, besides {saying.days(rule.days or 0)} of silence."

    # -- the sentence ------------------------------------------------------------------------------------------------

    @property
    def sentence(self) -> str:
        """Say in one sentence where it stands."""
        name = f"{self.name} is {self.state_title}"
        if self.proposal.retracted_at:
            return f"{name} by its source; the import that brought it was undone."
        if self.rules is None:
            return f"{name}, as its source says{'.' if self.charter else '; this project has no charter here.'}"
        return f"{name}{self._in_the_way()}"

    def _in_the_way(self) -> str:
        concerns, holds = len(self.open_concerns), len(self.holds)
        if holds or concerns:
            parts = [count(concerns, "concern", "concerns")] if concerns else []
            parts += [count(holds, "hold", "holds")] if holds else []
            return f" and held by {listed(parts)}."
        if self.running:
            return f": final comments until {said(self.running.closes_at, self.running.zone)}."
        if self.is_stalled:
            return f" and stalled: nothing has happened since {self.last_activity:%-d %B %Y}."
        if self.consensus_words and self.is_open:
            return f": {self.consensus_words}."
        if self.over and self.is_open:
            return ": its final comment period is over, and it can be decided."
        if self.is_open and self.outstanding:
            return f": {count(len(self.outstanding), 'position is', 'positions are')} awaited."
        return f": {self.proposal.outcome}" if self.proposal.outcome and not self.is_open else "."


def names(reviews: Sequence[Review]) -> str:
    """Name those whose reviews are awaited, all of them up to eight."""
    people = sorted(review.person.name for review in reviews)
    return listed(people) if len(people) <= 8 else f"{', '.join(people[:7])} and {len(people) - 7} others"
