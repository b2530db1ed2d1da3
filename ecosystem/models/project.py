from django.db import models
from django.db.models import Q


class Project(models.Model):
    """An open-source project whose people, areas and rules are known here; the site keeps one of them."""

    mutability = "mutable"

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kept = models.BooleanField(default=False, help_text="The one whose flame this site keeps; others are peers.")
    source = models.URLField(max_length=300)

    class Meta:
        ordering = ["-kept", "name"]
        constraints = [models.UniqueConstraint(fields=["kept"], condition=Q(kept=True), name="project_kept_is_one")]

    def __str__(self) -> str:
        return self.name
