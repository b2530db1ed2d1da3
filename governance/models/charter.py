from django.db import models
from django.db.models import Q
from django.urls import reverse

from ecosystem.models import Project


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
