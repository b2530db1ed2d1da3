"""Imports are applied and undone whole: terms are dated, a rerun changes nothing, what a person entered stays."""

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from django.apps import apps
from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from ecosystem.actions.areas import add_area
from ecosystem.actions.identities import add_identity, rename_login
from ecosystem.actions.merging import merge_people
from ecosystem.actions.requests import ask, remove_name
from ecosystem.models import Affiliation, Area, Employer, Identity, Login, Person
from governance.actions.import_rows import Writing
from governance.actions.imports import ImportRefused, apply_import, difference_digest, propose_import
from governance.actions.offices import begin_term, end_term
from governance.actions.undoing import undo_import
from governance.importing.read_source import read_source
from governance.importing.reading import PersonRead, Place, ProposalRead, Reading
from governance.models import Import, ImportChange, ImportTrace, ImportUnread, Office, Proposal, Term
from governance.queries.imports import difference_of
from record.models import Event
from tests.factories.people import a_person, a_project, an_account, an_office
from tests.factories.sources_of_imports import applied_in_order, dated, dated_reading, imported
from tests.site_fixtures import collected_static
from tests.unit.importing.test_github_teams import BERT, Loom, member

__all__ = ["collected_static"]

pytestmark = pytest.mark.django_db

D0, D1, D2 = date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)
FIRST = "lead: ada Ada Example\ncore: bert Bert Example, Loom Works\nshuttle: cora Cora Example\n"
SECOND = (
    "lead: bert Bert Example\ncore: bert Bert Example, Weave House\ncore: ada Ada Example\n"
    "shuttle: ~cora Cora Example\nheddle: dora Dora Example\n"
)


@pytest.fixture(autouse=True)
def project():
    return a_project()


def terms():
    return sorted(
        (
            (term.office.slug, term.person.name, term.standing, term.held.lower, term.held.upper)
            for term in Term.objects.select_related("office", "person")
        ),
        key=str,
    )


def facts():
    """Return all rows that an import may change, without their numbers."""
    people = {
        (person.name, *sorted((one.value, one.number) for one in person.identities.all()))
        for person in Person.objects.prefetch_related("identities")
    }
    areas = {(one.slug, one.name, one.known_from, one.sunset_on) for one in Area.objects.all()}
    offices = {(one.slug, one.name, one.role, one.area and one.area.slug) for one in Office.objects.all()}
    employed = {(str(one.person), str(one.employer), str(one.held)) for one in Affiliation.objects.all()}
    return people, areas, offices, employed, terms()


def rows_everywhere():
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def test_a_first_revision_brings_everybody_and_no_beginning():
    imported(FIRST, D1)
    assert terms() == [
        ("core", "Bert Example", "active", None, None),
        ("lead", "Ada Example", "active", None, None),
        ("shuttle", "Cora Example", "active", None, None),
    ]
    assert Identity.objects.get(value="ada").person.name == "Ada Example"
    assert str(Affiliation.objects.get().employer) == "Loom Works"


def test_two_revisions_date_the_terms():
    applied_in_order({D1: FIRST, D2: SECOND})
    assert ("lead", "Ada Example", "active", None, D2) in terms()
    assert ("lead", "Bert Example", "active", D2, None) in terms()
    assert ("shuttle", "Cora Example", "active", None, D2) in terms()
    assert ("shuttle", "Cora Example", "emeritus", D2, None) in terms()
    assert ("heddle", "Dora Example", "active", D2, None) in terms()
    assert Term.objects.get(office__slug="lead", held__endswith=D2).note.endswith(
        "as far as the revisions of these days tell."
    )
    employed = {str(one.employer): (one.held.lower, one.held.upper) for one in Affiliation.objects.all()}
    assert employed == {"Loom Works": (None, D2), "Weave House": (D2, None)}


def test_the_order_of_importing_changes_no_fact():
    rosters = {D0: "lead: cora Cora Example\n", D1: FIRST, D2: SECOND}
    seen = []
    for order in permutations(rosters):
        done = applied_in_order({on: rosters[on] for on in order})
        seen.append(facts())
        for one in reversed(done):
            undo_import(imported=one, by=None)
        assert terms() == []
    assert all(one == seen[0] for one in seen)


