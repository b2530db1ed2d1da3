from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ecosystem.models import Person, Project
from governance.models.proposal import Revision


class Charter(models.Model):
    """A project's rules; what they say on a day is its version in force then."""

    mutability = "mutable"

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="charter")
    taken_up_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project"]

    def __str__(self) -> str:
        return f"charter of {self.project.name}"

    def get_absolute_url(self) -> str:
        return reverse("governance:charter", args=[self.project.slug])


class CharterVersion(models.Model):
    """A text of a charter, from which day it is in force, and by what it was decided. Kept for ever."""

    mutability = "append-only"

    charter = models.ForeignKey(Charter, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … within the charter.")
    text = models.TextField(help_text="TOML, schema 1: docs/reference/charter.md.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text, in UTF-8.")
    in_force_from = models.DateField(
        null=True, blank=True, help_text="Empty: since before anything known here; of the first version only."
    )
    decided_by = models.CharField(
        max_length=300, help_text="vote/12, proposal/…, an address; of the first: as published at an address."
    )
    adopted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["charter", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["charter", "number"], name="charter_version_number_once"),
            models.UniqueConstraint(fields=["charter", "in_force_from"], name="charter_version_one_a_day"),
            models.UniqueConstraint(fields=["charter", "decided_by"], name="charter_version_a_decision_once"),
            models.CheckConstraint(name="charter_version_number_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="charter_version_later_ones_have_a_day", condition=Q(number=1) | Q(in_force_from__isnull=False)
            ),
            models.CheckConstraint(name="charter_version_was_decided", condition=~Q(decided_by="")),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of the {self.charter}"

    def get_absolute_url(self) -> str:
        return reverse("governance:charter_version", args=[self.charter.project.slug, self.number])


class CharterChange(models.Model):
    """A changed text of a charter, which a revision of a proposal carries: what is voted on is what is adopted."""

    mutability = "append-only"

    revision = models.OneToOneField(Revision, on_delete=models.PROTECT, related_name="charter_change")
    follows = models.ForeignKey(
        CharterVersion,
        on_delete=models.PROTECT,
        related_name="changes_proposed",
        help_text="The version that it changes; where another has come since, it cannot be adopted.",
    )
    text = models.TextField(help_text="TOML, schema 1: docs/reference/charter.md.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text, in UTF-8.")

    class Meta:
        ordering = ["-revision"]

    def __str__(self) -> str:
        return f"change of {self.follows}"

    def get_absolute_url(self) -> str:
        return reverse("governance:charter_change", args=[self.revision.proposal.slug, self.revision.number])


class CharterEntry(models.Model):
    """A version that was decided elsewhere: one office holder enters it, and it is none until another confirms it."""

    mutability = "mutable"

    charter = models.ForeignKey(Charter, on_delete=models.PROTECT, related_name="entries")
    follows = models.ForeignKey(CharterVersion, on_delete=models.PROTECT, related_name="entries_after")
    text = models.TextField(help_text="TOML, schema 1: docs/reference/charter.md.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text, in UTF-8.")
    source = models.URLField(max_length=290, help_text="Where the decision can be read.")
    decided_on = models.DateField()
    in_force_from = models.DateField()
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="charters_entered")
    entered_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="charters_confirmed"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    version = models.OneToOneField(
        CharterVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="entry", help_text="What it made."
    )
    withdrawn_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="charters_withdrawn"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        ordering = ["charter", "-entered_at"]
        # A comparison with nothing is neither true nor false, and a CHECK lets that pass: each says "is there" besides.
        constraints = [
            models.UniqueConstraint(
                fields=["charter"],
                condition=Q(confirmed_at__isnull=True, withdrawn_at__isnull=True),
                name="charter_entry_one_waits_at_a_time",
            ),
            models.CheckConstraint(
                name="charter_entry_confirmed_by_whom_and_when",
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True, version__isnull=True)
                | Q(
                    confirmed_at__isnull=False,
                    confirmed_at__gte=F("entered_at"),
                    confirmed_by__isnull=False,
                    version__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="charter_entry_takes_two",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("entered_by")),
            ),
            models.CheckConstraint(
                name="charter_entry_withdrawn_by_whom_when_and_why",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_why="")
                | (
                    Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, confirmed_at__isnull=True)
                    & ~Q(withdrawn_why="")
                ),
            ),
            models.CheckConstraint(
                name="charter_entry_in_force_once_decided", condition=Q(in_force_from__gte=F("decided_on"))
            ),
            models.CheckConstraint(name="charter_entry_leads_to_the_web", condition=Q(source__startswith="https://")),
        ]

    def __str__(self) -> str:
        return f"entry of {self.entered_at:%Y-%m-%d} for the {self.charter}"

    def get_absolute_url(self) -> str:
        return reverse("governance:charter_entry", args=[self.charter.project.slug, self.pk])

    @property
    def waits(self) -> bool:
        """Say whether it waits for somebody to confirm it."""
        return self.confirmed_at is None and self.withdrawn_at is None
