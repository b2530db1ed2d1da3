"""What somebody asks of what is shown of a person, and doing it: the record says that it was done, and no more."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.text import slugify

import record
from ecosystem.models import Identity, Login, Person, Request, Withheld
from ecosystem.providers import usernames
from ecosystem.queries import same_human
from ecosystem.undecided import doubtful
from ecosystem.withholding import UNNAMED, withhold
from record.actions import Account

AN_HOUR = timedelta(hours=1)
FROM_ONE_ADDRESS = 5
FROM_ALL = 100


class RequestRefused(ValueError):
    """A request that came too soon after others, or was answered."""


@transaction.atomic
def ask(*, person: Person | None, kind: str, words: str, contact: str, address: str) -> Request:
    """Keep what somebody asks, for administrators to read. Nothing of it is published, nor that it was asked.

    Raises:
        RequestRefused: when too many came from this address, or from everywhere, in the last hour.
    """
    recent = Request.objects.filter(asked_at__gt=timezone.now() - AN_HOUR)
    asked_from = hashed(address)
    if recent.filter(asked_from=asked_from).count() >= FROM_ONE_ADDRESS or recent.count() >= FROM_ALL:
        raise RequestRefused("Too many requests came in the last hour: nothing was kept of this one. Try again later.")
    return Request.objects.create(
        person=person, kind=kind, words=words, contact=contact, asked_from=asked_from, asked_at=timezone.now()
    )


def hashed(address: str) -> str:
    """Return an address as a key that only this site can make."""
    return salted_hmac("ecosystem.request", address, algorithm="sha256").hexdigest()


@transaction.atomic
def answer(*, request: Request, done: bool, by: Account | str | None) -> Request:
    """Close a request and wipe its words, its sender, and of whom it was. The record says that it was answered.

    Raises:
        RequestRefused: when it was answered before.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    if request.state != Request.State.OPEN:
        raise RequestRefused(f"Request {request.pk} was answered before.")
    request.state = Request.State.DONE if done else Request.State.DECLINED
    request.answered_at = timezone.now()
    request.words = request.contact = request.asked_from = ""
    request.person = None
    request.save()
    record.append(
        "request.answered",
        by=by,
        subject=f"request/{request.pk}",
        summary=f"A request for {request.get_kind_display()} of what is shown of a person was {request.state}.",
        data={"kind": request.kind, "state": request.state},
    )
    return request


@transaction.atomic
def remove_name(*, person: Person, request: Request, by: Account | str | None) -> Person:
    """Show a human by no name any more: names, logins and employers leave every page; the offices stay.

    Raises:
        RequestRefused: when the request was answered before.
    """
    for entered in same_human(person):
        unname(entered)
    answer(request=request, done=True, by=by)
    return Person.objects.get(pk=person.pk)


def unname(person: Person) -> None:
    """Take one entry's name off, and remember what is to be withheld."""
    names, logins = acted_under(person)
    slug, name = person.slug, person.name
    person.slug, person.name, person.unnamed_since = f"unnamed-{person.pk}", UNNAMED, timezone.now()
    person.save(update_fields=["slug", "name", "unnamed_since"])
    withhold(person, slugs=[slug], names=[name, *names], logins=logins)


def acted_under(person: Person) -> tuple[list[str], list[str]]:
    """Return the names and addresses, and the logins, under which a person acted: those of this site too."""
    names = person.identities.exclude(kind=Identity.Kind.GITHUB).values_list("value", flat=True)
    logins = person.identities.filter(kind=Identity.Kind.GITHUB).values_list("value", flat=True)
    before = Login.objects.filter(identity__person=person).values_list("value", flat=True)
    return list(names), [*logins, *before, *usernames(person)]


@transaction.atomic
def correct_name(*, person: Person, name: str, request: Request, by: Account | str | None) -> Person:
    """Show a person by another name from now on, everywhere; the one before is shown nowhere, the record included.

    Raises:
        RequestRefused: when the request was answered before, or somebody else has the address of that name.
    """
    slug = slugify(name)
    if not slug or Person.objects.filter(slug=slug).exclude(pk=person.pk).exists():
        raise RequestRefused(f"Nobody can be shown as “{name}”: its address is another person's, or it has no letters.")
    before = person.slug, person.name
    person.slug, person.name = slug, name
    person.save(update_fields=["slug", "name"])
    withhold(person, slugs=[before[0]], names=[before[1]])
    answer(request=request, done=True, by=by)
    return person


@transaction.atomic
def decide_word(*, withheld: Withheld, word: str, means_the_person: bool, by: Account | str | None) -> Withheld:
    """Withhold a word that may mean something else wherever it stands, or leave it. The record does not repeat it.

    Raises:
        RequestRefused: for a word that was decided before, or is none of theirs.
    """
    withheld = Withheld.objects.select_for_update().select_related("person").get(pk=withheld.pk)
    if word not in doubtful(withheld):
        raise RequestRefused("This word was decided before.")
    (withheld.everywhere if means_the_person else withheld.elsewhere).append(word)
    withheld.save()
    done = "is withheld wherever it stands" if means_the_person else "was looked at, and means something else"
    record.append(
        "request.word_decided",
        by=by,
        subject=f"person/{withheld.person.slug}",
        summary=f"A word that may mean {withheld.person.name} {done}.",
        data={"withheld": means_the_person},
    )
    return withheld
