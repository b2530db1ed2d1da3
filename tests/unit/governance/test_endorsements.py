"""Endorsements that a rule asks for before a nominee stands: given, counted by employers, and missed at the closing."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from ecosystem.actions.people import record_affiliation
from ecosystem.models import Person
from governance.actions.elections import ElectionRefused, open_nominations, open_voting
from governance.actions.elections_endorsements import endorse, take_back
from governance.actions.elections_nominations import accept, nominate
from governance.actions.ended import write_down_what_holds
from governance.charter import load
from governance.election_charter import differences, rules_for
from governance.election_words import election_sentence
from governance.models import Election, Endorsement, Nomination, Office
from governance.queries.candidates import candidates, endorsers, lacks
from governance.queries.support import Asked, Supporter, different_employers, still_missing
from record.models import Event
from tests.factories.elections import Stage, a_member, an_election
from tests.factories.people import SOURCE, a_project, an_office

pytestmark = pytest.mark.django_db
KUBERNETES = {"endorsements": 3, "endorsing_employers": 3, "nominee_endorses": True}


def works_for(person: Person | None, employer: str, since: date = date(2020, 1, 1), until: date | None = None) -> None:
    assert person is not None
    slug = employer.lower().replace(" ", "-")
    record_affiliation(
        person=person, employer=employer, employer_slug=slug, since=since, until=until, source=SOURCE, by=None
    )


def nominated(**rules: object) -> tuple[Stage, Nomination]:
    """Return an election that takes nominations, with Ida, who is no elector, nominated and standing."""
    stage = an_election(**{**KUBERNETES, **rules})
    open_nominations(election=stage.election, by=stage.officer)
    stage.now()
    ida = stage.accounts["ida"] = a_member("Ida Candidate")
    nomination = nominate(election=stage.election, person=ida.person, by=stage.accounts["ann"])
    return stage, accept(nomination=nomination, by=ida)


def employed(stage: Stage, **employers: str) -> None:
    for name, employer in employers.items():
        works_for(stage.accounts[name].person, employer)


def endorsed_by(stage: Stage, nomination: Nomination, *names: str) -> None:
    for name in names:
        endorse(nomination=nomination, by=stage.accounts[name])


def nominations_are_over(stage: Stage, *, opens_in: timedelta = timedelta(hours=1)) -> Election:
    now = timezone.now()
    Election.objects.filter(pk=stage.election.pk).update(
        nominations_close_at=now - timedelta(minutes=1),
        exceptions_close_at=now - timedelta(minutes=1),
        opens_at=now + opens_in,
    )
    return stage.now()


def steps() -> list[str]:
    return [event.kind for event in Event.objects.order_by("position") if event.kind.startswith("election.")]


# -- who endorses ------------------------------------------------------------------------------------------------------


def test_three_electors_of_three_employers_make_a_nominee_stand() -> None:
    stage, ida = nominated()
    employed(stage, ann="Acme", ben="Bolt", cat="Cord")
    assert lacks(ida) == ["3 more endorsements", "endorsements from 3 more employers"]
    endorsed_by(stage, ida, "ann", "ben")
    assert lacks(ida) == ["1 more endorsement", "endorsements from 1 more employer"]
    endorsed_by(stage, ida, "cat")
    assert lacks(ida) == []
    nominations_are_over(stage)
    assert [each.person.name for each in candidates(stage.election)] == ["Ida Candidate"]


def test_two_of_one_employer_are_one_employer() -> None:
    stage, ida = nominated()
    employed(stage, ann="Acme", ben="Acme", cat="Cord", dov="Dyne")
    endorsed_by(stage, ida, "ann", "ben", "cat")
    assert lacks(ida) == ["endorsements from 1 more employer"]
    endorsed_by(stage, ida, "dov")
    assert lacks(ida) == []


def test_an_unknown_employer_is_said_and_counts_as_no_other() -> None:
    stage, ida = nominated()
    employed(stage, ann="Acme", ben="Bolt")
    endorsed_by(stage, ida, "ann", "ben", "cat")
    assert [one.employer for one in endorsers(ida)] == ["Acme", "Bolt", "unknown"]
    assert lacks(ida) == ["endorsements from 1 more employer (that of Cat Elector is unknown, and counts as no other)"]
    works_for(stage.person("cat"), "Cord")
    assert lacks(ida) == []


def test_unknown_employers_differ_only_where_the_rule_says_so() -> None:
    stage, ida = nominated(unknown_differs=True)
    endorsed_by(stage, ida, "ann", "ben", "cat")
    assert lacks(ida) == []


def test_the_employer_of_the_day_of_the_endorsement_counts() -> None:
    stage, ida = nominated()
    today = timezone.localdate()
    works_for(stage.person("ann"), "Acme", until=today)
    works_for(stage.person("ann"), "Anvil", since=today)
    works_for(stage.person("ben"), "Acme")
    works_for(stage.person("cat"), "Cord", until=today)
    endorsed_by(stage, ida, "ann", "ben", "cat")
    assert [one.employer for one in endorsers(ida)] == ["Anvil", "Acme", "unknown"]


def test_nobody_endorses_themselves_twice_as_an_officer_or_without_being_an_elector() -> None:
    stage, ida = nominated()
    ben = nominate(election=stage.election, person=stage.person("ben"), by=stage.accounts["ann"])
    endorse(nomination=ida, by=stage.accounts["ann"])
    refused = [
        (ben, stage.accounts["ben"], "Nobody endorses themselves. Where you are an elector"),
        (ida, stage.accounts["ida"], "Nobody endorses themselves"),
        (ida, stage.accounts["ann"], "You have endorsed Ida Candidate"),
        (ida, stage.officer, "takes no side"),
        (ida, a_member("Out Sider"), "Only electors endorse"),
    ]
    for nomination, account, words in refused:
        with pytest.raises(PermissionDenied, match=words):
            endorse(nomination=nomination, by=account)
    assert Endorsement.objects.count() == 1


def test_who_was_merged_endorses_once_and_never_themselves() -> None:
    stage, ida = nominated()
    endorsed_by(stage, ida, "ann")
    twin = a_member("Twin Elector", Office.objects.get(slug="weavers"))
    assert twin.person is not None
    twin.person.merged_into = stage.person("ann")
    twin.person.save()
    with pytest.raises(PermissionDenied, match="You have endorsed"):
        endorse(nomination=ida, by=twin)
    other = a_member("Other Candidate", Office.objects.get(slug="weavers"))
    assert other.person is not None
    other.person.merged_into = stage.person("ida")
    other.person.save()
    with pytest.raises(PermissionDenied, match="Nobody endorses themselves"):
        endorse(nomination=ida, by=other)


def test_a_nominee_who_is_an_elector_counts_as_one_where_the_rule_says_so() -> None:
    stage, _ = nominated()
    employed(stage, ann="Acme", ben="Bolt", cat="Cord")
    ben = nominate(election=stage.election, person=stage.person("ben"), by=stage.accounts["ben"])
    accept(nomination=ben, by=stage.accounts["ben"])
    assert lacks(ben) == ["2 more endorsements", "endorsements from 2 more employers"]
    endorsed_by(stage, ben, "ann", "cat")
    assert lacks(ben) == []
    Election.objects.update(nominee_endorses=False)
    assert lacks(Nomination.objects.get(pk=ben.pk)) == ["1 more endorsement", "endorsements from 1 more employer"]


def test_an_endorsement_is_withdrawn_until_nominations_close_and_given_again() -> None:
    stage, ida = nominated()
    endorsed_by(stage, ida, "ann")
    take_back(nomination=ida, by=stage.accounts["ann"])
    assert endorsers(ida) == []
    with pytest.raises(PermissionDenied, match="You have not endorsed"):
        take_back(nomination=ida, by=stage.accounts["ann"])
    endorsed_by(stage, ida, "ann")
    assert Endorsement.objects.filter(withdrawn_at__isnull=True).count() == 1
    assert steps()[-3:] == ["election.endorsed", "election.endorsement_withdrawn", "election.endorsed"]
    nominations_are_over(stage)
    with pytest.raises(PermissionDenied, match="Nominations are over"):
        take_back(nomination=ida, by=stage.accounts["ann"])
    with pytest.raises(PermissionDenied, match="while nominations are open"):
        endorsed_by(stage, ida, "ben")


def test_the_database_takes_one_standing_endorsement_of_a_person() -> None:
    stage, ida = nominated()
    endorsed_by(stage, ida, "ann")
    with pytest.raises(IntegrityError), transaction.atomic():
        Endorsement.objects.create(nomination=ida, person=stage.person("ann"), given_at=timezone.now())


def test_an_endorsement_and_its_event_are_there_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, ida = nominated()
    monkeypatch.setattr("governance.actions.elections_endorsements.record.append", failing)
    with pytest.raises(RuntimeError), transaction.atomic():
        endorsed_by(stage, ida, "ann")
    assert not Endorsement.objects.exists()


def failing(*args: object, **kwargs: object) -> None:
    raise RuntimeError("the second write fails")


def test_where_the_rule_asks_for_none_nobody_endorses_and_all_who_accepted_stand() -> None:
    stage, ida = nominated(endorsements=0, endorsing_employers=None)
    with pytest.raises(PermissionDenied, match="asks for no endorsements"):
        endorsed_by(stage, ida, "ann")
    nominations_are_over(stage)
    assert [each.pk for each in candidates(stage.election)] == [ida.pk]
    assert write_down_what_holds()["nominations"] == 0


# -- the closing -------------------------------------------------------------------------------------------------------


def test_at_the_closing_who_lacks_them_does_not_stand_though_nobody_writes_it_down() -> None:
    stage, ida = nominated()
    employed(stage, ann="Acme", ben="Bolt")
    endorsed_by(stage, ida, "ann", "ben")
    assert [each.pk for each in candidates(stage.election)] == [ida.pk]
    assert "; 0 candidates stand for 1 seat so far, and 1 lacks endorsements still." in election_sentence(
        stage.election
    )
    nominations_are_over(stage)
    assert list(candidates(stage.election)) == []
    assert election_sentence(stage.election).startswith("Nominations are over and 0 candidates stand for 1 seat;")


def test_the_schedule_writes_it_down_once_and_what_comes_later_changes_nothing() -> None:
    stage, ida = nominated()
    employed(stage, ann="Acme", ben="Bolt")
    endorsed_by(stage, ida, "ann", "ben", "cat")
    assert write_down_what_holds()["nominations"] == 0
    nominations_are_over(stage)
    assert write_down_what_holds()["nominations"] == 1
    assert write_down_what_holds()["nominations"] == 0
    ida.refresh_from_db()
    assert ida.answer == Nomination.Answer.UNENDORSED
    (event,) = Event.objects.filter(kind="election.unendorsed")
    assert event.summary.startswith("Ida Candidate does not stand, for nominations closed without endorsements from 1")
    assert "that of Cat Elector is unknown" in event.summary
    works_for(stage.person("cat"), "Cord")
    assert list(candidates(stage.now())) == []


def test_opening_the_vote_writes_down_who_stands_first() -> None:
    stage, ida = nominated()
    employed(stage, ann="Acme", ben="Bolt", cat="Cord")
    joe = stage.accounts["joe"] = a_member("Joe Candidate")
    short = accept(nomination=nominate(election=stage.election, person=joe.person, by=stage.accounts["ann"]), by=joe)
    endorsed_by(stage, ida, "ann", "ben", "cat")
    endorsed_by(stage, short, "ann")
    nominations_are_over(stage, opens_in=-timedelta(seconds=30))
    open_voting(election=stage.election, by=stage.officer)
    assert list(stage.keys()) == ["ida"]
    short.refresh_from_db()
    assert short.answer == Nomination.Answer.UNENDORSED
    assert [kind for kind in steps() if kind in ("election.unendorsed", "election.opened")] == [
        "election.unendorsed",
        "election.opened",
    ]


def test_a_vote_with_nobody_endorsed_enough_does_not_open_and_nothing_is_half_written() -> None:
    stage, ida = nominated()
    nominations_are_over(stage, opens_in=-timedelta(seconds=30))
    with pytest.raises(ElectionRefused, match="Nobody stands"):
        open_voting(election=stage.election, by=stage.officer)
    ida.refresh_from_db()
    assert (ida.answer, stage.now().standing_noted_at) == (Nomination.Answer.ACCEPTED, None)


# -- counting employers ------------------------------------------------------------------------------------------------


def people(*employers: str) -> list[Supporter]:
    """Return supporters by the letters of their employers: "ab" works for two, "" for nobody known."""
    return [Supporter(Person(name=f"P{at}"), frozenset(letters)) for at, letters in enumerate(employers)]


@pytest.mark.parametrize(
    ("employers", "different", "where_unknown_differ"),
    [
        ((), 0, 0),
        (("a",), 1, 1),
        (("a", "a", "b"), 2, 2),
        (("a", ""), 1, 2),
        (("", "", ""), 1, 3),
        (("ab", "a", "b"), 2, 2),
        (("ab", "bc", "d"), 2, 2),
        (("ab", "cd", ""), 2, 3),
    ],
)
def test_different_employers_are_counted(employers: tuple[str, ...], different: int, where_unknown_differ: int) -> None:
    assert different_employers(people(*employers)) == different
    assert different_employers(people(*employers), unknown_differs=True) == where_unknown_differ


def test_a_rule_that_asks_for_no_employers_asks_for_people_only() -> None:
    assert still_missing(Asked(2), people("", "")) == []
    assert still_missing(Asked(2), people("a")) == ["1 more second"]


# -- the charter and the pages -----------------------------------------------------------------------------------------


def test_the_form_is_filled_from_the_charter_of_kubernetes() -> None:
    project = a_project("kubernetes", kept=False)
    steering = an_office("steering", kind=Office.Kind.COUNCIL, project=project, role="steering", seats=7)
    said = rules_for(steering)
    asked = load("kubernetes").decisions["elect_steering"].second_required
    assert asked is not None
    assert (said["endorsements"], said["endorsing_employers"]) == (asked.count, asked.employers) == (3, 3)
    assert (said["nominee_endorses"], said["unknown_differs"]) == (True, False)


def test_an_election_with_fewer_endorsements_than_the_charter_says_tells_it() -> None:
    project = a_project("kubernetes", kept=False)
    steering = an_office("steering", kind=Office.Kind.COUNCIL, project=project, role="steering", seats=7)
    stage = an_election(endorsements=2)
    Election.objects.update(office=steering)
    told = differences(stage.now())
    assert "how many endorsements a nominee needs: the charter says 3, this election 2" in told


def test_rules_that_ask_for_more_employers_than_endorsers_are_refused() -> None:
    with pytest.raises(ElectionRefused):
        an_election(endorsements=1, endorsing_employers=2)


def test_the_pages_say_what_is_needed_and_take_endorsements(client: Client) -> None:
    stage, ida = nominated()
    employed(stage, ann="Acme")
    address = f"{stage.election.get_absolute_url()}candidates/{ida.person.slug}/"
    client.force_login(stage.accounts["ann"])
    page = client.get(address).content.decode()
    assert (
        "Ida Candidate does not stand yet and needs 3 more endorsements and endorsements from 3 more employers" in page
    )
    assert "Endorse Ida Candidate" in page
    page = client.post(f"{address}endorsement/", {"act": "endorse"}, follow=True).content.decode()
    assert "employer: Acme" in page
    assert "Withdraw my endorsement" in page
    assert "2 more endorsements" in client.get(stage.election.get_absolute_url()).content.decode()
    page = client.post(f"{address}endorsement/", {"act": "endorse"}, follow=True).content.decode()
    assert "You have endorsed Ida Candidate" in page
    client.post(f"{address}endorsement/", {"act": "take-back"})
    assert endorsers(ida) == []
    nominations_are_over(stage)
    page = client.get(address).content.decode()
    assert "Ida Candidate does not stand: nominations closed without 3 more endorsements" in page
    assert (
        "Ida Candidate did not get the endorsements" in client.get(stage.election.get_absolute_url()).content.decode()
    )
    write_down_what_holds()
    page = client.get(address).content.decode()
    assert "does not stand, for nominations closed without the endorsements asked for" in page


def test_observers_are_given_who_endorsed_with_their_employers(client: Client) -> None:
    stage, ida = nominated()
    employed(stage, ann="Acme")
    endorsed_by(stage, ida, "ann", "ben")
    told = client.get(f"{stage.election.get_absolute_url()}observers.json").json()
    assert told["rules"]["endorsements"] == 3
    (nomination,) = told["nominations"]
    assert nomination["endorsed_by"] == [
        {"person": stage.person("ann").slug, "employers": ["Acme"]},
        {"person": stage.person("ben").slug, "employers": []},
    ]
