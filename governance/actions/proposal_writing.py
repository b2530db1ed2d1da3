"""What every write about a proposal begins with: the proposal held against other writers, and words to keep."""

from django.db import transaction

from governance.actions.imported_proposals import ProposalRefused
from governance.actions.lazy_consensus import note_consensus
from governance.markdown import TextRefused, check_text
from governance.models import Proposal
from governance.progress import Progress


def locked(proposal: Proposal) -> Progress:
    """Return where a proposal stands, held against every other writer until the transaction ends.

    What its silence has decided by now is written down before anything else is done with it.
    """
    held = Proposal.objects.select_for_update(of=("self",)).select_related("project").get(pk=proposal.pk)
    progress = Progress(held)
    note_consensus(progress)
    return progress


@transaction.atomic
def write_down_consensus(*, proposal: Proposal) -> bool:
    """Write down that a proposal has lazy consensus, which held since its moment; False where it has none, or had."""
    held = locked(proposal).proposal
    return held.consensus_at is not None and held.consensus_at != proposal.consensus_at


def plain_line(text: str, what: str, longest: int = 300) -> str:
    """Return a line of text without breaks.

    Raises:
        ProposalRefused: for an empty or too long one.
    """
    line = " ".join(text.split())
    if not line or len(line) > longest or "\x00" in line:
        raise ProposalRefused(f"{what} needs 1 to {longest} characters on one line.")
    return line


def markdown(text: str, what: str) -> str:
    """Return a Markdown text that can be kept.

    Raises:
        ProposalRefused: for an empty one, or one beyond the bounds.
    """
    if not text.strip():
        raise ProposalRefused(f"{what} is empty: write some words.")
    try:
        return check_text(text.replace("\r\n", "\n").strip() + "\n")
    except TextRefused as refused:
        raise ProposalRefused(str(refused)) from refused
