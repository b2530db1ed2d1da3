from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse

from ecosystem.models import Area, Person, Project
from governance.models.release import Release


class Proposal(models.Model):
    """An RFC: something that a project is asked to decide, and the state it is in by the charter's table."""

    mutability = "mutable"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="proposals")
    number = models.CharField(max_length=80, help_text="As the project counts them: 12, RFC-0012.")
    slug = models.SlugField(max_length=160, unique=True, help_text="Its address: the project and the number.")
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=80, help_text="A word of the charter's table, or the source's own.")
    authors = models.ManyToManyField(Person, blank=True, related_name="proposals_written")
    shepherds = models.ManyToManyField(Person, blank=True, related_name="proposals_shepherded")
    reviewers = models.ManyToManyField(
        Person,
        blank=True,
        related_name="proposals_to_review",
        help_text="Asked by name for their position, besides those whom the charter asks.",
    )
    areas = models.ManyToManyField(Area, blank=True, related_name="proposals")
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.PROTECT, related_name="proposals")
    url = models.URLField(max_length=300, blank=True, help_text="Where the project itself keeps it.")
    implementation = models.URLField(max_length=300, blank=True, help_text="What implements it, once merged.")
    outcome = models.TextField(blank=True, help_text="What was decided and why, in public words.")
    opened_on = models.DateField(null=True, blank=True, help_text="The day it was opened; empty: unknown.")
    created_at = models.DateTimeField(auto_now_add=True, help_text="When it was entered here.")
    moved_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is in its state; empty: unknown.")
    stalled_at = models.DateTimeField(null=True, blank=True, help_text="When it was written down as stalled.")
    consensus_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it has lazy consensus, as it was written down; it held before."
    )
    retracted_at = models.DateTimeField(null=True, blank=True, help_text="When the import that brought it was undone.")
    retracted_why = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint("project", Lower("number"), name="proposal_number_once_a_project"),
            models.CheckConstraint(name="proposal_has_a_number", condition=~Q(number="")),
            models.CheckConstraint(name="proposal_has_a_state", condition=~Q(state="")),
            models.CheckConstraint(
                name="proposal_retracted_when_and_why",
                condition=Q(retracted_at__isnull=True, retracted_why="")
                | (Q(retracted_at__isnull=False) & ~Q(retracted_why="")),
            ),
        ]
        indexes = [models.Index(fields=["state"], name="proposal_by_state")]

    def __str__(self) -> str:
        return f"{self.number}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("governance:proposal", args=[self.slug])

    @property
    def subject(self) -> str:
        """Return how the record refers to it."""
        return f"proposal/{self.slug}"


