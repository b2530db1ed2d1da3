"""Writes about lazy consensus: that silence became consent, which held since its moment."""

import record
from governance.deadlines import said
from governance.progress import Progress


def note_consensus(progress: Progress) -> bool:
    """Write down that a held proposal has lazy consensus; False where it has none, or it was written down.

    Only what is decided here is written down: proposals of another project are shown as their sources have them.
    """
    held, moment = progress.proposal, progress.consensus_at
    if moment is None or held.consensus_at == moment or held.retracted_at is not None or not held.project.kept:
        return False
    held.consensus_at = moment
    held.save()
    assert progress.rules is not None
    rule = progress.rules.lazy_consensus
    assert rule is not None
    record.append(
        "proposal.lazy_consensus",
        by="schedule",
        subject=held.subject,
        summary=f"The proposal {held.number} has lazy consensus since {said(moment, 'UTC')}: nobody objected for "
        f"{rule.days} days.",
        data={"since": moment, "days": rule.days, "rule": [str(source) for source in rule.source]},
    )
    return True
