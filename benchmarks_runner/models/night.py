from django.db import models
from django.db.models import Q

from benchmarks_runner.models.build import Build
from benchmarks_runner.models.machine import Device


class Night(models.Model):
    """A frozen plan that compares a candidate build with a baseline build on one device."""

    mutability = "mutable"

    class Kind(models.TextChoices):
        COMPARISON = "comparison"
        AA = "aa", "A/A"

    class State(models.TextChoices):
        REQUESTED = "requested"  # builds wait for their bundles
        SCALING = "scaling"  # waits for, or measures, the machine's A/A pairs
        RUNNING = "running"  # the plan is frozen, rounds are measured
        DECIDED = "decided"  # every point has its verdict
        CANCELLED = "cancelled"
        FAILED = "failed"  # could not be measured at all; `state_reason` says why

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.COMPARISON)
    baseline = models.ForeignKey(Build, on_delete=models.PROTECT, related_name="+")
    candidate = models.ForeignKey(Build, on_delete=models.PROTECT, related_name="nights")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="nights")
    suite = models.CharField(max_length=60)
    suite_version = models.CharField(max_length=64)
    # The request's identity: the same request twice finds the same night; `repeat` is how a person asks again.
    repeat = models.PositiveIntegerField(default=1)
    seed = models.BigIntegerField(help_text="Every coin and order of the night comes from it.")
    threads = models.PositiveSmallIntegerField(default=1)
    policy = models.JSONField(
        default=dict, help_text="The verdict engine's constants, frozen: cap, q, β, suite margin."
    )
    rounds_cap = models.PositiveSmallIntegerField(
        default=0,
        help_text="How many rounds it gets: the frozen cap, less where time ran out, more where somebody gave more.",
    )
    extended_after = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="After how many rounds it was decided, where somebody gave it more since."
    )
    calibration = models.JSONField(
        null=True, blank=True, help_text="The device's peaks as they stood when the plan was frozen."
    )
    plan_frozen_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.REQUESTED)
    state_reason = models.TextField(blank=True)
    scale_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The A/A night measured for this one, where the machine had no history.",
    )
    results_digest = models.CharField(
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        help_text="SHA-256 of the results file this night was imported from; empty: measured by this site's workers.",
    )
    requested_by = models.CharField(max_length=150)
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        permissions = [
            ("run_night", "Can run, cancel and extend nights: a specification is a package install, so code")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "baseline", "candidate", "device", "suite", "suite_version", "repeat"],
                name="night_plan_once",
            ),
            models.CheckConstraint(
                name="night_ended_has_a_time",
                condition=Q(state__in=["decided", "cancelled", "failed"], ended_at__isnull=False)
                | (~Q(state__in=["decided", "cancelled", "failed"]) & Q(ended_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"night {self.pk}"


class PlannedPoint(models.Model):
    """One point of a night's frozen plan: which clock judges it, its A/A scale and its margin."""

    mutability = "append-only"

    night = models.ForeignKey(Night, on_delete=models.PROTECT, related_name="planned_points")
    point = models.CharField(max_length=120)
    shard = models.PositiveSmallIntegerField(default=0)
    clock = models.CharField(
        max_length=24,
        blank=True,
        help_text="wall, cpu or device, with or without +sentinel. Empty in an A/A night without history.",
    )
    scale = models.FloatField(
        null=True, blank=True, help_text="s: A/A scale of D, a ln ratio. Empty in an A/A night without history."
    )
    margin = models.FloatField(
        null=True, blank=True, help_text="M, a ln ratio; empty: cannot be judged on this machine."
    )
    scale_pairs = models.PositiveSmallIntegerField(default=0, help_text="How many A/A pairs the scale comes from.")

    class Meta:
        ordering = ["night", "point"]
        constraints = [models.UniqueConstraint(fields=["night", "point"], name="planned_point_once")]

    def __str__(self) -> str:
        return self.point


class Round(models.Model):
    """One pair of fresh processes on each shard of a night."""

    mutability = "mutable"

    class State(models.TextChoices):
        DUE = "due"
        RUNNING = "running"
        COMPLETE = "complete"

    night = models.ForeignKey(Night, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    points = models.JSONField(help_text="The points that were undecided when the round was planned.")
    due_at = models.DateTimeField()
    takes = models.PositiveSmallIntegerField(
        default=0, help_text="How often a worker took it: one that takes its worker along is given up after a few."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["night", "number"]
        constraints = [models.UniqueConstraint(fields=["night", "number"], name="round_once")]

    def __str__(self) -> str:
        return f"night {self.night_id} round {self.number}"
