from django.db import models

from benchmarks_runner.models.bundle import Bundle


class Build(models.Model):
    """A named, dated framework version made from a bundle."""

    mutability = "mutable"

    class Kind(models.TextChoices):
        RELEASE = "release"
        CANDIDATE = "candidate", "release candidate"
        NIGHTLY = "nightly"
        SAMPLE = "sample", "sample, deliberately changed"

    name = models.CharField(max_length=200, unique=True, help_text="torch 2.13.0, ATEN_CPU_CAPABILITY=default")
    framework = models.CharField(max_length=60, help_text="The package that is measured: torch, jax, numpy …")
    version = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.RELEASE)
    bundle = models.OneToOneField(Bundle, on_delete=models.PROTECT, related_name="build")
    note = models.TextField(blank=True, help_text="What a reader must know of this build.")
    built_on = models.DateField(null=True, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-added_at"]

    def __str__(self) -> str:
        return self.name
