"""Terms follow from revisions and from what persons entered: dates, conflicts, and the order of importing."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.importing.timeline import Listing, Stretch, walk

D0, D1, D2, D3 = (date(2020 + year, 1, 1) for year in range(4))


def listed(on, state="active", **more):
    return Listing(on, state, **more)


def spans(stretches):
    return [(one.state, one.lower, one.upper) for one in stretches]


def test_the_first_revision_tells_nothing_of_the_beginning():
    assert spans(walk([], [listed(D1)])[0]) == [("active", None, None)]


def test_two_revisions_tell_between_which_days_a_term_began_and_say_so():
    found, _ = walk([], [listed(D0, None), listed(D1)])
    assert spans(found) == [("active", D1, None)]
    assert str(D0) in found[0].note
    assert str(D1) in found[0].note


def test_a_day_that_the_source_tells_is_taken():
    found, _ = walk([], [listed(D0, None), listed(D1, since=date(2020, 6, 6))])
    assert spans(found) == [("active", date(2020, 6, 6), None)]
    assert found[0].note == ""


def test_who_is_listed_no_more_has_left_by_that_day():
    found, _ = walk([], [listed(D0), listed(D1, None)])
    assert spans(found) == [("active", None, D1)]


def test_emeritus_ends_the_active_term_and_begins_another():
    found, _ = walk([], [listed(D0), listed(D1, "emeritus")])
    assert spans(found) == [("active", None, D1), ("emeritus", D1, None)]


def test_somebody_who_comes_back_has_two_terms():
    found, _ = walk([], [listed(D0), listed(D1, None), listed(D2)])
    assert spans(found) == [("active", None, D1), ("active", D2, None)]


def test_a_day_entered_by_hand_stays():
    base = [Stretch("active", date(2019, 5, 5), None, row=1, by_hand=True)]
    assert walk(base, [listed(D0), listed(D1)]) == (base, [])


def test_an_unknown_beginning_is_narrowed_by_a_revision_that_does_not_list_it_yet():
    base = [Stretch("active", None, None, row=1, by_hand=True)]
    found, clashes = walk(base, [listed(D0, None), listed(D2)])
    assert spans(found) == [("active", D2, None)]
    assert clashes == []


def test_who_was_emeritus_before_an_unknown_beginning_has_both_terms():
    base = [Stretch("active", None, None, row=1, by_hand=True)]
    found, clashes = walk(base, [listed(D0, "emeritus"), listed(D2)])
    assert spans(found) == [("emeritus", None, D2), ("active", D2, None)]
    assert clashes == []


def test_who_was_entered_by_hand_and_never_listed_is_a_conflict_and_stays():
    base = [Stretch("active", None, None, row=1, by_hand=True)]
    found, clashes = walk(base, [listed(D1, None, sighting=7)])
    assert found == base
    assert [clash.sighting for clash in clashes] == [7]


def test_an_end_entered_by_hand_is_not_undone_by_a_list_that_still_names_them():
    base = [Stretch("active", None, D1, row=1, by_hand=True)]
    found, clashes = walk(base, [listed(D0), listed(D2, sighting=3)])
    assert found == base
    assert [clash.sighting for clash in clashes] == [3]


def test_who_was_entered_by_hand_listed_and_then_listed_no_more_has_left():
    base = [Stretch("active", date(2019, 5, 5), None, row=1, by_hand=True)]
    found, clashes = walk(base, [listed(D0), listed(D1, None)])
    assert spans(found) == [("active", date(2019, 5, 5), D1)]
    assert clashes == []


def test_an_end_that_somebody_took_back_is_not_set_again():
    base = [Stretch("active", D0, None, row=1, by_hand=True, end_is_set=True)]
    found, clashes = walk(base, [listed(D1), listed(D2, None)])
    assert found == base
    assert len(clashes) == 1


DAYS = st.integers(0, 40).map(lambda days: D0 + timedelta(days=days))
LISTINGS = st.dictionaries(DAYS, st.sampled_from([None, "active", "emeritus"]), max_size=8)


def by_hand(draw):
    edges = sorted(draw(st.sets(DAYS, min_size=2, max_size=4)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    state = draw(st.sampled_from(["active", "emeritus"]))
    stretches = [Stretch(state, lower, upper, row=i, by_hand=True) for i, (lower, upper) in enumerate(pairs)]
    if draw(st.booleans()):
        stretches[-1] = Stretch(state, stretches[-1].lower, None, row=len(stretches) - 1, by_hand=True)
    if draw(st.booleans()):
        stretches[0] = Stretch(state, None, stretches[0].upper, row=0, by_hand=True)
    return stretches


BASES = st.one_of(st.just([]), st.composite(by_hand)())


@given(listings=LISTINGS, base=BASES)
def test_no_two_terms_overlap_and_every_revision_holds_or_clashes(listings, base):
    found, clashes = walk(base, [Listing(on, state, sighting=i) for i, (on, state) in enumerate(listings.items())])
    for one, other in itertools.pairwise(found):
        assert one.upper is not None
        assert other.lower is not None
        assert one.upper <= other.lower
    for one in found:
        assert one.upper is None or one.lower is None or one.lower < one.upper
    clashing = {clash.sighting for clash in clashes}
    for i, (on, state) in enumerate(listings.items()):
        held = next((one.state for one in found if one.covers(on)), None)
        assert held == state or i in clashing


@given(listings=LISTINGS)
def test_without_anything_entered_by_hand_there_is_no_clash(listings):
    assert walk([], [Listing(on, state) for on, state in listings.items()])[1] == []


@given(listings=LISTINGS, base=BASES, seed=st.randoms())
def test_the_order_of_importing_changes_nothing(listings, base, seed):
    said = [Listing(on, state) for on, state in listings.items()]
    shuffled = list(said)
    seed.shuffle(shuffled)
    assert walk(base, said) == walk(base, shuffled)


@given(listings=LISTINGS, base=BASES)
def test_walking_again_over_what_was_found_by_hand_changes_nothing(listings, base):
    said = [Listing(on, state) for on, state in listings.items()]
    found, clashes = walk(base, said)
    if not clashes:
        kept = [Stretch(one.state, one.lower, one.upper, one.note, i, by_hand=True) for i, one in enumerate(found)]
        again, clashes = walk(kept, said)
        assert spans(again) == spans(found)
        assert clashes == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_an_older_revision_narrows_what_was_unknown(order):
    said = [listed(D0, None), listed(D1), listed(D3, None)]
    found, _ = walk([], [said[i] for i in order])
    assert spans(found) == [("active", D1, D3)]
