"""Reads about changes of a charter that are proposed: what is voted on, whether it is accepted, what is in the way."""

from datetime import date
from functools import cached_property

from django.utils import timezone

from ecosystem.models import Project
from governance import charter as rules
from governance.charter import Charter, Gap
from governance.charter.articles import Articles, articles
from governance.models import Ballot, CharterChange, CharterEntry, CharterVersion, Proposal
from governance.progress import Progress
from governance.queries.ballots import Standing, standing
from governance.queries.charters import charter_of, read, versions_of

UNDER_WAY = ("open", "awaiting seconds")


def decisions_that_amend(charter: Charter) -> tuple[str, ...]:
    """Return the decisions by which a change of the charter is accepted.

    The charter's own; where it names none, those by which it accepts any proposal: the page says that it is filled in.
    """
    way = rules.who_changes_the_charter(charter).value
    return (way,) if way else tuple(name for name, rule in charter.decisions.items() if rule.kind == "proposal")


def amendment_gaps(charter: Charter) -> tuple[Gap, ...]:
    """Return what the charter leaves open about its own change; nothing where it names the decision."""
    way = rules.who_changes_the_charter(charter)
    return () if way.value else charter.gaps_at("decisions.change_charter")


def amendment_words(charter: Charter) -> str:
    """Say by which decision a change of the charter is accepted here."""
    way = rules.who_changes_the_charter(charter)
    if way.value:
        return way.words
    open_ = "The text does not say how it is changed."
    titles = "; ".join(charter.decisions[name].title for name in decisions_that_amend(charter))
    if not titles:
        return f"{open_} Nor does it say how a proposal is accepted: no vote here can change it."
    return f"{open_} Here it takes a vote as on any proposal ({titles}); what it must reach is said with the vote."


def adopting_roles(charter: Charter) -> tuple[str, ...]:
    """Return the offices that bring a decided change into force: whom the charter names, else lead and core."""
    way = rules.who_changes_the_charter(charter).value
    decides = rules.who_decides(charter, way).value if way else None
    named = tuple(role for role in (decides.names if decides else ()) if role in charter.offices)
    found = named or (*charter.offices_of_kind("lead"), *charter.offices_of_kind("core"))
    return found or tuple(charter.offices_of_kind("council"))


def carries_a_charter(proposal: Proposal) -> bool:
    """Say whether a proposal is a change of the charter."""
    return CharterChange.objects.filter(revision__proposal=proposal).exists()


def changes_proposed(project: Project) -> list["Amendment"]:
    """Return the changes of a project's charter that are still to be decided or adopted, the latest first."""
    proposals = Proposal.objects.filter(
        project=project, retracted_at__isnull=True, revisions__charter_change__isnull=False
    ).select_related("project")
    found = [Amendment(Progress(one)) for one in proposals.distinct().order_by("-created_at", "-pk")]
    return [one for one in found if one.version is None and (one.progress.is_open or one.vote is not None)]


def waiting_entry(project: Project) -> CharterEntry | None:
    """Return what was entered of a decision taken elsewhere and waits for somebody to confirm it."""
    waiting = CharterEntry.objects.filter(
        charter__project=project, confirmed_at__isnull=True, withdrawn_at__isnull=True
    )
    return waiting.select_related("charter__project", "entered_by", "follows").first()


