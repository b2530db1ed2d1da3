"""No link from ballot to voter: in the models, in what a cast changes, in what is left; and what holds under load."""

import re
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.launcher.processes import wait_until
from governance.actions.elections import ElectionRefused, close_voting, locked
from governance.actions.elections_casting import VoteRefused, cast, look_up, replace
from governance.actions.elections_counting import confirm, count_votes
from governance.ballot_box import (
    Box,
    BoxUnreadable,
    capacity,
    code_of,
    destroy_key,
    key_file,
    key_of,
    make_key,
    new_receipt,
    read_receipt,
    seal,
    unseal,
)
from governance.models import BallotBox, Election, Nomination, RollEntry
from governance.queries.elections import turnout
from tests.factories.elections import Stage, a_vote

ROOT = Path(__file__).resolve().parents[3]
ORDERS = {"ann": "ida>joe>kim", "ben": "ida>kim", "cat": "joe>ida>kim", "dov": "kim>ida>joe", "eve": "ida=joe>kim"}


# -- the models --------------------------------------------------------------------------------------------------------


def test_the_box_points_at_its_election_and_nothing_points_at_the_box() -> None:
    box = BallotBox._meta
    assert {field.name for field in box.get_fields()} == {"id", "election", "sealed", "ballots"}
    pointing = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.related_model is BallotBox
    ]
    assert pointing == []


def test_no_model_of_elections_keeps_who_voted_or_when_or_a_receipt() -> None:
    kept = {
        field.name
        for model in apps.get_app_config("governance").get_models()
        if model.__module__ == "governance.models.election"
        for field in model._meta.get_fields()
        if field.concrete
    }
    assert [name for name in kept if re.search("vot(er|ed)|cast|receipt|secret", name)] == []
    assert {field.name for field in RollEntry._meta.get_fields()} == {"id", "election", "person", "eligible", "because"}


def test_casting_writes_no_event_and_no_log() -> None:
    source = (ROOT / "governance" / "actions" / "elections_casting.py").read_text()
    assert not re.search(r"record\.|\btell\(|logging|logger|print\(", source)


# -- the sealed box ----------------------------------------------------------------------------------------------------


@pytest.fixture
def key() -> Iterator[int]:
    """Have the key of a box that no election has."""
    number = 10**9
    make_key(number)
    yield number
    destroy_key(number)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.integers(1, 9).map(str), st.integers(0, 9), max_size=5), max_size=8))
def test_a_box_is_as_long_whatever_is_in_it(ballots: list[dict[str, int]]) -> None:
    number, box = 10**9 + 1, Box()
    make_key(number)
    room = capacity(electors=8, candidates=5)
    empty = seal(box, election=number, capacity=room)
    for person, marks in enumerate(ballots):
        box.voted.add(10**12 + person)
        box.put(new_receipt(), marks)
    sealed = seal(box, election=number, capacity=room)
    assert len(sealed) == len(empty)
    assert unseal(sealed, election=number) == box
    destroy_key(number)


def test_a_box_opens_with_its_own_key_only_and_not_after_a_change(key: int) -> None:
    sealed = seal(Box(voted={7}), election=key, capacity=200)
    assert stat.S_IMODE(key_file(key).stat().st_mode) == 0o600
    with pytest.raises(BoxUnreadable):
        unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), election=key)
    make_key(key)
    with pytest.raises(BoxUnreadable, match="another key"):
        unseal(sealed, election=key)
    destroy_key(key)
    with pytest.raises(BoxUnreadable, match="put it back"):
        unseal(sealed, election=key)


@settings(deadline=None)
@given(st.sampled_from([str.lower, str.title, lambda text: text.replace("-", " "), lambda text: f"  {text}\n"]))
def test_a_receipt_is_read_however_it_is_typed(typed: Callable[[str], str]) -> None:
    receipt = new_receipt()
    assert read_receipt(typed(receipt)) == receipt
    assert len({receipt, key_of(receipt), code_of(receipt)}) == 3


# -- what a cast changes, in the whole database -----------------------------------------------------------------------


