from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from ecosystem.models import Area, Person


class Office(models.Model):
    """A seat, or some seats, that the project's rules define: lead, core maintainer, maintainer of an area."""

    mutability = "mutable"

    class Kind(models.TextChoices):
        LEAD = "lead", "lead"
        CORE = "core", "core maintainer"
        AREA = "area", "area maintainer"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(
        max_length=120, unique=True, help_text="As a sentence names its holder: lead core maintainer."
    )
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
                condition=Q(kind="area", area__isnull=False) | (~Q(kind="area") & Q(area__isnull=True)),
            ),
            models.CheckConstraint(name="office_has_a_seat", condition=Q(seats__isnull=True) | Q(seats__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name


class Term(models.Model):
    """A person holding an office over a half-open range of dates; the database refuses terms that overlap."""

    mutability = "mutable"

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="terms")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="terms")
    seat = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Which of the office's numbered seats; empty where it has no number of them."
    )
    held = DateRangeField(
        help_text="Half-open: the first day in office, and the first day no longer. An open start is unknown."
    )
    source = models.URLField(max_length=300, help_text="Where the beginning was read.")
    end_source = models.URLField(max_length=300, blank=True, help_text="Where the end was read.")
    note = models.TextField(blank=True, help_text="What a reader must know of these dates.")

    class Meta:
        ordering = ["office", "person"]
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
            models.CheckConstraint(name="term_seat_from_one", condition=Q(seat__isnull=True) | Q(seat__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.office}"