def test_importing_the_same_again_writes_nothing():
    imported(FIRST, D1)
    before = rows_everywhere()
    again, is_new = propose_import(dated=dated(FIRST, D1), by=None)
    assert not is_new
    assert difference_of(again).empty
    assert rows_everywhere() == before


def test_the_same_of_another_day_differs_in_nothing():
    imported(FIRST, D1)
    before = facts()
    _, differing = imported(FIRST, D2)
    assert differing.empty
    assert facts() == before


def test_undoing_gives_back_exactly_what_was_there():
    ada = a_person("Ada Example", "ADA")
    office = an_office("lead", kind="lead", seats=1)
    begin_term(office=office, person=ada, on=date(2019, 1, 1), source="https://example.org", by=None)
    before = facts()
    one, two = applied_in_order({D1: FIRST, D2: SECOND})
    assert facts() != before
    undo_import(imported=two, by=None)
    undo_import(imported=one, by=None)
    assert facts() == before
    assert not ImportTrace.objects.exists()
    assert [event.kind for event in Event.objects.filter(subject=one.subject)] == [
        "import.proposed", "import.applied", "import.undone",
    ]  # fmt: skip
    assert one.changes.exists()


def test_undoing_the_first_of_two_keeps_the_second():
    one, _ = applied_in_order({D1: FIRST, D2: SECOND})
    undo_import(imported=one, by=None)
    after = facts()
    for kept in Import.objects.filter(state="applied"):
        undo_import(imported=kept, by=None)
    imported(SECOND, D2)
    assert facts() == after


def test_what_was_undone_can_be_imported_again():
    one, _ = imported(FIRST, D1)
    before = facts()
    undo_import(imported=one, by=None)
    imported(FIRST, D1)
    assert facts() == before


def test_a_term_entered_by_hand_keeps_its_day_and_is_not_doubled():
    ada = a_person("Ada Example", "ADA")
    office = an_office("lead", kind="lead", seats=1)
    begin_term(office=office, person=ada, on=date(2018, 3, 4), source="https://example.org", by=None)
    _, differing = imported(FIRST, D1)
    assert not differing.conflicts
    assert Office.objects.filter(kind="lead").count() == 1
    assert ("lead", "Ada Example", "active", date(2018, 3, 4), None) in terms()


def test_an_area_and_its_office_are_recognised_by_name():
    area = add_area(
        project=a_project(),
        slug="s",
        name="Shuttle",
        path_patterns=[],
        benchmark_tags=[],
        source="https://e.org",
        by=None,
    )
    office = an_office("s-maintainer", kind="area", area=area)
    imported(FIRST, D1)
    assert Area.objects.filter(name="Shuttle").count() == 1
    assert office.terms.get().person.name == "Cora Example"
    assert office.terms.get().office.name == "office of s-maintainer"


def test_an_end_that_somebody_entered_since_is_told_and_stays():
    imported(FIRST, D0)
    term = Term.objects.get(office__slug="core")
    end_term(term=term, on=date(2020, 5, 5), source="https://example.org", by=None)
    _, differing = imported(FIRST, D1)
    assert ["Bert Example" in one.words for one in differing.conflicts] == [True]
    assert ("core", "Bert Example", "active", None, date(2020, 5, 5)) in terms()
    assert ImportChange.objects.filter(verb="conflict").count() == 1


def test_an_end_that_somebody_took_back_is_not_set_again():
    applied_in_order({D0: FIRST, D1: "lead: ada Ada Example\ncore:\nshuttle: cora Cora Example\n"})
    term = Term.objects.get(office__slug="core")
    term.held = DateRange(None, None)
    term.save()
    _, differing = imported("lead: ada Ada Example\ncore:\n", D2)
    assert any("Bert Example" in one.words for one in differing.conflicts)
    assert ("core", "Bert Example", "active", None, None) in terms()


def test_a_name_that_somebody_corrected_stays():
    imported(FIRST, D0)
    Person.objects.filter(name="Cora Example").update(name="Cora van Example")
    _, differing = imported(SECOND, D1)
    assert any("Cora van Example" in one.words for one in differing.conflicts)
    assert not Person.objects.filter(name="Cora Example").exists()