def tables() -> dict[str, str]:
    """Return each table's whole content as text, with the order of its rows on the disk and who wrote them."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT COALESCE(string_agg(t::text, chr(10) ORDER BY t::text), '') FROM \"{table}\" t")
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.django_db
def test_a_cast_changes_one_row_of_one_table_and_nothing_readable() -> None:
    stage = a_vote()
    stage.ranked("ann", "ida>joe")
    before = tables()
    receipt = stage.ranked("ben", "kim>ida")
    after = tables()
    assert [name for name in after if after[name] != before[name]] == ["governance_ballotbox"]
    everything = "\n".join(after.values())
    for secret in (receipt, receipt.replace("-", ""), code_of(receipt), key_of(receipt)):
        assert secret not in everything
    assert len(after["governance_ballotbox"]) == len(before["governance_ballotbox"])


@pytest.mark.django_db
def test_a_cast_and_a_replacement_leave_rows_that_differ_in_nothing_but_the_number() -> None:
    stage = a_vote()
    receipt = stage.ranked("ann", "ida>joe")
    length = len(bytes(BallotBox.objects.get().sealed))
    replace(election=stage.election, receipt=receipt, marks=dict(zip(stage.keys().values(), (3, 1, 2), strict=True)))
    stage.ranked("ben", "kim")
    assert len(bytes(BallotBox.objects.get().sealed)) == length


@pytest.mark.django_db
def test_a_paper_sent_twice_is_one_ballot_and_nobody_elses_paper_is_taken() -> None:
    stage = a_vote()
    keys, paper = stage.keys(), new_receipt()

    def sent(name: str, who: str, paper: str) -> str:
        return cast(election=stage.election, marks={keys[who]: 1}, by=stage.accounts[name], receipt=paper)

    assert sent("ann", "ida", paper) == sent("ann", "joe", paper) == paper
    assert look_up(election=stage.election, receipt=paper) == {keys["joe"]: 1}
    with pytest.raises(VoteRefused, match="You have voted"):
        sent("ann", "kim", new_receipt())
    with pytest.raises(VoteRefused, match="was used"):
        sent("ben", "kim", paper)
    for weak in ("secret", "A" * 31, f"{paper}A", "0" * 32):
        with pytest.raises(VoteRefused, match="damaged"):
            sent("cat", "kim", weak)
    assert turnout(stage.now()) == 1


@pytest.mark.django_db
def test_without_the_key_nobody_votes_and_nothing_changes() -> None:
    stage = a_vote()
    destroy_key(stage.election.pk)
    before = bytes(BallotBox.objects.get().sealed)
    with pytest.raises(VoteRefused, match="cannot be opened"):
        stage.ranked("ann", "ida")
    assert bytes(BallotBox.objects.get().sealed) == before


@pytest.mark.django_db(transaction=True)
def test_box_and_key_are_destroyed_once_the_terms_are_begun() -> None:
    stage = a_vote()
    receipts = [stage.ranked(name, order) for name, order in ORDERS.items()]
    stage.over()
    count_votes(election=stage.election, by=stage.officer)
    assert key_file(stage.election.pk).exists()
    confirm(election=stage.election, by=stage.officer)
    assert not key_file(stage.election.pk).exists()
    assert bytes(BallotBox.objects.get().sealed) == b""
    with pytest.raises(VoteRefused):
        look_up(election=stage.election, receipt=receipts[0])


# -- many at once: real connections ------------------------------------------------------------------------------------


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run works at the same time, each on a connection of its own; return what each gave or raised."""
    answers: list[object] = [None] * len(works)
    together = threading.Barrier(len(works))

    def run(number: int) -> None:
        try:
            together.wait(60)
            answers[number] = works[number]()
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        (count,) = cursor.fetchone()
    return int(count)


@pytest.mark.django_db(transaction=True)
def test_two_casts_of_one_voter_at_once_give_one_ballot() -> None:
    stage = a_vote()
    keys = stage.keys()

    def vote(who: str) -> Callable[[], object]:
        return lambda: cast(election=stage.election, marks={keys[who]: 1}, by=stage.accounts["ann"])

    answers = at_once(vote("ida"), vote("joe"), vote("kim"), vote("ida"))
    receipts = [answer for answer in answers if isinstance(answer, str)]
    assert len(receipts) == 1, answers
    assert sum(isinstance(answer, VoteRefused) for answer in answers) == 3
    assert turnout(stage.now()) == 1
    assert look_up(election=stage.election, receipt=receipts[0])


@pytest.mark.django_db(transaction=True)
def test_no_ballot_is_lost_when_all_vote_at_once() -> None:
    stage = a_vote()
    keys = stage.keys()
    voters = ("ann", "ben", "cat", "dov", "eve", "fay")
    works = [
        lambda name=name, mark=mark: cast(election=stage.election, marks={keys[mark]: 1}, by=stage.accounts[name])
        for name, mark in zip(voters, ("ida", "joe", "kim") * 2, strict=True)
    ]
    answers = at_once(*works)
    assert all(isinstance(answer, str) for answer in answers), answers
    stage.now()
    assert [look_up(election=stage.election, receipt=str(answer)) for answer in answers] == [
        {keys[mark]: 1} for mark in ("ida", "joe", "kim") * 2
    ]
    assert turnout(stage.election) == 6


@pytest.mark.django_db(transaction=True)
def test_a_ballot_that_waited_past_the_closing_is_late() -> None:
    stage = a_vote()
    keys = stage.keys()
    receipt = stage.ranked("ben", "ida")
    held = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            locked(stage.election)
            held.set()
            # Both came in time; the vote closes while they wait.
            assert wait_until(lambda: waiting_for_locks() == 2, 60)
            Election.objects.filter(pk=stage.election.pk).update(closes_at=timezone.now())

    def late(work: Callable[[], object]) -> Callable[[], object]:
        def waiting() -> object:
            assert held.wait(60)
            return work()

        return waiting

    holder, new, again = at_once(
        hold,
        late(lambda: cast(election=stage.election, marks={keys["ida"]: 1}, by=stage.accounts["ann"])),
        late(lambda: replace(election=stage.election, receipt=receipt, marks={keys["joe"]: 1})),
    )
    assert holder is None, holder
    assert isinstance(new, PermissionDenied), new
    assert isinstance(again, VoteRefused), again
    assert turnout(stage.now()) == 1
    assert look_up(election=stage.election, receipt=receipt) == {keys["ida"]: 1}


@pytest.mark.django_db(transaction=True)
def test_a_vote_is_closed_and_counted_once_however_many_ask() -> None:
    stage: Stage = a_vote()
    for name, order in ORDERS.items():
        stage.ranked(name, order)
    stage.over()
    answers = at_once(*[lambda: count_votes(election=stage.election, by=stage.officer)] * 3)
    assert sum(isinstance(answer, ElectionRefused) for answer in answers) == 2, answers
    assert stage.election.counts.count() == 1
    with pytest.raises(ElectionRefused):
        close_voting(election=stage.now(), by=None)
    assert Nomination.objects.filter(stands_back=True).count() == 0
