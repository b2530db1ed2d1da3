from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """An account that signs in. Which person it is, and so which offices it holds, is said by an administrator."""

    mutability = "mutable"

    person = models.OneToOneField(
        "ecosystem.Person",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="account",
        help_text="The person this account acts for; their terms decide what it may sign.",
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(models.functions.Lower("username"), name="username_once_whatever_its_case")
        ]