def test_somebody_appointed_by_hand_whom_no_revision_lists_is_told_and_stays():
    imported(FIRST, D0)
    zora = a_person("Zora Example", "zora")
    begin_term(
        office=Office.objects.get(slug="core"), person=zora, on=date(2020, 6, 1), source="https://example.org", by=None
    )
    _, differing = imported(SECOND, D1)
    assert any("Zora Example" in one.words for one in differing.conflicts)
    assert ("core", "Zora Example", "active", date(2020, 6, 1), None) in terms()


def test_a_term_that_somebody_removed_is_not_brought_back():
    imported(FIRST, D0)
    Term.objects.filter(office__slug="core").delete()
    _, differing = imported(FIRST, D1)
    assert any("removed here" in one.words for one in differing.conflicts)
    assert not Term.objects.filter(office__slug="core").exists()


def test_what_somebody_changed_since_stands_in_the_way_of_undoing():
    one, _ = imported(FIRST, D0)
    end_term(term=Term.objects.get(office__slug="core"), on=date(2020, 5, 5), source="https://example.org", by=None)
    before = rows_everywhere(), facts()
    with pytest.raises(ImportRefused, match=r"Bert Example, core: .* was changed here since"):
        undo_import(imported=one, by=None)
    assert (rows_everywhere(), facts()) == before


def test_an_account_or_a_term_that_leans_on_a_person_stands_in_the_way_of_undoing():
    one, _ = imported(FIRST, D0)
    an_account("cora", person=Person.objects.get(name="Cora Example"))
    weaver = an_office("weaver", kind="other")
    begin_term(office=weaver, person=Person.objects.get(name="Ada Example"), on=D0, source="https://e.org", by=None)
    before = rows_everywhere(), facts()
    with pytest.raises(ImportRefused) as refused:
        undo_import(imported=one, by=None)
    assert len(refused.value.reasons) == 2
    assert (rows_everywhere(), facts()) == before


def test_people_are_found_by_number_then_by_login_without_case_and_never_merged_by_name():
    a_person("Ada Example", "AdA")
    Identity.objects.update(number=7)
    people = (
        PersonRead("ada2", "Ada Second", Place("roster.txt", 1), github="ada2", github_number=7),
        PersonRead("bert", "Ada Example", Place("roster.txt", 2), github="bert"),
        PersonRead("ada-example", "Ada Example", Place("roster.txt", 3)),
    )
    proposed, _ = propose_import(dated=dated_reading(Reading("loomery", "roster", people=people), D1), by=None)
    apply_import(imported=proposed, by=None)
    assert Person.objects.count() == 3  # who has no login is nobody known in the project
    assert Identity.objects.get(number=7).value == "ada2"
    assert [one.value for one in Login.objects.order_by("held")] == ["AdA", "ada2"]


def test_a_login_that_another_account_bears_is_a_conflict():
    a_person("Ada Example", "ada")
    Identity.objects.update(number=7)
    people = (PersonRead("ada", "Somebody Else", Place("roster.txt", 1), github="ada", github_number=8),)
    proposed, _ = propose_import(dated=dated_reading(Reading("loomery", "roster", people=people), D1), by=None)
    _, differing = apply_import(imported=proposed, by=None)
    assert [one.kind for one in differing.conflicts] == ["person"]
    assert Person.objects.count() == 1


def test_a_login_given_up_is_still_the_same_person():
    imported(FIRST, D0)
    account = Identity.objects.get(value="ada")
    account.number = 7
    account.save()
    rename_login(identity=account, login="ada2", on=D1, source="https://example.org", by=None)
    people = (PersonRead("ada2", "Ada Example", Place("roster.txt", 1), github="ada2", github_number=7),)
    proposed, _ = propose_import(dated=dated_reading(Reading("loomery", "roster", people=people), D2), by=None)
    apply_import(imported=proposed, by=None)
    assert Person.objects.filter(name="Ada Example").count() == 1


def test_an_employer_counted_under_another_name_is_that_employer():
    kept = Employer.objects.create(slug="loom", name="Loom")
    Employer.objects.create(slug="loom-works", name="Loom Works", merged_into=kept)
    imported(FIRST, D0)
    assert difference_of(Import.objects.get()).empty
    _, differing = imported(FIRST.replace("Loom Works", "Loom"), D1)
    assert differing.empty


def test_an_area_that_is_listed_no_more_is_kept_up_no_more():
    applied_in_order({D0: FIRST, D1: "lead: ada Ada Example\ncore:\n"})
    assert Area.objects.get(slug="shuttle").sunset_on == D1
    imported(FIRST, D2)
    assert Area.objects.get(slug="shuttle").sunset_on is None


