from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ecosystem.models.person import Person


class Request(models.Model):
    """What somebody asks of what is shown of a person. Its words are read by administrators only, and then wiped."""

    mutability = "mutable"

    class Kind(models.TextChoices):
        CORRECTION = "correction", "correction"
        REMOVAL = "removal", "removal"

    class State(models.TextChoices):
        OPEN = "open", "open"
        DONE = "done", "done"
        DECLINED = "declined", "declined"

    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=10, choices=Kind)
    words = models.TextField(blank=True, help_text="What is wrong or should go; wiped with the answer.")
    contact = models.CharField(max_length=200, blank=True, help_text="How to reach who asks; wiped with the answer.")
    asked_from = models.CharField(max_length=64, blank=True, help_text="The address as a hash; wiped with the answer.")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at"]
        indexes = [models.Index(fields=["asked_from", "asked_at"], name="request_by_address")]
        constraints = [
            models.CheckConstraint(
                name="request_answered_when_closed",
                condition=Q(state="open", answered_at__isnull=True) | (~Q(state="open") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="request_answered_is_wiped",
                condition=Q(state="open") | Q(words="", contact="", asked_from="", person__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class Withheld(models.Model):
    """The words of a person that no page shows any more, kept so that pages of the record can leave them out.

    Where the words stood, the person's present name and slug are shown.
    """

    mutability = "mutable"

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="withheld")
    slugs = ArrayField(models.CharField(max_length=80), default=list)
    names = ArrayField(models.CharField(max_length=200), default=list)
    logins = ArrayField(models.CharField(max_length=200), default=list)
    everywhere = ArrayField(
        models.CharField(max_length=200),
        default=list,
        help_text="Words that may mean something else, and were found to mean the person wherever they stand.",
    )
    elsewhere = ArrayField(
        models.CharField(max_length=200),
        default=list,
        help_text="Words that may mean the person, and were found to mean something else where they stand.",
    )

    class Meta:
        verbose_name_plural = "withheld"

    def __str__(self) -> str:
        return f"what is withheld of person {self.person_id}"

    def words(self) -> list[str]:
        """Return every word by which the person is not shown."""
        return [*self.names, *self.slugs, *self.logins, *self.everywhere]
