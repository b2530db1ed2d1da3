"""The state of the flame: one sentence, and only the parts that there are."""

from datetime import date

import pytest
from django.test import Client

from governance.actions.offices import begin_term, end_term
from governance.models import Office
from tests.factories.measured import a_measured_night
from tests.factories.people import SOURCE, a_build, a_night, a_person, a_release, an_area, an_office
from tests.site_fixtures import collected_static

__all__ = ["collected_static"]
pytestmark = pytest.mark.django_db


def home(client: Client) -> tuple[str, str, str]:
    response = client.get("/")
    assert response.status_code == 200
    sentence = response.context["sentence"]
    return sentence.text, sentence.tone, response.content.decode()


def test_a_site_without_a_lead_says_so_first(client: Client) -> None:
    text, tone, page = home(client)
    assert (text, tone) == ("The lead's seat is vacant.", "fail")
    assert "The next release" not in page
    assert "Areas with one maintainer" not in page


def test_who_leads_by_which_decision_and_who_led_before(client: Client) -> None:
    office = an_office("lead", kind=Office.Kind.LEAD)
    first = begin_term(office=office, person=a_person("Ada Example"), on=date(2014, 1, 1), source=SOURCE, by=None)
    end_term(term=first, on=date(2025, 11, 17), source=SOURCE, by=None)
    assert "since 17 November 2025" in home(client)[2], "a vacant seat says since when"
    begin_term(office=office, person=a_person("Bo Example"), on=date(2026, 5, 2), source=SOURCE, by=None)
    text, _, page = home(client)
    assert text == "Bo Example leads."
    assert f'<a href="{SOURCE}">this decision</a>' in page
    assert "until 17 November 2025" in page


def test_the_last_night_is_a_dot_a_point_and_decides_the_tone(client: Client) -> None:
    begin_term(
        office=an_office("lead", kind=Office.Kind.LEAD), person=a_person(), on=date(2026, 5, 2), source=SOURCE, by=None
    )
    a_measured_night()
    text, tone, _ = home(client)
    assert (text, tone) == ("Ada Example leads and last night found nothing slower.", "pass")
    a_measured_night({"softmax.float32.rows": 1.5})
    text, tone, page = home(client)
    assert (text, tone) == ("Ada Example leads and last night found 1 point slower.", "fail")
    line = page[page.index('<ul class="dots">') : page.index("a dot a point")]
    assert line.count("</a>") == 4


def test_an_inconclusive_point_never_reads_as_well(client: Client) -> None:
    a_night(a_build(), a_build("2.13.0"), {"attention.causal": "inconclusive", "gemm.float32.square": "pass"})
    text, tone, _ = home(client)
    assert "nothing slower but 1 point inconclusive" in text
    assert tone == "fail", "the vacant seat outweighs it"


def test_the_next_release_stands_there_with_its_gates_sentence(client: Client) -> None:
    release = a_release("2.14.0", candidate=a_build())
    text, _, page = home(client)
    assert "2.14.0 is held" in text
    assert f'href="{release.get_absolute_url()}"' in page


def test_areas_that_hang_by_one_are_named(client: Client) -> None:
    area = an_area("looms")
    an_office("looms", kind=Office.Kind.AREA, area=area)
    text, _, page = home(client)
    assert "1 area hangs on one maintainer or none" in text
    assert "<strong>nobody</strong>" in page


def test_what_changed_names_what_came_of_it_and_not_each_row_that_came_with_it(client: Client) -> None:
    person = a_person("Ada Example")
    begin_term(
        office=an_office("lead", kind=Office.Kind.LEAD), person=person, on=date(2026, 5, 2), source=SOURCE, by=None
    )
    told = [event.kind for event in client.get("/").context["events"]]
    assert told == ["term.began"], "neither that a person was added nor that an office was defined"