def test_an_area_is_known_from_the_revision_that_first_lists_it():
    applied_in_order({D1: SECOND, D0: FIRST})
    assert Area.objects.get(slug="heddle").known_from == D1
    assert Area.objects.get(slug="shuttle").known_from is None


def test_a_revision_of_which_nothing_could_be_placed_ends_nothing():
    imported(FIRST, D0)
    _, differing = imported("nothing here can be placed\n", D1)
    assert differing.empty
    assert ImportUnread.objects.get().line == 1


def test_a_second_lead_finds_no_seat_and_is_told():
    _, differing = imported("lead: ada Ada Example\nlead: bert Bert Example\n", D0)
    assert ["seat" in one.words for one in differing.conflicts] == [True]
    assert Term.objects.count() == 1


def test_the_offices_of_another_project_bear_its_name():
    a_project("weavers", kept=False)
    reading = replace(dated(FIRST, D0).reading, project="weavers")
    proposed, _ = propose_import(dated=dated_reading(reading, D0), by=None)
    apply_import(imported=proposed, by=None)
    assert set(Office.objects.values_list("slug", flat=True)) == {"weavers-lead", "weavers-core", "weavers-shuttle"}


def test_applying_what_has_changed_since_it_was_shown_is_refused():
    proposed, _ = propose_import(dated=dated(FIRST, D0), by=None)
    seen = difference_digest(difference_of(proposed))
    a_person("Ada Example", "ada")
    with pytest.raises(ImportRefused, match="changed since"):
        apply_import(imported=proposed, seen=seen, by=None)
    assert Import.objects.get().state == "proposed"
    apply_import(imported=proposed, seen=difference_digest(difference_of(proposed)), by=None)


def test_applying_or_undoing_twice_is_refused():
    one, _ = imported(FIRST, D0)
    with pytest.raises(ImportRefused, match="applied, not proposed"):
        apply_import(imported=one, by=None)
    undo_import(imported=one, by=None)
    with pytest.raises(ImportRefused, match="undone, not applied"):
        undo_import(imported=one, by=None)


def test_a_write_that_fails_in_the_middle_leaves_nothing(monkeypatch):
    proposed, _ = propose_import(dated=dated(FIRST, D0), by=None)
    before = rows_everywhere()

    def fail(self, changes):
        raise IntegrityError("the loom broke")

    monkeypatch.setattr(Writing, "add_terms", fail)
    with pytest.raises(ImportRefused, match="the loom broke"):
        apply_import(imported=proposed, by=None)
    assert rows_everywhere() == before


def test_one_event_an_import_says_who_leads():
    one, _ = imported(FIRST, D0)
    events = list(Event.objects.filter(subject=one.subject))
    assert [event.kind for event in events] == ["import.proposed", "import.applied"]
    assert any("Ada Example" in words for words in events[1].data["leads_and_core"])
    assert Event.objects.filter(kind="term.began").count() == 0


def test_the_list_of_what_was_done_cannot_be_changed():
    imported(FIRST, D0)
    with pytest.raises(IntegrityError):
        ImportChange.objects.update(words="nothing")


def test_somebody_entered_twice_and_merged_has_each_term_dated_under_both_entries_and_none_lost():
    imported("core: ada Ada Example\ncore: ada2 Ada Example\n", D0)
    two = [Person.objects.get(identities__value=login) for login in ("ada", "ada2")]
    merge_people(person=two[1], into=two[0], reason="said so", by=None)
    _, differing = imported("core: ada Ada Example\n", D1)
    assert differing.empty
    assert not differing.conflicts
    imported("core:\n", D2)
    assert {(term.person_id, term.held.upper) for term in Term.objects.all()} == {(one.pk, D2) for one in two}


def proposal(number, *, title="Weave", state="open", authors=("ada",), on=D0, **more):
    people = tuple(PersonRead(login, login.title(), Place("roster.txt", 1), github=login) for login in ("ada", "bert"))
    read = ProposalRead(number, title, Place("roster.txt", 2), state=state, authors=authors, **more)
    reading = Reading("loomery", "roster", people=people, proposals=(read,))
    proposed, _ = propose_import(dated=dated_reading(reading, on), by=None)
    return apply_import(imported=proposed, by=None)


