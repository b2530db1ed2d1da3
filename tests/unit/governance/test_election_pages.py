"""The pages of elections: what each begins with, whom each lets act, and what none of them keeps."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from governance.actions.elections import cancel, open_nominations
from governance.actions.elections_counting import count_votes
from governance.ballot_box import code_of
from governance.election_words import election_sentence, in_words, listing_sentence
from governance.models import Election, User
from governance.queries.everything_awaited import everything_awaited
from tests.factories.elections import Stage, a_member, a_vote, an_election
from tests.factories.people import a_person

pytestmark = pytest.mark.django_db

ORDERS = {"ann": "ida>joe>kim", "ben": "ida>kim", "cat": "joe>ida>kim", "dov": "kim>ida>joe", "eve": "ida=joe>kim"}


def lede(page: object) -> str:
    text = page.content.decode()  # type: ignore[attr-defined]
    found = re.search(r'<p class="lede[^"]*"[^>]*>(.*?)</p>', text, re.S)
    assert found
    return found[1]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def posted(stage: Stage, marks: dict[str, int]) -> dict[str, int]:
    return {f"mark-{stage.keys()[who]}": mark for who, mark in marks.items()}


def receipt_in(page: object) -> str:
    found = re.search(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){7}", page.content.decode())  # type: ignore[attr-defined]
    assert found
    return found[0]


def counted(stage: Stage) -> None:
    stage.over()
    count_votes(election=stage.election, by=stage.officer)


# -- the sentences ---------------------------------------------------------------------------------------------------


def test_the_sentence_of_an_open_vote_says_how_long_and_how_many() -> None:
    stage = a_vote()
    stage.ranked("ann", "ida")
    Election.objects.update(closes_at=datetime(2127, 3, 2, 12, tzinfo=UTC))
    now = datetime(2127, 2, 27, 11, tzinfo=UTC)
    assert election_sentence(stage.now(), now) == (
        "Voting closes in 3 days, 1 March 2127, 24:00 anywhere on Earth (2 March 2127, 12:00 UTC); 1 of 6 have voted."
    )


def test_each_step_has_its_sentence() -> None:
    stage = an_election()
    said = [election_sentence(stage.election)]
    open_nominations(election=stage.election, by=stage.officer)
    said.append(election_sentence(stage.now()))
    later = stage.election.nominations_close_at + timedelta(hours=1)
    Election.objects.update(opens_at=later + timedelta(hours=2), closes_at=later + timedelta(days=9))
    said.append(election_sentence(stage.now(), later))
    said.append(election_sentence(stage.now(), later + timedelta(hours=3)))
    cancel(election=stage.election, reason="Nobody stands.", by=stage.officer)
    said.append(election_sentence(stage.now()))
    begins = [
        "Nominations are not open yet; they close in 1 day",
        "Nominations close in 1 day",
        "Nominations are over and 0 candidates stand for 1 seat; voting opens in 2 hours",
        "Nominations are over and 0 candidates stand for 1 seat; the officers have not opened the vote yet.",
        "The election was cancelled: Nobody stands.",
    ]
    assert [sentence[: len(begin)] for sentence, begin in zip(said, begins, strict=True)] == begins


def test_the_sentence_of_a_count_names_the_elected_or_the_tie() -> None:
    stage = a_vote()
    for name, order in ORDERS.items():
        stage.ranked(name, order)
    stage.over()
    assert "5 of 6 voted. The count is awaited." in election_sentence(stage.election)
    counted(stage)
    assert election_sentence(stage.now()) == (
        "Ida Candidate is elected, and the officers have not confirmed it yet; 5 of 6 voted."
    )


def test_the_list_says_what_is_going_on() -> None:
    assert listing_sentence([]) == "No election has been announced."
    stage = a_vote()
    assert listing_sentence([stage.election]).startswith("Election of the council: voting closes in 3 days")


@pytest.mark.parametrize(
    ("seconds", "words"), [(30, "less than a minute"), (61, "1 minute"), (7300, "2 hours"), (90000, "1 day")]
)
def test_time_left_is_said_in_its_largest_unit(seconds: int, words: str) -> None:
    now = timezone.now()
    assert in_words(now + timedelta(seconds=seconds), now) == f"in {words}"


# -- every page, to everybody ----------------------------------------------------------------------------------------

PAGES = ["", "roll/", "results/", "find/", "replace/", "candidates/ida-candidate/", "observers.json"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("counts", [False, True])
def test_public_pages_are_read_without_an_account(client: Client, page: str, counts: bool) -> None:
    stage = a_vote()
    for name, order in ORDERS.items():
        stage.ranked(name, order)
    if counts:
        counted(stage)
    answer = client.get(f"/elections/council/{page}")
    assert answer.status_code == 200
    assert client.get("/elections/").status_code == 200


def test_pages_of_an_election_that_was_only_announced(client: Client) -> None:
    an_election()
    for page in ("", "roll/", "results/", "find/", "replace/", "observers.json"):
        assert client.get(f"/elections/council/{page}").status_code == 200
    assert client.get("/elections/nothing/").status_code == 404
    assert client.get("/elections/council/order.txt").status_code == 404


# -- voting ----------------------------------------------------------------------------------------------------------


def test_a_vote_is_cast_through_the_page_and_its_receipt_is_in_the_answer_only() -> None:
    stage = a_vote()
    client = signed_in(stage.accounts["ann"])
    answer = client.post("/elections/council/vote/", posted(stage, {"ida": 1, "joe": 2}))
    receipt = receipt_in(answer)
    assert code_of(receipt) in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert receipt not in json.dumps(dict(client.session.items()))
    again = client.get("/elections/council/vote/")
    assert "You have voted" in again.content.decode()
    assert receipt not in again.content.decode()
    assert "no-store" in again["Cache-Control"]


def test_a_ballot_is_seen_and_replaced_by_the_receipt_without_signing_in(client: Client) -> None:
    stage = a_vote()
    receipt = stage.ranked("ann", "ida>joe")
    shown = client.post("/elections/council/replace/", {"receipt": receipt.lower()})
    assert re.search(rf'name="mark-{stage.keys()["joe"]}" value="2"', shown.content.decode())
    answer = client.post(
        "/elections/council/replace/", {"receipt": receipt, "replace": "yes", **posted(stage, {"kim": 1})}
    )
    assert receipt_in(answer) == receipt
    assert "Your ballot was replaced" in lede(answer)
    wrong = client.post("/elections/council/replace/", {"receipt": "A" * 32})
    assert "No ballot has this receipt" in wrong.content.decode()


def test_a_wrong_number_is_said_at_its_place_and_nothing_is_kept() -> None:
    stage = a_vote()
    client = signed_in(stage.accounts["ann"])
    page = client.post("/elections/council/vote/", posted(stage, {"ida": 9})).content.decode()
    assert "Ida Candidate: give a whole number from 1 to 3, or none." in page
    page = client.post("/elections/council/vote/", {}).content.decode()
    assert "An empty ballot says nothing" in page
    stage.election.box.refresh_from_db()
    assert stage.election.box.ballots == 0


def test_who_may_not_vote_is_told_why() -> None:
    a_vote()
    outsider = signed_in(a_member("Out Sider"))
    assert outsider.get("/elections/council/vote/").status_code == 403
    assert "You are not on the roll of electors" in outsider.get("/elections/council/").content.decode()
    assert Client().get("/elections/council/vote/").status_code == 302


def test_candidates_stand_in_another_order_on_other_papers() -> None:
    stage = a_vote(standing=("Ida", "Joe", "Kim", "Lea", "Max"))
    orders = set()
    for name in ("ann", "ben", "cat", "dov"):
        page = signed_in(stage.accounts[name]).get("/elections/council/vote/").content.decode()
        orders.add(tuple(re.findall(r'name="mark-(\d+)"', page)))
    assert len(orders) > 1
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(map(str, stage.keys().values())))}


# -- after the count -------------------------------------------------------------------------------------------------


def test_ballots_are_downloaded_after_the_count_and_by_nobody_before(client: Client) -> None:
    stage = a_vote()
    receipts = [stage.ranked(name, order) for name, order in ORDERS.items()]
    root = signed_in(stage.election.announced_by)
    for reader in (client, root, signed_in(stage.officer)):
        assert reader.get("/elections/council/ballots.csv").status_code == 403
    counted(stage)
    lines = client.get("/elections/council/ballots.csv").content.decode().splitlines()
    assert lines[0] == "Ida Candidate,Joe Candidate,Kim Candidate"
    assert len(lines) == 6
    found = client.post("/elections/council/find/", {"receipt": receipts[0]})
    assert lede(found).startswith(f"The ballot {code_of(receipts[0])} is among the published ones")
    by_code = client.post("/elections/council/find/", {"receipt": code_of(receipts[0]).lower()})
    assert lede(by_code) == lede(found)
    assert "No published ballot" in client.post("/elections/council/find/", {"receipt": "A" * 16}).content.decode()


def test_the_result_shows_its_arithmetic_and_the_command_that_recounts_it(client: Client) -> None:
    stage = a_vote(employer_cap=1, long_seats=1, seats=2)
    for name, order in ORDERS.items():
        stage.ranked(name, order)
    counted(stage)
    page = client.get("/elections/council/results/").content.decode()
    assert "Ballots that prefer the row to the column" in page
    assert "tally council-ballots.csv --method schulze --seats 2" in page
    assert "--employer-cap 1 --long-terms 1" in page
    assert client.get("/elections/council/affiliations.csv").content.decode().splitlines()[1] == "Ida Candidate,unknown"
    assert client.get("/elections/council/sitting.csv").content.decode() == "candidate,employer\n"


def test_too_few_ballots_are_not_shown_and_the_page_says_so_beforehand(client: Client) -> None:
    stage = a_vote(publish_from=15)
    assert "at least 15" in client.get("/elections/council/").content.decode()
    for name, order in ORDERS.items():
        stage.ranked(name, order)
    counted(stage)
    page = client.get("/elections/council/results/").content.decode()
    assert "Fewer than 15 ballots were cast" in page
    assert "Ballots that prefer the row to the column" in page
    assert client.get("/elections/council/ballots-with-codes.csv").status_code == 403


def test_observers_read_reasons_and_turnout_and_no_secret(client: Client) -> None:
    stage = a_vote()
    receipts = [stage.ranked(name, order) for name, order in ORDERS.items()]
    counted(stage)
    answer = client.get("/elections/council/observers.json")
    told = answer.json()
    assert (told["electors"], told["ballots"]) == (6, 5)
    assert told["roll"][0] == {
        "person": "ann-elector",
        "name": "Ann Elector",
        "eligible": True,
        "because": "office of weavers on 2026-01-01",
    }
    assert told["counts"][0]["digest"]
    assert not [receipt for receipt in receipts if receipt in answer.content.decode()]
    assert "voted" not in json.dumps(told["roll"])


# -- officers and nominees -------------------------------------------------------------------------------------------


def test_only_officers_see_the_officers_page_and_take_steps() -> None:
    stage = an_election()
    for account in (stage.accounts["ann"], stage.election.announced_by):
        client = signed_in(account)
        assert client.get("/elections/council/officers/").status_code == 403
        assert client.post("/elections/council/officers/step/", {"step": "open-nominations"}).status_code == 403
    officer = signed_in(stage.officer)
    assert "Open nominations" in officer.get("/elections/council/officers/").content.decode()
    officer.post("/elections/council/officers/step/", {"step": "open-nominations"})
    assert stage.now().state == "nominating"
    assert "Its day comes in 1 day" in officer.get("/elections/council/officers/").content.decode()
    refused = officer.post("/elections/council/officers/step/", {"step": "count"}, follow=True).content.decode()
    assert "Votes are counted once, after voting has closed." in refused


def test_an_election_is_announced_through_its_form() -> None:
    stage = an_election()
    root = signed_in(stage.election.announced_by)
    a_person("Nora Nominee", github="nora")
    days = {"nominations_until": "2031-01-10", "exceptions_until": "2031-01-10", "voting_from": "2031-01-11",
            "voting_until": "2031-01-20", "takes_office_on": "2031-02-01", "electors_on": "2026-01-01"}  # fmt: skip
    form = {
        "title": "Second election", "slug": "second", "office": stage.election.office_id, "seats": 2,
        "rule": "https://example.org/rule", "method": "stv", "unranked": "excluded", "tie_break": ["draw"],
        "electing_offices": [stage.election.electing_offices.get().pk], "nominators": "anyone", "zone": "AoE",
        "officers": "nora\nOlga Officer", "publish_from": 15, **days,
    }  # fmt: skip
    early = root.post("/elections/new/", {**form, "voting_from": "2031-01-10"}).content.decode()
    assert "Voting begins after the last day of nominations" in early
    assert "AoE" in root.post("/elections/new/", {**form, "zone": "Moon"}).content.decode()
    answer = root.post("/elections/new/", form)
    assert answer.status_code == 302, answer.content.decode()
    made = Election.objects.get(slug="second")
    assert made.closes_at == datetime(2031, 1, 21, 12, tzinfo=UTC)
    assert [officer.name for officer in made.officers.order_by("name")] == ["Nora Nominee", "Olga Officer"]
    assert signed_in(stage.accounts["ann"]).get("/elections/new/").status_code == 403


def test_a_nominee_answers_and_writes_a_statement_that_can_do_no_harm() -> None:
    stage = an_election()
    open_nominations(election=stage.election, by=stage.officer)
    ida = a_member("Ida Candidate")
    ann = signed_in(stage.accounts["ann"])
    assert "Nobody is known by this" in ann.post("/elections/council/nominate/", {"person": "zzz"}).content.decode()
    ann.post("/elections/council/nominate/", {"person": "ida candidate", "reason": "She weaves."})
    hers = signed_in(ida)
    assert "accept or decline" in hers.get("/elections/council/").content.decode()
    hers.post("/elections/council/candidates/ida-candidate/answer/", {"answer": "accept"})
    hers.post("/elections/council/candidates/ida-candidate/", {"statement": "**Yes** <script>alert(1)</script>"})
    page = Client().get("/elections/council/candidates/ida-candidate/").content.decode()
    assert "<strong>Yes</strong>" in page
    assert "<script>alert" not in page
    other = ann.post("/elections/council/candidates/ida-candidate/answer/", {"answer": "withdraw"})
    assert other.status_code == 403


def test_an_exception_is_asked_for_and_decided_on_pages() -> None:
    stage = an_election()
    newcomer = signed_in(a_member("New Comer"))
    newcomer.post("/elections/council/exceptions/", {"words": "I run the infrastructure."})
    asked = stage.election.exceptions.get()
    officer = signed_in(stage.officer)
    assert "I run the infrastructure." in officer.get("/elections/council/officers/").content.decode()
    officer.post(f"/elections/council/officers/exceptions/{asked.pk}/", {"granted": "yes", "reason": "It counts."})
    roll = Client().get("/elections/council/roll/").content.decode()
    assert "exception granted: It counts." in roll
    assert "I run the infrastructure." not in roll
    assert "Granted by Olga Officer: It counts." in newcomer.get("/elections/council/exceptions/").content.decode()


# -- the portal --------------------------------------------------------------------------------------------------------


def awaits(user: User) -> list[str]:
    assert user.person is not None
    return [one.words for one in everything_awaited(user.person, timezone.now()) if one.kind == "election"]


def test_the_portal_says_what_elections_ask_of_somebody() -> None:
    stage = an_election()
    assert awaits(stage.officer) == ["Open the nominations of Election of the council."]
    open_nominations(election=stage.election, by=stage.officer)
    assert awaits(stage.officer) == []
    ida = a_member("Ida Candidate")
    signed_in(stage.accounts["ann"]).post("/elections/council/nominate/", {"person": "Ida Candidate"})
    assert awaits(ida) == ["Accept or decline your nomination for Election of the council."]
    signed_in(a_member("New Comer")).post("/elections/council/exceptions/", {"words": "Me too."})
    assert awaits(stage.officer) == ["Decide 1 exception of Election of the council."]
    page = signed_in(ida).get("/portal/").content.decode()
    assert "/elections/council/candidates/ida-candidate/" in page


def test_the_portal_asks_for_a_vote_until_it_is_cast_or_too_late() -> None:
    stage = a_vote()
    assert awaits(stage.accounts["ann"]) == ["Vote in Election of the council."]
    stage.ranked("ann", "ida>joe>kim")
    assert awaits(stage.accounts["ann"]) == []
    assert awaits(stage.accounts["ida"]) == []
    stage.over()
    assert awaits(stage.accounts["ben"]) == []
    assert awaits(stage.officer) == ["Count the votes of Election of the council."]
    count_votes(election=stage.election, by=stage.officer)
    assert awaits(stage.officer) == ["Confirm the result of Election of the council."]
