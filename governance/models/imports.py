from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from ecosystem.models import Project
from governance.models.account import User


class Import(models.Model):
    """One source read at one revision: proposed, then applied as one action, and perhaps undone as a whole."""

    mutability = "mutable"

    class State(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        APPLIED = "applied", "applied"
        UNDONE = "undone", "undone"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="imports")
    source = models.CharField(max_length=300, help_text="The name of the file, folder, repository or organisation.")
    format = models.CharField(max_length=40)
    revision = models.CharField(max_length=200, blank=True, help_text="The commit, where the source has any.")
    as_of = models.DateField(help_text="The day of which the source speaks.")
    dated_by = models.CharField(max_length=100, help_text="Where that day comes from.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of all that was read and not read.")
    url = models.CharField(max_length=400, blank=True, help_text="Where {file} is seen in public.")
    root = models.CharField(max_length=40, blank=True, help_text="The repository whose root was read, if it was.")
    covered = ArrayField(models.TextField(), default=list, help_text="The families of files that were read whole.")
    files = models.PositiveIntegerField(help_text="How many files were read.")
    reading = models.JSONField(help_text="All that was read, with its places.")
    renames = models.JSONField(default=list, help_text="What was confirmed to be renamed: [kind, old key, new key].")
    counts = models.JSONField(help_text="How many people, offices, terms, areas and proposals the reading holds.")
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    proposed_at = models.DateTimeField(auto_now_add=True)
    proposed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="import_state_says_when",
                condition=Q(state="proposed", applied_at__isnull=True, undone_at__isnull=True)
                | Q(state="applied", applied_at__isnull=False, undone_at__isnull=True)
                | Q(state="undone", applied_at__isnull=False, undone_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["project", "format", "as_of", "digest"],
                condition=~Q(state="undone"),
                name="import_once_a_day_and_reading",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk} of {self.source}"

    def get_absolute_url(self) -> str:
        return reverse("governance:import", args=[self.pk])

    @property
    def subject(self) -> str:
        """Return how the record refers to it."""
        return f"import/{self.pk}"

    def seen_at(self, file: str, line: int) -> str:
        """Return where a line of the source is seen: in public if anywhere, else on this import's page."""
        if not self.url or "{file}" not in self.url:
            return self.url or self.get_absolute_url()
        address = self.url.replace("{file}", file) + (f"#L{line}" if line else "")
        return address if len(address) <= 300 else self.get_absolute_url()


class ImportChange(models.Model):
    """What applying an import did to one row, or left as it was since a person had said otherwise."""

    mutability = "append-only"

    class Verb(models.TextChoices):
        ADDED = "added", "added"
        CHANGED = "changed", "changed"
        ENDED = "ended", "ended"
        REMOVED = "removed", "removed"
        CONFLICT = "conflict", "not applied"

    imported = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="changes")
    verb = models.CharField(max_length=10, choices=Verb)
    kind = models.CharField(
        max_length=12, help_text="What the row is: person, area, office, term, affiliation, proposal."
    )
    row = models.BigIntegerField(null=True, help_text="The row's number; empty where a conflict is about none.")
    words = models.TextField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    file = models.TextField(blank=True)
    line = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["imported", "pk"]
        indexes = [models.Index(fields=["kind", "row"], name="import_change_by_row")]

    def __str__(self) -> str:
        return f"{self.verb}: {self.words}"


class ImportUnread(models.Model):
    """A line of a source that could not be placed: where it stands, what it says, and why."""

    mutability = "append-only"

    imported = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="unread")
    file = models.TextField()
    line = models.PositiveIntegerField(help_text="From 1; 0: the file as a whole.")
    text = models.TextField(blank=True)
    reason = models.TextField()

    class Meta:
        ordering = ["imported", "file", "line", "pk"]
        verbose_name_plural = "import unread"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class ImportTrace(models.Model):
    """What the imports of a source wrote into one row, value by value.

    Where the row says otherwise now, a person changed it since, and that stays.
    """

    mutability = "mutable"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    row = models.BigIntegerField()
    key = models.CharField(max_length=200, blank=True, help_text="What the source calls it.")
    before = models.JSONField(null=True, help_text="What stood there first; empty where an import added the row.")
    written = models.JSONField(help_text="What imports wrote last.")

    class Meta:
        ordering = ["kind", "row"]
        constraints = [
            models.UniqueConstraint(fields=["project", "format", "kind", "row"], name="import_trace_once_a_row")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"
