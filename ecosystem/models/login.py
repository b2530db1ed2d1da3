from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from ecosystem.models.person import Identity


class Login(models.Model):
    """The login of a GitHub account over a half-open range of dates: the number stays, the login is history.

    A login that one account gave up may be taken by another; never do two bear it at once, whatever its case.
    """

    mutability = "mutable"

    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="logins")
    value = models.CharField(max_length=200)
    held = DateRangeField(help_text="Half-open: the first day, and the first day no longer. An open start is unknown.")
    source = models.URLField(max_length=300)

    class Meta:
        ordering = ["identity", "held"]
        constraints = [
            models.CheckConstraint(name="login_lasts", condition=Q(held__isempty=False)),
            ExclusionConstraint(
                name="login_one_at_a_time",
                expressions=[("identity", RangeOperators.EQUAL), ("held", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="login_of_one_account",
                expressions=[(Lower("value"), RangeOperators.EQUAL), ("held", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return self.value
