"""Reads about accounts: which person one acts for."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from ecosystem.models import Identity, Person
from governance.models import User


def person_of(user: AbstractBaseUser | AnonymousUser) -> Person | None:
    """Return the person an account acts for, merged ones followed to whom they were merged into; None without one."""
    person = user.person if isinstance(user, User) and user.is_active else None
    return person.kept if person else None


def accounts_of(person: Person) -> QuerySet[User]:
    """Return the accounts that act for a human, under whichever of their merged entries."""
    kept = person.kept
    return User.objects.filter(Q(person=kept) | Q(person__merged_into=kept))


def usernames_of(person: Person) -> list[str]:
    """Return the names of the accounts that act for one entry of a human: the record names who acted by them."""
    return list(User.objects.filter(person=person).values_list("username", flat=True))


def people_called(words: str) -> QuerySet[Person]:
    """Return the people whose name contains these words, or whose GitHub login they are, whatever the case."""
    of_login = Identity.objects.filter(kind=Identity.Kind.GITHUB, value__iexact=words).values("person")
    named = Person.objects.filter(Q(name__icontains=words) | Q(slug=words.lower()) | Q(pk__in=of_login))
    return named.filter(merged_into__isnull=True, unnamed_since__isnull=True).order_by("name")
