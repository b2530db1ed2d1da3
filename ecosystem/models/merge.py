from django.db import models
from django.db.models import F, Q

from ecosystem.models.person import Person


class Merge(models.Model):
    """Somebody's word that two persons are one human, until it is taken back.

    `Person.merged_into` is reckoned from the merges that stand, so that taking one back restores exactly what was.
    """

    mutability = "mutable"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges")
    into = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["merged_at"]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(undone_at__isnull=True), name="merge_stands_once"),
            models.CheckConstraint(name="merge_of_two", condition=~Q(person=F("into"))),
        ]

    def __str__(self) -> str:
        return f"{self.person} into {self.into}"


class KeptApart(models.Model):
    """Two persons who look like one human and are not: suggested no more."""

    mutability = "mutable"

    first = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "kept apart"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="kept_apart_once"),
            models.CheckConstraint(name="kept_apart_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first} is not {self.second}"
