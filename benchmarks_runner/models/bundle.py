from django.db import models


class Environment(models.Model):
    """An installed, content-addressed set of wheels; bundles that differ in variables alone share one.

    Its folder is `<data>/bundles/environments/<digest>`; a row that is not `ready` is never measured.
    """

    mutability = "mutable"

    class State(models.TextChoices):
        INSTALLING = "installing"
        READY = "ready"
        COLLECTED = "collected"

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the lock and the interpreter.")
    lock = models.JSONField(help_text='What was really installed: [{"name", "version", "sha256", "file"}].')
    python_version = models.CharField(max_length=40)
    state = models.CharField(max_length=12, choices=State, default=State.INSTALLING)
    size_bytes = models.BigIntegerField(
        null=True, blank=True, help_text="On disk, wheels shared with others not counted twice."
    )
    installed_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-installed_at"]

    def __str__(self) -> str:
        return self.digest[:12]


class Bundle(models.Model):
    """An exact, hash-locked set of wheels plus environment variables, asked for by a specification."""

    mutability = "mutable"

    class State(models.TextChoices):
        REQUESTED = "requested"
        INSTALLING = "installing"
        READY = "ready"
        BROKEN = "broken"
        COLLECTED = "collected"

    specification = models.TextField(unique=True, help_text="Canonical: torch==2.13.0,VAR=value")
    requirements = models.JSONField(help_text='["torch==2.13.0"]')
    variables = models.JSONField(default=dict, blank=True, help_text='{"ATEN_CPU_CAPABILITY": "default"}')
    state = models.CharField(max_length=12, choices=State, default=State.REQUESTED)
    environment = models.ForeignKey(
        Environment, null=True, blank=True, on_delete=models.PROTECT, related_name="bundles"
    )
    digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the environment's digest and the variables."
    )
    progress = models.CharField(max_length=200, blank=True, help_text="What the installation does now, in words.")
    error = models.TextField(blank=True, help_text="Why it is broken, and what to do.")
    requested_by = models.CharField(max_length=150)
    requested_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True, help_text="Last sign of life of the installation.")

    class Meta:
        ordering = ["-requested_at"]

    def __str__(self) -> str:
        return self.specification
