from django.db import models
from django.db.models import Q


class Machine(models.Model):
    """A host with a fingerprint. Its public name is given here; the host's own name is never stored."""

    mutability = "mutable"

    name = models.CharField(max_length=80, unique=True, help_text="Shown on public pages: machine 1, h100-lab …")
    digest = models.CharField(max_length=64, unique=True, help_text="Digest of the fingerprint's machine part.")
    fingerprint = models.JSONField(help_text="ci_gpu.fingerprint.machine(): processor, memory, system, devices.")
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """A GPU or the set of CPUs of a machine: what a lease is taken on."""

    mutability = "mutable"

    class Kind(models.TextChoices):
        CPU = "cpu", "CPU"
        CUDA = "cuda", "CUDA"

    class State(models.TextChoices):
        FREE = "free"
        QUARANTINED = "quarantined"

    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="devices")
    kind = models.CharField(max_length=8, choices=Kind)
    index = models.PositiveSmallIntegerField(default=0)
    uuid = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=120, help_text="As the driver or the processor says it.")
    calibration = models.JSONField(null=True, blank=True, help_text="P(dtype) and bandwidth, by `ci_gpu calibrate`.")
    state = models.CharField(max_length=12, choices=State, default=State.FREE)
    state_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["machine", "kind", "index"]
        constraints = [models.UniqueConstraint(fields=["machine", "kind", "index"], name="device_once_per_machine")]

    def __str__(self) -> str:
        return f"{self.machine} {self.address}"

    @property
    def address(self) -> str:
        """Return the framework's word for it: cpu, cuda:0."""
        return "cpu" if self.kind == self.Kind.CPU else f"cuda:{self.index}"

    @property
    def queue(self) -> str:
        """Return the Celery queue that only this device's worker reads."""
        return f"device-{self.machine.digest[:12]}-{self.address.replace(':', '')}"


class Lease(models.Model):
    """An expiring, fenced right to use a device: one row a device, its token grows with every holder."""

    mutability = "mutable"

    device = models.OneToOneField(Device, on_delete=models.PROTECT, related_name="lease")
    token = models.BigIntegerField(default=0, help_text="Fencing token: a sample carried by an older one is refused.")
    holder = models.CharField(max_length=200, blank=True, help_text="Worker and process; empty when free.")
    round = models.ForeignKey(
        "benchmarks_runner.Round", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    process_group = models.IntegerField(
        null=True, blank=True, help_text="The measured process, to be ended if its worker died."
    )
    process_identity = models.CharField(
        max_length=80, blank=True, help_text="Boot and start time of that process: a number alone may be another's."
    )
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lease_holder_and_expiry_belong_together",
                condition=Q(holder="", expires_at__isnull=True) | (~Q(holder="") & Q(expires_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"lease {self.token} on {self.device_id}"