class Amendment:
    """A proposal that changes the charter, at one moment."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.proposal = progress.proposal
        held = CharterChange.objects.filter(revision__proposal=self.proposal)
        self.changes = list(held.select_related("revision__proposal", "follows").order_by("-revision__number"))

    @property
    def latest(self) -> CharterChange:
        """Return the change that the latest revision carries, or the last one that any did."""
        return self.changes[0]

    @cached_property
    def votes(self) -> list[Standing]:
        """Return the votes on it that count as the charter's own way of changing, the latest first."""
        return [
            standing(ballot, self.progress.now)
            for ballot in self.progress.ballots
            if (charter := charter_of(self.proposal.project, opened_on(ballot)))
            and ballot.decision in decisions_that_amend(charter)
        ]

    @property
    def vote(self) -> Ballot | None:
        """Return the vote that accepted it: the last one that ended, if it carried."""
        ended = next((one for one in self.votes if one.closed), None)
        return ended.ballot if ended and ended.carried else None

    @property
    def accepted(self) -> CharterChange | None:
        """Return the very text that was voted on: of the revision that stood when the vote opened."""
        return self.voted_on(self.vote) if self.vote else None

    def voted_on(self, vote: Ballot) -> CharterChange | None:
        """Return the changed charter that was before a vote's electors; None where their revision carried none."""
        written = self.proposal.revisions.filter(written_at__lte=vote.opened_at or vote.called_at)
        stood = written.order_by("-number").first()
        return next((one for one in self.changes if stood and one.revision_id == stood.pk), None)

    @cached_property
    def version(self) -> CharterVersion | None:
        """Return the version that it became."""
        made = [vote.ballot.subject for vote in self.votes]
        return versions_of(self.proposal.project).filter(decided_by__in=made).order_by("-number").first()

    @cached_property
    def last(self) -> CharterVersion | None:
        """Return the version that the next one will follow."""
        return versions_of(self.proposal.project).order_by("-number").first()

    @property
    def overtaken(self) -> str:
        """Say that the charter changed since the text was written; nothing where it did not."""
        change = self.accepted or self.latest
        if self.last is None or self.last.pk == change.follows_id:
            return ""
        return (
            f"Version {self.last.number} was adopted meanwhile, and this changes version {change.follows.number}: "
            "write the change anew on the rules as they are now, and decide it again."
        )

    @property
    def in_the_way(self) -> str:
        """Say why it cannot be adopted now; nothing where it can."""
        if self.version:
            return f"It is version {self.version.number} of the charter."
        if reason := self._held_up() or self.overtaken:
            return reason
        if any(one.state in UNDER_WAY for one in self.votes):
            return "A vote on it is under way."
        if self.vote is None:
            return f"It is not accepted. {amendment_words(self.progress.charter) if self.progress.charter else ''}"
        if self.accepted is None:
            return "The revision that was voted on carried no changed charter."
        return self._laid_aside()

    def _held_up(self) -> str:
        progress = self.progress
        if self.proposal.retracted_at or progress.rules is None or progress.charter is None:
            return "It is not a proposal that is decided here."
        if progress.open_concerns:
            return "A concern stands: only its raiser can resolve it."
        return f"It is held by {', '.join(progress.holders_of_holds())}." if progress.holds else ""

    def _laid_aside(self) -> str:
        """Say that it was put to rest after its vote, in a state that the table does not tell from a refusal."""
        progress, vote = self.progress, self.vote
        assert progress.rules is not None
        assert vote is not None
        moved_since = self.proposal.moved_at and vote.closes_at and self.proposal.moved_at > vote.closes_at
        if not moved_since or progress.is_open or self.proposal.state in agreeing_states(progress.rules):
            return ""
        return (
            f"It was moved to {progress.state_title} after its vote, and the charter's table does not tell that "
            "state from a refusal."
        )

    @property
    def sentence(self) -> str:
        """Say in one sentence where the change stands."""
        if self.version:
            since = f"{self.version.in_force_from:%-d %B %Y}"
            return f"This change of the charter is version {self.version.number}, in force from {since}."
        if not self.in_the_way:
            assert self.vote is not None
            assert self.accepted is not None
            text = f"revision {self.accepted.revision.number} can be adopted as it was voted on"
            return f"This change of the charter is accepted by vote {self.vote.pk}: {text}."
        return f"This change of the charter cannot be adopted yet. {self.in_the_way}"

    def articles_of(self, change: CharterChange) -> Articles:
        """Return what a change adds, changes and removes, beside the version that it follows."""
        return articles(read(change.follows.text), read(change.text))


def opened_on(ballot: Ballot) -> date:
    """Return the day on which a vote opened, or was called."""
    return timezone.localdate(ballot.opened_at or ballot.called_at)


def agreeing_states(table: rules.Proposals) -> set[str]:
    """Return the states that follow from agreement: a decision or approvals lead there, or what is to be done next."""
    found = set()
    for move in table.transitions:
        needs = move.needs
        if needs and (needs.decision or needs.approvals_at_least or needs.no_objection):
            found.add(move.enters)
        if needs and needs.implemented:
            found.update((move.enters, *move.leaves))
    return found