def test_a_proposal_follows_the_newest_revision_whatever_came_last():
    proposal("12", state="accepted", on=D1, positions={"bert": "-1"})
    proposal("12", state="open", on=D0)
    found = Proposal.objects.get()
    assert found.state == "accepted"
    assert [str(one) for one in found.authors.all()] == ["Ada"]
    assert found.positions.get().stand == "object"


def test_undoing_takes_a_proposal_off_the_lists_and_importing_puts_it_back():
    one, _ = proposal("12")
    undo_import(imported=one, by=None)
    assert Proposal.objects.get().retracted_at is not None
    proposal("12")
    assert Proposal.objects.get().retracted_at is None
    assert Person.objects.count() == 2


def test_undoing_the_newer_of_two_gives_a_proposal_back_as_it_was():
    proposal("12", title="Weave", state="open", on=D0)
    newer, _ = proposal("12", title="Weave well", state="accepted", authors=("bert",), on=D1)
    undo_import(imported=newer, by=None)
    found = Proposal.objects.get()
    assert (found.title, found.state, [str(one) for one in found.authors.all()]) == ("Weave", "open", ["Ada"])


def test_a_proposal_that_moved_here_since_or_was_opened_here_stays_and_is_told():
    proposal("12", on=D0)
    Proposal.objects.update(state="shelved")
    _, differing = proposal("12", state="accepted", on=D1)
    assert Proposal.objects.get().state == "shelved"
    assert ["shelved" in one.words for one in differing.conflicts] == [True]
    Proposal.objects.create(project=a_project(), number="13", slug="loomery-13", title="Dye", state="draft")
    _, differing = proposal("13", on=D1)
    assert Proposal.objects.get(number="13").title == "Dye"
    assert differing.conflicts


def random_roster(chance):
    lines = []
    for office in ("core", "shuttle", "heddle"):
        if chance.random() < 0.8:
            lines.append(f"{office}:")
            for login in chance.sample(["ada", "bert", "cora"], chance.randint(0, 3)):
                emeritus = "~" if chance.random() < 0.3 else ""
                name = chance.choice(["Example", "van Example"])
                employer = chance.choice(["", ", Loom Works", ", Weave House"])
                lines.append(f"{office}: {emeritus}{login} {login.title()} {name}{employer}")
    if chance.random() < 0.7:
        lines.insert(0, f"lead: {chance.choice(['ada', 'bert'])} Lead Example")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(12))
def test_whatever_was_imported_and_undone_only_what_stays_applied_counts(seed):
    chance = random.Random(seed)
    days = chance.sample(range(400), 5)
    rosters = {D0 + timedelta(days=day): random_roster(chance) for day in days}
    if seed % 2:
        ada = a_person("Ada Example", "ada")
        core = an_office("core", kind="core")
        begin_term(
            office=core, person=ada, on=chance.choice([None, D0 - timedelta(days=9)]), source="https://e.org", by=None
        )
    before = facts()
    done = dict(zip(rosters, applied_in_order(rosters), strict=True))
    undone = chance.sample(sorted(done), 2)
    for on in undone:
        undo_import(imported=done[on], by=None)
    left = facts()
    for on in chance.sample(sorted(set(done) - set(undone)), 3):
        undo_import(imported=done[on], by=None)
    assert facts() == before
    staying = [on for on in rosters if on not in undone]
    chance.shuffle(staying)
    applied_in_order({on: rosters[on] for on in staying})
    assert facts() == left


def test_an_organisation_on_github_is_read_day_by_day(monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "throw-away")
    loom = Loom()
    with loom.open() as address:
        monkeypatch.setenv("GITHUB_API_URL", address)
        for day in (D0, D1):
            proposed, _ = propose_import(dated=read_source("github:loom", today=day), by=None)
            apply_import(imported=proposed, by=None)
            loom.answer("/orgs/loom/teams/weavers/members", [member("ada-lovely", 11)], role="maintainer")
            loom.answer("/orgs/loom/teams/weavers/members", [BERT], role="member")
    assert Identity.objects.get(number=11).value == "ada-lovely"
    assert Person.objects.filter(identities__number=11).count() == 1
    found = {(term.office.slug, term.person.identities.get().number, term.held.upper) for term in Term.objects.all()}
    assert found == {
        ("loom-weavers-team-maintainer", 11, None),
        ("loom-weavers-team-member", 12, None),
        ("loom-weavers-team-member", 13, D1),
        ("loom-dyers-team-member", 13, None),
    }


