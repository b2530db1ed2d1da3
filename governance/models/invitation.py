from django.conf import settings
from django.db import models
from django.db.models import Q

from ecosystem.models import Person


class Invitation(models.Model):
    """A link by which a known person gets an account; it works once and for a week, and its token is never stored."""

    mutability = "mutable"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token in the link.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitations_made")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When it was accepted, or taken back.")
    accepted_by = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="invitation"
    )

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(closed_at__isnull=True), name="invitation_one_open_a_person"
            ),
            models.CheckConstraint(
                name="invitation_accepted_is_closed",
                condition=Q(accepted_by__isnull=True) | Q(closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.person}"
