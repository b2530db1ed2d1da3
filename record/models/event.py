from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from record.chain import BEFORE_THE_FIRST, Entry
from record.withholding import Redact, shown


class Event(models.Model):
    """One thing that happened: who, what, when, chained to the event before it by that one's hash.

    It carries no foreign key, so that nothing that is deleted elsewhere can take history with it.
    """

    mutability = "append-only"
    is_redacted = False

    position = models.BigIntegerField(primary_key=True, help_text="1, 2, 3 … without a gap.")
    at = models.DateTimeField()
    kind = models.CharField(max_length=80, help_text="Dotted, lower case: night.decided, term.began.")
    actor = models.CharField(
        max_length=150, help_text="The account's name then, or `schedule`; empty: the site itself."
    )
    actor_id = models.BigIntegerField(null=True, help_text="The account's number; empty where no account acted.")
    subject = models.CharField(max_length=200, help_text="A path-like reference: night/12.")
    summary = models.TextField(help_text="One plain sentence, as pages show it.")
    data = models.JSONField(help_text="What a reader may need to check it; whole numbers, words, lists and objects.")
    previous = models.CharField(max_length=64, unique=True, help_text="The hash of the event before it.")
    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 over all the other fields.")

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["kind"]), models.Index(fields=["subject"]), models.Index(fields=["at"])]
        constraints = [
            models.CheckConstraint(name="event_position_from_one", condition=Q(position__gte=1)),
            models.CheckConstraint(
                name="event_only_the_first_has_no_previous",
                condition=Q(position=1, previous=BEFORE_THE_FIRST)
                | (Q(position__gt=1) & ~Q(previous=BEFORE_THE_FIRST)),
            ),
            models.CheckConstraint(name="event_hash_is_its_own", condition=~Q(hash=F("previous"))),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.kind} {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("record:event", args=[self.position])

    def as_shown(self, redact: Redact) -> "Event":
        """Return the event as pages show it: without what is withheld at a person's request. Never save it."""
        seen = shown(self.entry, redact)
        self.is_redacted = seen != self.entry
        self.actor, self.subject, self.summary, self.data = seen.actor, seen.subject, seen.summary, dict(seen.data)
        return self

    @property
    def entry(self) -> Entry:
        """Return the event as the export writes it, hash included."""
        at: datetime = self.at
        return Entry(
            position=self.position,
            at=at,
            kind=self.kind,
            actor=self.actor,
            actor_id=self.actor_id,
            subject=self.subject,
            summary=self.summary,
            data=self.data,
            previous=self.previous,
            hash=self.hash,
        )
