"""A GitHub account is renamed: who keeps people notes the new login, the one before stays, and nobody's is taken."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ecosystem.actions.identities import IdentityRefused, rename_login
from ecosystem.models import Login, Person
from record.models import Event
from tests.factories.people import SOURCE, a_person, an_account

pytestmark = pytest.mark.django_db
THERE = "/people/ada-example/login/"


@pytest.fixture
def ada() -> Person:
    return a_person("Ada Example", github="ada-weaves")


@pytest.fixture
def keeper(client: Client) -> Client:
    client.force_login(an_account("root", is_superuser=True))
    return client


def sent(client: Client, person: Person, **said: object):
    account = person.identities.get()
    whole = {"account": account.pk, "login": "ada-spins", "on": "2024-05-01", "source": SOURCE, **said}
    return client.post(THERE, whole)


def test_the_new_login_is_shown_and_the_one_before_is_history(keeper: Client, ada: Person) -> None:
    assert f'href="{THERE}"' in keeper.get(ada.get_absolute_url()).content.decode()
    assert keeper.get(THERE).context["sentence"] == (
        "Ada Example is ada-weaves on GitHub: note a new login, and the one before stays as history."
    )
    assert sent(keeper, ada).status_code == 302
    assert ada.identities.get().value == "ada-spins"
    held = [(one.value, one.held.lower, one.held.upper) for one in Login.objects.order_by("held")]
    assert held == [("ada-weaves", None, date(2024, 5, 1)), ("ada-spins", date(2024, 5, 1), None)]
    page = keeper.get(ada.get_absolute_url()).content.decode()
    assert "ada-spins" in page
    assert "ada-weaves" in page
    last = Event.objects.latest("position")
    assert (last.kind, last.actor, last.subject) == ("identity.renamed", "root", "person/ada-example")


@pytest.mark.parametrize("login", ["bert-weaves", "BERT-Weaves"])
def test_a_login_of_somebody_else_is_refused_by_name_whatever_its_case(keeper: Client, ada: Person, login: str) -> None:
    a_person("Bert Example", github="bert-weaves")
    events = Event.objects.count()
    page = sent(keeper, ada, login=login)
    assert page.status_code == 422
    assert "The GitHub account bert-weaves is Bert Example&#x27;s already." in page.content.decode()
    assert (ada.identities.get().value, Event.objects.count()) == ("ada-weaves", events)


def test_a_login_that_somebody_gave_up_is_free_from_that_day_on_only(keeper: Client, ada: Person) -> None:
    bert = a_person("Bert Example", github="shuttle-hand")
    rename_login(identity=bert.identities.get(), login="bert-w", on=date(2024, 6, 1), source=SOURCE, by=None)
    page = sent(keeper, ada, login="Shuttle-Hand", on="2024-05-31")
    assert "shuttle-hand was the login of Bert Example until 2024-06-01" in page.content.decode()
    assert sent(keeper, ada, login="Shuttle-Hand", on="2024-06-01").status_code == 302


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"login": "ada weaves"}, "Not a GitHub login"),
        ({"login": "-ada"}, "Not a GitHub login"),
        ({"login": "ada-weaves"}, "bears the login ada-weaves already"),
        ({"on": str(timezone.localdate() + timedelta(days=2))}, "The day is not yet"),
        ({"on": "soon"}, "Enter a valid date"),
        ({"account": "0"}, "Select a valid choice"),
        ({"source": ""}, "This field is required"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    keeper: Client, ada: Person, said: dict[str, str], words: str
) -> None:
    page = sent(keeper, ada, **said)
    assert page.status_code == 422
    assert words in page.content.decode()
    assert ada.identities.get().value == "ada-weaves"


def test_a_day_before_the_present_login_began_is_refused(ada: Person) -> None:
    account = rename_login(
        identity=ada.identities.get(), login="ada-spins", on=date(2024, 5, 1), source=SOURCE, by=None
    )
    with pytest.raises(IdentityRefused, match="borne from 2024-05-01"):
        rename_login(identity=account, login="ada-knits", on=date(2024, 5, 1), source=SOURCE, by=None)


def test_only_who_keeps_people_may(client: Client, ada: Person) -> None:
    assert sent(client, ada).status_code == 302
    client.force_login(an_account("plain"))
    assert client.get(THERE).status_code == 403
    assert sent(client, ada).status_code == 403
    assert THERE not in client.get(ada.get_absolute_url()).content.decode()
    assert ada.identities.get().value == "ada-weaves"


def test_where_no_account_is_known_none_was_renamed(keeper: Client) -> None:
    person = a_person("Dora Example")
    page = keeper.get(f"{person.get_absolute_url()}login/")
    assert page.context["sentence"] == "No GitHub account of Dora Example is known, so none can have been renamed."
    assert '<button type="submit">Note' not in page.content.decode()
