"""Still interested? Asked of who is in office, answered by them alone, and ending nothing."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from ecosystem.actions.merging import merge_people
from governance.actions.check_ins import CheckInRefused, answer_check_in, ask_whether_interested
from governance.actions.offices import begin_term, end_term
from governance.models import CheckIn, Term
from governance.policies.check_ins import may_answer, may_ask
from governance.queries.check_ins import awaiting
from record.models import Event
from tests.factories.people import SOURCE, a_person, a_project, an_account, an_office

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 1)


@pytest.fixture
def term() -> Term:
    return begin_term(office=an_office(), person=a_person(), on=date(2020, 1, 1), source=SOURCE, by=None)


def asked(term: Term, on: date = DAY) -> CheckIn:
    return ask_whether_interested(term=term, on=on, by="grace")


def answered(check_in: CheckIn, answer: str = "active") -> CheckIn:
    return answer_check_in(check_in=check_in, answer=answer, on=DAY + timedelta(days=3), by="ada")


def test_who_is_in_office_is_asked_once_at_a_time(term: Term) -> None:
    check_in = asked(term)
    assert check_in.answer_by == date(2026, 5, 31)
    with pytest.raises(CheckInRefused, match="asked on 2026-05-01 and has not answered"):
        asked(term, date(2026, 9, 1))
    answered(check_in)
    asked(term, date(2026, 9, 1))
    with pytest.raises(IntegrityError, match="check_in_asked_once"), transaction.atomic():
        CheckIn.objects.create(term=term, asked_on=DAY, answer_by=DAY)


def test_who_is_not_in_office_is_not_asked(term: Term) -> None:
    emeritus = begin_term(
        office=an_office("other"),
        person=a_person("Grace Example"),
        on=None,
        standing="emeritus",
        source=SOURCE,
        by=None,
    )
    end_term(term=term, on=DAY, source=SOURCE, by=None)
    for one in (term, emeritus):
        with pytest.raises(CheckInRefused, match="is not office of"):
            asked(one)
    with pytest.raises(CheckInRefused, match="is not office of"):
        asked(term, date(2019, 1, 1))


def test_an_answer_or_none_ends_no_term(term: Term) -> None:
    check_in = asked(term)
    assert [check_in.said(day) for day in (DAY, date(2026, 5, 31), date(2026, 6, 1))] == [
        "an answer is awaited",
        "an answer is awaited",
        "no answer",
    ]
    assert answered(check_in, "step_back").said(DAY) == "would step back"
    term.refresh_from_db()
    assert term.held.upper is None
    with pytest.raises(CheckInRefused, match="answered on 2026-05-04"):
        answered(check_in)
    with pytest.raises(CheckInRefused, match="one of active, step_back"):
        answered(asked(term, date(2026, 9, 1)), "maybe")


def test_both_are_in_the_record(term: Term) -> None:
    answered(asked(term))
    events = Event.objects.filter(kind__startswith="check_in.").order_by("position")
    assert [(event.actor, event.summary) for event in events] == [
        ("grace", "Ada Example was asked whether they are still interested in being office of core."),
        ("ada", "Ada Example is still interested in being office of core."),
    ]


def test_who_leads_may_ask_and_only_who_was_asked_may_answer(term: Term) -> None:
    project = a_project()
    lead = begin_term(
        office=an_office("lead", kind="lead"),
        person=a_person("Grace Example"),
        on=date(2020, 1, 1),
        source=SOURCE,
        by=None,
    )
    grace = an_account("grace", person=lead.person)
    stranger = an_account("stranger", person=a_person("Zoe Example"))
    admin, staff = an_account("admin", is_superuser=True), an_account("staff", is_staff=True)
    assert [may_ask(user, project, DAY) for user in (grace, admin, stranger, staff)] == [True, True, False, False]
    assert not may_ask(grace, project, date(2019, 1, 1))
    check_in = asked(term)
    ada = an_account("ada", person=term.person)
    assert [may_answer(user, check_in) for user in (ada, grace, admin)] == [True, False, False]


def test_who_was_merged_answers_as_who_is_kept(term: Term) -> None:
    kept = a_person("Ada B. Example")
    merge_people(person=term.person, into=kept, reason="one human", by=None)
    check_in = asked(term)
    assert list(awaiting(kept)) == [check_in] == list(awaiting(Term.objects.get().person))
    assert may_answer(an_account("ada", person=kept), CheckIn.objects.get())


def test_the_question_is_put_and_answered_on_pages(client: Client) -> None:
    today = timezone.localdate()
    term = begin_term(office=an_office(), person=a_person(), on=date(2020, 1, 1), source=SOURCE, by=None)
    assert "Ask: still interested?" not in client.get("/offices/core/").content.decode()
    client.force_login(an_account("admin", is_superuser=True))
    assert "Ask: still interested?" in client.get("/offices/core/").content.decode()
    assert client.post(f"/check-ins/ask/{term.pk}/").status_code == 302
    check_in = CheckIn.objects.get()
    assert "an answer is awaited" in client.get("/offices/core/").content.decode()
    assert client.post(f"/check-ins/{check_in.pk}/answer/", {"answer": "active"}).status_code == 403
    client.force_login(an_account("ada", person=term.person))
    assert client.post(f"/check-ins/ask/{term.pk}/", follow=True).content.decode().count("has not answered")
    page = client.get("/check-ins/")
    assert page.context["sentence"] == "You were asked whether you are still interested in 1 office that you hold."
    client.post(f"/check-ins/{check_in.pk}/answer/", {"answer": "active"})
    check_in.refresh_from_db()
    assert (check_in.answer, check_in.answered_on) == ("active", today)
    assert "Nobody has asked you" in client.get("/check-ins/").context["sentence"]
    assert "still interested" in client.get("/offices/core/").content.decode()
