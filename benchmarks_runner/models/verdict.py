from django.db import models

from benchmarks_runner.models.night import Night


class Verdict(models.Model):
    """What a night says of one point, or, with an empty point, of the suite. Provisional until the night is decided."""

    mutability = "mutable"

    class Word(models.TextChoices):
        PASS = "pass"  # noqa: S105 (a verdict, no password)
        FAIL = "fail"
        BROKEN = "broken"
        INCONCLUSIVE = "inconclusive"

    night = models.ForeignKey(Night, on_delete=models.PROTECT, related_name="verdicts")
    point = models.CharField(max_length=120, blank=True)
    verdict = models.CharField(
        max_length=12, choices=Word, blank=True, help_text="Empty: undecided while the night runs."
    )
    estimate = models.FloatField(null=True, blank=True, help_text="ln(candidate / baseline).")
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    pairs_used = models.PositiveSmallIntegerField(default=0)
    decided_in_round = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="In words; for inconclusive: what would decide it.")
    skew = models.FloatField(null=True, blank=True)
    evidence = models.JSONField(default=dict, help_text='{"slower": [log E after each pair], "no_worse": […]}')

    class Meta:
        ordering = ["night", "point"]
        constraints = [models.UniqueConstraint(fields=["night", "point"], name="verdict_once_per_point")]

    def __str__(self) -> str:
        return f"{self.point or 'suite'}: {self.verdict or 'undecided'}"
