from django.db import models
from django.urls import reverse

from benchmarks_runner.models import Build, Night
from ecosystem.models import Person
from governance.models.account import User
from governance.models.office import Office


class Release(models.Model):
    """What is to ship: a version, the candidate build for it and the night that measures that build."""

    mutability = "mutable"

    version = models.CharField(max_length=40, unique=True)
    candidate = models.ForeignKey(Build, null=True, blank=True, on_delete=models.PROTECT, related_name="releases")
    night = models.ForeignKey(Night, null=True, blank=True, on_delete=models.PROTECT, related_name="releases")
    planned_at = models.DateTimeField(auto_now_add=True)
    planned_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-planned_at", "-pk"]

    def __str__(self) -> str:
        return self.version

    def get_absolute_url(self) -> str:
        return reverse("governance:release", args=[self.version])


class SignOff(models.Model):
    """A signature under a release: who, by which office, under which candidate and night.

    It counts only for the candidate and the night that it names: another night needs another signature.
    """

    mutability = "append-only"

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="signatures")
    candidate = models.ForeignKey(Build, on_delete=models.PROTECT, related_name="+")
    night = models.ForeignKey(Night, on_delete=models.PROTECT, related_name="+")
    evidence = models.CharField(max_length=64, help_text="SHA-256 of the verdicts that were signed.")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signatures")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="signatures")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="signatures")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.UniqueConstraint(fields=["release", "person", "evidence"], name="sign_off_once_per_evidence")
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.release}"
