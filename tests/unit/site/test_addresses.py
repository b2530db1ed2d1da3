"""Every address of the site, with every kind of account: who may read it, and who may do what it does.

The table in addresses.py names for each who may; all others are refused, or led to the sign-in page, and nothing is
written. An address that is not in the table fails the first test: whoever adds one says there for whom it is.
"""

import pytest
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ecosystem.actions.requests import remove_name
from ecosystem.models import Person, Request
from tests.factories.whole_site import Site, rows_written
from tests.unit.site.addresses import (
    ALL,
    SIGNED_IN,
    TABLE,
    Address,
    client_of,
    everybody,
    let_in,
    own_addresses,
    path_of,
    sent,
    site_with_words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lines")]


@pytest.fixture
def site() -> Site:
    return site_with_words()


def test_every_address_is_in_the_table() -> None:
    assert sorted(own_addresses()) == sorted(TABLE)


def test_who_may_read_what(site: Site) -> None:
    clients, wrong, before = everybody(site), [], rows_written()
    for name, address in TABLE.items():
        path = path_of(name, site)
        # What all may read, two read here: the pages differ by what they offer, not by whom they let in.
        for account in ("anonymous", "lead") if address.reads == ALL else sorted(ALL):
            response = clients[account].get(path)
            if response.status_code >= 500 or let_in(response) != (account in (address.reads or ())):
                wrong.append((name, account, response.status_code))
    assert not wrong, "\n".join(map(str, wrong))
    assert rows_written() == before, "reading wrote something"


def test_who_may_do_what_and_that_a_refusal_writes_nothing(site: Site) -> None:
    clients, wrong = everybody(site), []
    for name, address in TABLE.items():
        path, data = path_of(name, site), sent(name, site)
        for account, client in clients.items():
            before = rows_written()
            with transaction.atomic():
                response = client.post(path, data)
                wrote = rows_written() > before
                transaction.set_rollback(True)
            wrong += misfits(name, address, account, response, wrote)
            if name in ("governance:logout", "account_logout", "governance:new_password") and account != "anonymous":
                client.force_login(site.accounts[account])
    assert not wrong, "\n".join(map(str, wrong))


def misfits(
    name: str, address: Address, account: str, response: HttpResponseBase, wrote: bool
) -> list[tuple[str, str, int, bool]]:
    """Return a request that went otherwise than the table says."""
    may = account in (address.acts or ())
    fits = response.status_code < 500 and (address.acts is None or let_in(response) == may)
    if may and address.writes:
        fits = fits and wrote
    elif not may:
        fits = fits and not wrote
    return [] if fits else [(name, account, response.status_code, wrote)]


def test_no_act_without_the_sites_own_form(site: Site) -> None:
    clients = {account: client_of(account, site, strict=True) for account in ("anonymous", "core", "admin")}
    wrong, before = [], rows_written()
    for name in TABLE:
        for account, client in clients.items():
            response = client.post(path_of(name, site), sent(name, site))
            if response.status_code not in (403, 405):
                wrong.append((name, account, response.status_code))
    assert wrong == []
    assert rows_written() == before
    assert connection.needs_rollback is False


def test_who_asked_not_to_be_named_is_named_at_no_public_address(site: Site) -> None:
    read = {name: path_of(name, site) for name, address in TABLE.items() if address.reads == ALL}
    anonymous = client_of("anonymous", site)
    withheld = ("Author Example", "author-example", "Ida Candidate", "ida-candidate")
    before = {name for name, path in read.items() if any(word in text_of(anonymous, path) for word in withheld)}
    assert {"governance:proposals_feed", "governance:election", "record:feed"} <= before
    for slug in ("author-example", "ida-candidate"):
        person = Person.objects.get(slug=slug)
        asked = Request.objects.create(person=person, kind=Request.Kind.REMOVAL, words="Mine.", asked_at=timezone.now())
        remove_name(person=person, request=asked, by="admin")
    named = {
        name: [word for word in withheld if word in text_of(anonymous, path)]
        for name, path in read.items()
        if "author-example" not in path
    }
    assert not {name: words for name, words in named.items() if words}


def text_of(client: Client, path: str) -> str:
    """Return what an address says."""
    response = client.get(path)
    streamed = getattr(response, "streaming_content", None)
    return (b"".join(streamed) if streamed else response.content).decode()


def test_what_belongs_to_another_is_not_reached_by_its_number(site: Site) -> None:
    """A number of one proposal, vote or election leads nowhere under another, whoever asks."""
    words = site.words
    foreign = [
        reverse("governance:resolve_concern", args=[words["final_comment"], words["concern"]]),
        reverse("governance:lift_hold", args=[words["final_comment"], words["hold"]]),
        reverse("governance:remove_link", args=[words["final_comment"], words["link"]]),
        reverse("governance:recuse", args=[words["other_ballot"], words["elector"]]),
        reverse("governance:election_decide", args=["voting", words["exception"]]),
        reverse("governance:election_answer", args=["voting", "author-example"]),
        reverse("governance:election_nomination", args=["voting", "author-example"]),
    ]
    clients, before = everybody(site), rows_written()
    data = {"reason": "So.", "granted": "yes", "answer": "accept", "statement": "Me."}
    for path in foreign:
        for account in sorted(SIGNED_IN):
            assert clients[account].post(path, data).status_code in (403, 404), (path, account)
    assert rows_written() == before