def test_what_somebody_added_to_an_imported_row_stands_in_the_way_of_undoing():
    one, _ = imported(FIRST, D0)
    Office.objects.filter(slug="core").update(signs_releases=True)
    Area.objects.update(benchmark_tags=["attention"])
    Term.objects.filter(office__slug="shuttle").update(expires_on=D2)
    cora = Person.objects.get(name="Cora Example")
    add_identity(person=cora, kind="git_author", value="Cora", source="https://example.org", by=None)
    before = rows_everywhere()
    with pytest.raises(ImportRefused) as refused:
        undo_import(imported=one, by=None)
    assert len(refused.value.reasons) == 4
    assert rows_everywhere() == before


def test_a_login_renamed_twice_in_one_day_is_told_and_everything_else_applied():
    for login in ("ada", "ada2", "ada3"):
        people = (PersonRead(login, "Ada Example", Place("roster.txt", 1), github=login, github_number=7),)
        proposed, _ = propose_import(dated=dated_reading(Reading("loomery", "roster", people=people), D1), by=None)
        _, differing = apply_import(imported=proposed, by=None)
    assert ["ada2 is borne" in one.words for one in differing.conflicts] == [True]
    assert Identity.objects.get(number=7).value == "ada2"


def test_offices_of_a_project_with_a_long_name_have_addresses_that_fit():
    office = "a-very-long-office-" * 5
    reading = replace(dated(f"{office}: ada Ada Example\n", D0).reading, project="an-organisation-with-a-long-name")
    proposed, _ = propose_import(dated=dated_reading(reading, D0), by=None)
    apply_import(imported=proposed, by=None)
    assert len(Office.objects.get().slug) <= 120
    assert len(Area.objects.get().slug) <= 80
    assert difference_of(proposed).empty


def test_proposals_without_a_number_or_with_a_taken_one_are_told():
    reads = tuple(
        ProposalRead(number, title, Place("roster.txt", line))
        for line, (number, title) in enumerate([("1", "Weave"), ("", "Dye"), ("1", "Card")], 1)
    )
    found = dated_reading(Reading("loomery", "roster", proposals=reads), D0).reading
    assert [one.title for one in found.proposals] == ["Weave"]
    assert [(one.place.line, one.text) for one in found.unread] == [(2, "Dye"), (3, "Card")]


@pytest.mark.usefixtures("collected_static")
def test_who_asked_not_to_be_named_is_not_named_by_the_next_revision_nor_entered_again():
    one, _ = imported("core: ada Ada Example, Loom Works\ncore: bert Bert Example\nthis is Ada Example too\n", D0)
    ada = Person.objects.get(name="Ada Example")
    asked = ask(person=ada, kind="removal", words="please", contact="", address="")
    remove_name(person=ada, request=asked, by=None)
    two, differing = imported("core: ada Ada Example, Weave House\nheddle: ada Ada Example\n", D1)
    assert Person.objects.count() == 2
    assert not any("Ada Example" in said.words for said in (*differing.conflicts, *differing.changes))
    assert not Affiliation.objects.filter(employer__name="Weave House").exists()
    for found in (one, two):
        page = Client().get(found.get_absolute_url()).content.decode()
        assert "Ada Example" not in page
        assert "a person who asked not to be named" in page


def test_what_another_source_wrote_into_a_shared_row_is_no_persons_word():
    one, _ = imported("core: ada\ncore: bert Bert Example\n", D0)
    other = replace(dated("core: ada Ada Example\n", D1).reading, project="weavers", format="other")
    proposed, _ = propose_import(dated=dated_reading(other, D1), by=None)
    apply_import(imported=proposed, by=None)
    assert Person.objects.filter(name="Ada Example").exists()
    two, differing = imported("core: ada\ncore: bert Bert Example\nheddle: bert Bert Example\n", D1)
    assert not differing.conflicts
    assert Person.objects.filter(name="Ada Example").exists()
    for done in (two, one):
        undo_import(imported=done, by=None)
    assert list(Person.objects.values_list("name", flat=True)) == ["Ada Example"]  # the other source names her still
