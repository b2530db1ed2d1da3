"""What awaits me, from every room of decisions."""

from datetime import date

import pytest
from django.test import Client

from governance.actions.check_ins import ask_whether_interested
from governance.actions.offices import begin_term
from governance.models import User
from tests.factories.people import SOURCE, a_person, a_signatory, an_account, an_office

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def asked(user: User) -> None:
    """Ask somebody whether they are still interested in their office."""
    (term,) = user.person.terms.all()
    ask_whether_interested(term=term, on=TODAY, by=an_account("asker", is_superuser=True))


def test_with_nothing_to_do_the_page_says_what_would_be_here(client: Client) -> None:
    client.force_login(a_signatory())
    answer = client.get("/portal/")
    assert answer.context["sentence"] == "Nothing awaits you; you maintain no area."
    assert "appear here, the first to close on top" in answer.content.decode()


def test_a_question_awaits_who_was_asked_and_nobody_else(client: Client) -> None:
    user, other = a_signatory(), a_signatory("grace", "Grace Example")
    asked(user)
    client.force_login(user)
    answer = client.get("/portal/")
    assert answer.context["sentence"].startswith("1 thing awaits you; ")
    assert "Say whether you are still interested in being office of core." in answer.content.decode()
    client.force_login(other)
    assert client.get("/portal/").context["sentence"].startswith("Nothing awaits you")


def test_a_merged_entrys_offices_are_its_humans(client: Client) -> None:
    kept, double = a_person("Grace Example"), a_person("G. Example")
    begin_term(office=an_office(), person=double, on=None, source=SOURCE, by=None)
    double.merged_into = kept
    double.save()
    client.force_login(an_account("grace", person=kept))
    assert [str(term.office) for term in client.get("/portal/").context["duties"].terms] == ["office of core"]
