"""Remind electors of votes: once of each kind, in the portal always, by e-mail where the site can send it."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from ecosystem.models import Person
from ecosystem.withholding import withheld_words
from governance.deadlines import said
from governance.models import Ballot, Reminder, User
from governance.queries.ballots import Voter, open_ballots, voters_of

log = logging.getLogger(__name__)
CLOSING_SOON = timedelta(days=2)


def remind_electors() -> int:
    """Remind who may vote and has not, when a vote has opened and when it closes soon; asked twice it does nothing."""
    now = timezone.now()
    sent = 0
    for ballot in open_ballots(now):
        assert ballot.closes_at is not None
        kind = Reminder.Kind.CLOSING if ballot.closes_at - now <= CLOSING_SOON else Reminder.Kind.OPENED
        for voter in voters_of(ballot):
            if voter.choice is None and not voter.recused:
                sent += remind(ballot, voter, kind)
    return sent


def remind(ballot: Ballot, voter: Voter, kind: str) -> bool:
    """Remind an elector, unless they were reminded so; the row is written first, so that no two workers both send."""
    with transaction.atomic():
        _, fresh = Reminder.objects.get_or_create(
            elector=voter.elector, kind=kind, defaults={"sent_at": timezone.now()}
        )
        if fresh:
            transaction.on_commit(lambda: send(ballot, voter.elector.person, kind))
    return fresh


def send(ballot: Ballot, person: Person, kind: str) -> None:
    """Send the reminder to the addresses of the person's accounts; the portal shows it whether this works or not."""
    accounts = User.objects.filter(person=person, is_active=True).exclude(email="")
    addresses = list(accounts.values_list("email", flat=True))
    if not addresses or not can_send():
        return
    assert ballot.closes_at is not None
    until = said(ballot.closes_at, ballot.zone)
    words = "closes soon" if kind == Reminder.Kind.CLOSING else "has opened"
    body = (
        f"The vote “{ballot.question}” {words}. It is open until {until}.\n\nIt is in your portal: vote {ballot.pk}.\n"
    )
    shown = withheld_words().text
    try:
        send_mail(shown(f"A vote {words}: {ballot.question}")[:200], shown(body), None, addresses)
    except OSError:
        log.exception("the reminder of vote %s could not be sent", ballot.pk)


def can_send() -> bool:
    """Say whether the site was told how to send mail."""
    by_smtp = settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend"
    return not by_smtp or bool(settings.EMAIL_HOST)
