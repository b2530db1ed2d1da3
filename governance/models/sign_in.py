from django.db import models
from django.db.models import Q


class AdministratorLink(models.Model):
    """The one-time link by which the first administrator chooses a name and a password; at most one is open."""

    mutability = "mutable"

    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256: the token itself is never stored.")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When it was used, or replaced by a newer one.")

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            # One row at most may be open: all open rows have the same value here.
            models.UniqueConstraint(
                models.Value(1), condition=Q(closed_at__isnull=True), name="administrator_link_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"administrator link of {self.made_at:%Y-%m-%d %H:%M}"


class SignInDelay(models.Model):
    """How often signing in failed of late, by account and by address, and until when the next try waits."""

    mutability = "mutable"

    key = models.CharField(max_length=64, unique=True, help_text="SHA-256 of what is counted: no name is kept here.")
    failures = models.PositiveIntegerField(default=0)
    last_failed_at = models.DateTimeField()
    wait_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.failures} failures"