class Revision(models.Model):
    """A text of a proposal; a change is another revision, and every earlier one stays readable."""

    mutability = "append-only"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … within the proposal.")
    text = models.TextField(help_text="Markdown.")
    note = models.CharField(max_length=200, blank=True, help_text="What changed, in a line.")
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="revisions")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["proposal", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="revision_number_once_a_proposal"),
            models.CheckConstraint(name="revision_number_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.proposal_id}"


class Position(models.Model):
    """A person's stand on a proposal, at one moment; the latest counts, the earlier ones are history."""

    mutability = "append-only"

    class Stand(models.TextChoices):
        AGREE = "agree", "agrees"
        OBJECT = "object", "objects"
        ABSTAIN = "abstain", "abstains"
        COMMENT = "comment", "comments"
        WITHDRAWN = "withdrawn", "withdrew their position"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="positions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="positions")
    stand = models.CharField(max_length=10, choices=Stand)
    text = models.TextField(blank=True, help_text="Markdown.")
    revision = models.PositiveIntegerField(null=True, blank=True, help_text="The revision they had read, if any.")
    taken_at = models.DateTimeField()
    source = models.URLField(max_length=300, blank=True, help_text="Where it was read, if not given here.")

    class Meta:
        ordering = ["proposal", "-taken_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="position_that_comments_or_objects_has_words",
                condition=~Q(stand__in=["comment", "object"], text="", source=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_stand_display()}"


class Concern(models.Model):
    """A named objection; it holds a proposal until its raiser resolves it."""

    mutability = "mutable"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="concerns")
    name = models.CharField(max_length=80, help_text="A few words by which it is spoken of.")
    text = models.TextField(help_text="Markdown: what must change, or be answered.")
    revision = models.PositiveIntegerField(null=True, blank=True, help_text="The revision it was raised on.")
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="concerns_raised")
    raised_at = models.DateTimeField()
    resolved_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="concerns_resolved"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(blank=True, help_text="Why it stands no longer.")

    class Meta:
        ordering = ["proposal", "raised_at"]
        # A comparison with nothing is neither true nor false, and a CHECK lets that pass: each says "is there" besides.
        constraints = [
            models.UniqueConstraint("proposal", Lower("name"), name="concern_name_once_a_proposal"),
            models.CheckConstraint(
                name="concern_resolved_by_whom_and_when",
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True, resolution="")
                | (
                    Q(resolved_at__isnull=False, resolved_at__gte=F("raised_at"), resolved_by__isnull=False)
                    & ~Q(resolution="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Say whether it still holds the proposal."""
        return self.resolved_at is None


class Hold(models.Model):
    """A stop that somebody put on a proposal, with the reason; nothing moves until it is lifted."""

    mutability = "mutable"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField()
    placed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holds_placed")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="holds_lifted")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["proposal", "placed_at"]
        constraints = [
            models.CheckConstraint(name="hold_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="hold_lifted_by_whom_and_when",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lift_reason="")
                | (
                    Q(lifted_at__isnull=False, lifted_at__gte=F("placed_at"), lifted_by__isnull=False)
                    & ~Q(lift_reason="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"hold of {self.placed_at:%Y-%m-%d}"

    @property
    def is_on(self) -> bool:
        """Say whether it has not been lifted."""
        return self.lifted_at is None


class CommentPeriod(models.Model):
    """A final comment period. It closes by the clock; one that was stopped is kept, with the reason."""

    mutability = "mutable"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="comment_periods")
    disposition = models.CharField(max_length=80, blank=True, help_text="What it is for: accept, close, postpone.")
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="comment_periods_started")
    started_at = models.DateTimeField()
    last_day = models.DateField(help_text="The day at whose end, in the zone, it closes.")
    zone = models.CharField(max_length=60, help_text="AoE (anywhere on Earth), UTC, or an IANA name.")
    closes_at = models.DateTimeField()
    filled_in = models.TextField(blank=True, help_text="What the charter leaves open, and what was chosen here.")
    stopped_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="comment_periods_stopped"
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_why = models.TextField(blank=True)
    end_noted_at = models.DateTimeField(
        null=True, blank=True, help_text="When its end was written down; it held before."
    )

    class Meta:
        ordering = ["proposal", "-started_at"]
        constraints = [
            models.CheckConstraint(name="comment_period_lasts", condition=Q(closes_at__gt=F("started_at"))),
            models.CheckConstraint(
                name="comment_period_stopped_by_whom_when_and_why",
                condition=Q(stopped_at__isnull=True, stopped_by__isnull=True, stopped_why="")
                | (
                    Q(
                        stopped_at__isnull=False,
                        stopped_at__gte=F("started_at"),
                        stopped_at__lt=F("closes_at"),
                        stopped_by__isnull=False,
                    )
                    & ~Q(stopped_why="")
                ),
            ),
            models.CheckConstraint(
                name="comment_period_ends_stopped_or_noted",
                condition=Q(end_noted_at__isnull=True) | Q(stopped_at__isnull=True, end_noted_at__gte=F("closes_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"final comment period until {self.closes_at:%Y-%m-%d %H:%M}"


class Link(models.Model):
    """Something elsewhere that belongs to a proposal: an issue, a pull request, a discussion, a document."""

    mutability = "mutable"

    class Kind(models.TextChoices):
        ISSUE = "issue", "issue"
        PULL_REQUEST = "pull_request", "pull request"
        DISCUSSION = "discussion", "discussion"
        DOCUMENT = "document", "document"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=12, choices=Kind)
    url = models.URLField(max_length=300)
    label = models.CharField(max_length=120, help_text="As pages show it: pytorch#12.")
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links_added")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="links_removed"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["proposal", "added_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "url"], condition=Q(removed_at__isnull=True), name="link_once_a_proposal"
            ),
            models.CheckConstraint(
                name="link_removed_by_whom_and_when",
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_at__gte=F("added_at"), removed_by__isnull=False),
            ),
            models.CheckConstraint(name="link_leads_to_the_web", condition=Q(url__startswith="https://")),
        ]

    def __str__(self) -> str:
        return self.label
