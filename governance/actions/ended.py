"""Write down what the clock has decided. Nothing waits for this: pages and actions read the clock themselves."""

from django.utils import timezone

from governance.actions.ballots import write_down
from governance.actions.comment_periods import note_end
from governance.actions.elections import close_those_over
from governance.actions.elections_endorsements import note_those_over
from governance.actions.proposal_writing import write_down_consensus
from governance.actions.proposals import write_down_stalled
from governance.models import Ballot, CommentPeriod, Proposal
from governance.progress import Progress


def write_down_what_holds() -> dict[str, int]:
    """Write down what ended, who stands and which proposals stalled, and say how many of each."""
    return {
        "periods": _periods(),
        "votes": _votes(),
        "nominations": note_those_over(),
        "elections": close_those_over(),
        "consensus": _consensus(),
        "stalled": _stalled(),
    }


def _periods() -> int:
    ended = CommentPeriod.objects.filter(
        closes_at__lte=timezone.now(), end_noted_at__isnull=True, stopped_at__isnull=True
    )
    return sum(note_end(period=period) for period in ended)


def _votes() -> int:
    unwritten = Ballot.objects.filter(decided_at__isnull=True, cancelled_at__isnull=True)
    return sum(write_down(ballot=ballot) for ballot in unwritten)


def _consensus() -> int:
    """Look at the proposals of projects that decide here; where nothing is silence, nothing is written."""
    watched = Proposal.objects.filter(retracted_at__isnull=True, project__kept=True).select_related("project")
    found = [one for one in watched if Progress(one).consensus_at not in (None, one.consensus_at)]
    return sum(write_down_consensus(proposal=proposal) for proposal in found)


def _stalled() -> int:
    """Look at the proposals of projects that decide here; one that is stalled already is left alone."""
    watched = Proposal.objects.filter(stalled_at__isnull=True, retracted_at__isnull=True, project__kept=True)
    found = [one for one in watched.select_related("project") if Progress(one).is_stalled]
    return sum(write_down_stalled(proposal=proposal) for proposal in found)
