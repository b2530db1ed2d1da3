from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse

from ecosystem.models import Area, Person, Project


class Office(models.Model):
    """A seat, or some seats, that the project's rules define: lead, core maintainer, maintainer of an area."""

    mutability = "mutable"

    class Kind(models.TextChoices):
        LEAD = "lead", "lead"
        CORE = "core", "core maintainer"
        AREA = "area", "area maintainer"
        COUNCIL = "council", "council member"
        OTHER = "other", "other office"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="offices")
    slug = models.SlugField(
        max_length=120, unique=True, help_text="An office of a project that is not kept begins with its slug."
    )
    former_slugs = ArrayField(
        models.SlugField(max_length=120),
        default=list,
        blank=True,
        help_text="The addresses it had under other names; they lead here.",
    )
    name = models.CharField(max_length=160, help_text="As a sentence names its holder: lead core maintainer.")
    role = models.CharField(max_length=60, blank=True, help_text="The key of its role in the project's charter.")
    kind = models.CharField(max_length=10, choices=Kind)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT, related_name="offices")
    seats = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many at most; empty: as many as are named."
    )
    signs_releases = models.BooleanField(default=False, help_text="Its holders may sign a release.")
    source = models.URLField(max_length=300, help_text="The rule that defines it.")

    class Meta:
        ordering = ["kind", "name"]
        constraints = [
            models.CheckConstraint(
                name="office_of_an_area_names_it",
                condition=Q(kind="area", area__isnull=False)
                | Q(kind="other")
                | (~Q(kind="area") & Q(area__isnull=True)),
            ),
            models.UniqueConstraint(fields=["project", "name"], name="office_name_once_a_project"),
            models.CheckConstraint(name="office_has_a_seat", condition=Q(seats__isnull=True) | Q(seats__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("governance:office", args=[self.slug])


class Term(models.Model):
    """A person holding an office over a half-open range of dates; the database refuses terms that overlap."""

    mutability = "mutable"

    class Standing(models.TextChoices):
        ACTIVE = "active", "active"
        EMERITUS = "emeritus", "emeritus"

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="terms")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="terms")
    seat = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Which of the office's numbered seats; empty where it has no number of them."
    )
    standing = models.CharField(
        max_length=10,
        choices=Standing,
        default=Standing.ACTIVE,
        help_text="Emeritus: named with thanks, but decides nothing and takes no seat.",
    )
    held = DateRangeField(
        help_text="Half-open: the first day in office, and the first day no longer. An open start is unknown."
    )
    expires_on = models.DateField(
        null=True, blank=True, help_text="The day on which the rules end it; empty where they set no length."
    )
    source = models.URLField(max_length=300, help_text="Where the beginning was read.")
    end_source = models.URLField(max_length=300, blank=True, help_text="Where the end was read.")
    note = models.TextField(blank=True, help_text="What a reader must know of these dates.")

    class Meta:
        ordering = ["office", "person"]
        # With these columns in the index, who holds what on a day is read from it alone.
        indexes = [GistIndex(fields=["held"], include=["office", "person", "standing"], name="term_by_days")]
        constraints = [
            ExclusionConstraint(
                name="term_once_at_a_time",
                expressions=[
                    ("office", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("held", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="term_one_holder_a_seat",
                expressions=[
                    ("office", RangeOperators.EQUAL),
                    ("seat", RangeOperators.EQUAL),
                    ("held", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="term_lasts", condition=Q(held__isempty=False)),
            models.CheckConstraint(
                name="term_emeritus_takes_no_seat", condition=Q(standing="active") | Q(seat__isnull=True)
            ),
            models.CheckConstraint(name="term_seat_from_one", condition=Q(seat__isnull=True) | Q(seat__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.office}"
