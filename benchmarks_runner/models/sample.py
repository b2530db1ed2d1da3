from django.db import models

from benchmarks_runner.models.night import Round


class Arm(models.TextChoices):
    BASELINE = "baseline"
    CANDIDATE = "candidate"


class Attempt(models.Model):
    """One process of one build: how it ended and on what it ran.

    Two attempts of the same number and shard, one an arm, make a pair; a pair with half its samples is void
    for the points that lack one, and the next attempt measures those anew.
    """

    mutability = "mutable"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="attempts")
    shard = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    arm = models.CharField(max_length=10, choices=Arm)
    position = models.PositiveSmallIntegerField(help_text="0: ran first; 1: second. Drawn by coin.")
    points = models.JSONField(help_text="In the order they were asked for.")
    lease_token = models.BigIntegerField()
    process_group = models.IntegerField(null=True, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended = models.CharField(
        max_length=20, blank=True, help_text="done, crash, timeout, out_of_memory, garbage, cancelled, lost."
    )
    detail = models.TextField(blank=True, help_text="What went wrong, in words, with the last lines the process wrote.")
    last_point = models.CharField(
        max_length=120,
        blank=True,
        help_text="Where it was when it ended otherwise than `done`; empty: before any point.",
    )
    failures = models.JSONField(default=list, blank=True, help_text='[{"point", "reason", "message"}]')
    fingerprint = models.JSONField(null=True, blank=True)
    void_reason = models.CharField(
        max_length=200, blank=True, help_text="A cause outside both builds: the pair does not count."
    )
    flags = models.JSONField(
        default=list, blank=True, help_text="What a reader must know of a pair that counts all the same: throttled …"
    )

    class Meta:
        ordering = ["round", "shard", "number", "position"]
        constraints = [models.UniqueConstraint(fields=["round", "shard", "number", "arm"], name="attempt_once")]

    def __str__(self) -> str:
        return f"round {self.round_id} attempt {self.number} {self.arm}"


class Sample(models.Model):
    """What one process measured at one point."""

    mutability = "append-only"

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="samples")
    point = models.CharField(max_length=120)
    wall_ns = models.FloatField(help_text="Median per call.")
    cpu_ns = models.FloatField(help_text="Median per call, all threads.")
    device_ns = models.FloatField(null=True, blank=True)
    sentinel_ns = models.FloatField(null=True, blank=True, help_text="CPU time of the fixed kernel timed alternately.")
    peak_memory_bytes = models.BigIntegerField(null=True, blank=True)
    roofline_fraction = models.FloatField(null=True, blank=True)
    error = models.FloatField(
        null=True, blank=True, help_text="Largest relative error against float64 on a small input."
    )
    measurement = models.JSONField(help_text="The harness's whole message: durations, warm-up, telemetry.")
    measured_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["attempt", "point"]
        # (night, round, shard, attempt, arm) are the attempt's identity: a sample delivered twice is stored once.
        constraints = [models.UniqueConstraint(fields=["attempt", "point"], name="sample_once")]

    def __str__(self) -> str:
        return f"{self.point} in attempt {self.attempt_id}"
