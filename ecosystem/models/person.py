from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse


class Person(models.Model):
    """A human who is publicly known in the project."""

    mutability = "mutable"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    source = models.URLField(max_length=300, help_text="Where this was read.")
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged",
        help_text="The same human, entered twice: what is known of both is shown there, and nothing is lost here. "
        "Always the person who is kept, never one who was merged in turn.",
    )
    unnamed_since = models.DateTimeField(
        null=True, blank=True, help_text="When their name was taken off every page, as they had asked."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="person_is_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
            )
        ]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("ecosystem:person", args=[self.slug])

    @property
    def kept(self) -> "Person":
        """Return the person under whom this human is shown."""
        return self.merged_into or self


class Identity(models.Model):
    """A name under which a person acts in public: a GitHub account, a git author, an address.

    On GitHub the number is the identity and the login is its present name; logins compare without case.
    """

    mutability = "mutable"

    class Kind(models.TextChoices):
        GITHUB = "github", "GitHub account"
        GIT_AUTHOR = "git_author", "git author"
        EMAIL = "email", "e-mail address"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=12, choices=Kind)
    value = models.CharField(max_length=200, help_text="The login, the author's name or the address.")
    number = models.BigIntegerField(null=True, blank=True, help_text="GitHub's number of the account, once known.")
    source = models.URLField(max_length=300)

    class Meta:
        ordering = ["kind", "value"]
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(
                "kind", Lower("value"), condition=Q(kind="github"), name="identity_once_whatever_its_case"
            ),
            # Two people may commit under one name or from one address: that is reported, not refused.
            models.UniqueConstraint("person", "kind", Lower("value"), name="identity_once_a_person"),
            models.UniqueConstraint(
                fields=["kind", "number"], condition=Q(number__isnull=False), name="identity_number_once"
            ),
        ]
        indexes = [models.Index("kind", Lower("value"), name="identity_by_value")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"

    @property
    def url(self) -> str:
        """Return where the identity is seen in public, if anywhere."""
        return f"https://github.com/{self.value}" if self.kind == self.Kind.GITHUB else ""


class Employer(models.Model):
    """An organisation that pays for somebody's work."""

    mutability = "mutable"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120, unique=True)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="aliases",
        help_text="The same organisation under the name that is kept.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="employer_is_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kept(self) -> "Employer":
        """Return the organisation under whose name this one is counted."""
        return self.merged_into.kept if self.merged_into else self


class Affiliation(models.Model):
    """Who employed a person, from when to when; an employer or a date that no source tells is unknown, and said so."""

    mutability = "mutable"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="affiliations")
    employer = models.ForeignKey(
        Employer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="affiliations",
        help_text="Empty: unknown.",
    )
    held = DateRangeField(help_text="Half-open: the first day, and the first day no longer. An open start is unknown.")
    source = models.URLField(max_length=300)

    class Meta:
        ordering = ["person", "held"]
        constraints = [models.CheckConstraint(name="affiliation_lasts", condition=Q(held__isempty=False))]

    def __str__(self) -> str:
        return f"{self.person} at {self.employer or 'an unknown employer'}"
