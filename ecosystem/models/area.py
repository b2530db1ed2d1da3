from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ecosystem.models.project import Project


class Area(models.Model):
    """A part of the framework: the files it is made of and the benchmark tags that measure it."""

    mutability = "mutable"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="areas")
    slug = models.SlugField(
        max_length=80, unique=True, help_text="An area of a project that is not kept begins with the project's slug."
    )
    former_slugs = ArrayField(
        models.SlugField(max_length=80),
        default=list,
        blank=True,
        help_text="The addresses it had under other names; they lead here.",
    )
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    known_from = models.DateField(
        null=True, blank=True, help_text="The first day on which a source names it; empty: before every source."
    )
    sunset_on = models.DateField(null=True, blank=True, help_text="The first day on which it is no longer kept up.")
    path_patterns = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, help_text="As CODEOWNERS writes them: /torch/nn/"
    )
    benchmark_tags = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="What points are tagged with: attention"
    )
    note = models.TextField(blank=True, help_text="What a reader must know of it.")
    source = models.URLField(max_length=300)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="area_is_not_its_own_part", condition=Q(parent__isnull=True) | ~Q(parent=F("pk"))
            )
        ]
        indexes = [GinIndex(fields=["benchmark_tags"], name="area_by_benchmark_tag")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("ecosystem:area", args=[self.slug])
