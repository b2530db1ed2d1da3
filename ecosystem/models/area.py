from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse


class Area(models.Model):
    """A part of the framework: the files it is made of and the benchmark tags that measure it."""

    mutability = "mutable"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
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
        indexes = [GinIndex(fields=["benchmark_tags"], name="area_by_benchmark_tag")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("ecosystem:area", args=[self.slug])
