"""Casting and replacing a ballot. Nothing here writes to the record: no event may tie a voter to a moment."""

from collections.abc import Mapping

from django.db import transaction

from governance.actions.elections import ElectionRefused, locked
from governance.ballot_box import RECEIPT, Box, BoxUnreadable, capacity, new_receipt, read_receipt, seal, unseal
from governance.models import BallotBox, Election, Nomination, User
from governance.policies.elections import check_may_vote
from governance.queries.accounts import person_of
from governance.queries.candidates import on_the_ballot
from governance.queries.elections import all_of, open_to_votes

# The largest mark of each kind of ballot; ranks go as far as there are candidates.
HIGHEST = {"scores": 5, "approvals": 1}
NO_SUCH_RECEIPT = "No ballot has this receipt. Look for a letter that was mistaken: it has 32, in groups of 4."


class VoteRefused(ElectionRefused):
    """A ballot that is not taken; nothing was changed."""


@transaction.atomic
def cast(*, election: Election, marks: Mapping[int, int], by: User, receipt: str = "") -> str:
    """Put a voter's ballot into the box and mark them as having voted; return the receipt, which is kept nowhere.

    `receipt` is the one that the voter's paper carries, if it does: the same paper sent twice, by a double click or a
    page loaded again, is one ballot, and the voter still has its receipt.

    The election's row is locked before the clock is read: a ballot that waited past the closing is late. The ballot and
    the mark are one value, sealed at once: both are there or neither is.

    Raises:
        PermissionDenied: for who is no elector, or at the wrong time.
        VoteRefused: for who has voted (that takes the receipt), and for marks that are no ballot.
    """
    election = locked(election)
    check_may_vote(by, election)
    voter = person_of(by)
    assert voter is not None
    row, box = opened(election)
    receipt = read_receipt(receipt) if receipt else new_receipt()
    check_paper(box, receipt, has_voted=not box.voted.isdisjoint(all_of(voter)))
    box.put(receipt, checked(election, marks))
    box.voted.add(voter.pk)
    closed_again(election, row, box)
    return receipt


def check_paper(box: Box, receipt: str, *, has_voted: bool) -> None:
    """Refuse a second ballot of a voter, and a paper whose receipt is not 160 bits or is somebody else's."""
    if not RECEIPT.fullmatch(receipt):
        raise VoteRefused("This ballot paper is damaged: open it anew.")
    is_there = box.find(receipt) is not None
    if has_voted and not is_there:
        raise VoteRefused("You have voted. To replace your ballot, bring its receipt.")
    if is_there and not has_voted:
        raise VoteRefused("This ballot paper was used: open it anew.")


@transaction.atomic
def replace(*, election: Election, receipt: str, marks: Mapping[int, int]) -> str:
    """Put other marks in the place of a receipt's ballot, until the close; return the same receipt.

    It asks for the receipt alone, not for who brings it: nothing ties the second visit to the first.

    Raises:
        VoteRefused: when it is too late, for a receipt that is none, and for marks that are no ballot.
    """
    receipt = well_formed(receipt)
    election = locked(election)
    if not open_to_votes(election):
        raise VoteRefused("Voting is not open: no ballot is replaced.")
    row, box = opened(election)
    if box.find(receipt) is None:
        raise VoteRefused(NO_SUCH_RECEIPT)
    box.put(receipt, checked(election, marks))
    closed_again(election, row, box)
    return receipt


def look_up(*, election: Election, receipt: str) -> dict[int, int]:
    """Return the marks of a receipt's ballot, by the nomination's key.

    Raises:
        VoteRefused: for a receipt that is none.
    """
    receipt = well_formed(receipt)
    row = BallotBox.objects.filter(election=election).first()
    found = readable(election, row).find(receipt) if row and row.sealed else None
    if found is None:
        raise VoteRefused(NO_SUCH_RECEIPT)
    return {int(key): mark for key, mark in found.marks.items()}


def well_formed(receipt: str) -> str:
    """Return a receipt as it was given; what cannot be one is refused before a box is opened for it."""
    read = read_receipt(receipt)
    if not RECEIPT.fullmatch(read):
        raise VoteRefused(NO_SUCH_RECEIPT)
    return read


def opened(election: Election) -> tuple[BallotBox, Box]:
    """Return the box's row, locked, and what is in it."""
    row = BallotBox.objects.select_for_update().get(election=election)
    return row, readable(election, row)


def readable(election: Election, row: BallotBox) -> Box:
    """Open a box, or say in words that its key is not there."""
    try:
        return unseal(bytes(row.sealed), election=election.pk)
    except BoxUnreadable as error:
        raise VoteRefused("The ballot box cannot be opened now; nothing was changed. Tell the officers.") from error


def closed_again(election: Election, row: BallotBox, box: Box) -> None:
    """Seal the whole box anew."""
    room = capacity(electors=election.roll.filter(eligible=True).count(), candidates=on_the_ballot(election).count())
    row.sealed = seal(box, election=election.pk, capacity=room)
    row.ballots = len(box.ballots)
    row.save()


def checked(election: Election, marks: Mapping[int, int]) -> dict[str, int]:
    """Return marks as the box keeps them; ranks become 1, 2, 3: a gap says nothing, but tells ballots apart.

    Raises:
        VoteRefused: for a mark that this election's ballots do not have, or a ballot with none.
    """
    standing = {nomination.pk: nomination for nomination in on_the_ballot(election)}
    highest = HIGHEST.get(election.marks, len(standing))
    lowest = 1 if election.marks == "ranks" else 0
    for key, mark in marks.items():
        if key not in standing:
            raise VoteRefused("The ballot names somebody who does not stand.")
        if not lowest <= mark <= highest:
            raise VoteRefused(f"{standing[key].name}: give a number from {lowest} to {highest}, or none.")
    if not marks:
        raise VoteRefused("An empty ballot says nothing: mark at least one candidate.")
    return {str(key): mark for key, mark in sorted(without_gaps(election, marks).items())}


def without_gaps(election: Election, marks: Mapping[int, int]) -> dict[int, int]:
    """Return ranks as 1, 2, 3 in the same order; scores and approvals stay what they are."""
    if election.marks != "ranks":
        return dict(marks)
    places = {mark: place for place, mark in enumerate(sorted(set(marks.values())), start=1)}
    return {key: places[mark] for key, mark in marks.items()}


def withdrawn(election: Election) -> list[Nomination]:
    """Return who is on the ballot papers and stands no longer."""
    return [each for each in on_the_ballot(election) if each.answer == Nomination.Answer.WITHDRAWN]
