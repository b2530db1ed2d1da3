from fractions import Fraction

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ecosystem.models import Person, Project
from governance.models.proposal import Proposal


class Ballot(models.Model):
    """A vote: the question, the rule it is counted by as it stood when it was called, and how it ended.

    Its electorate is frozen when it opens; it closes by the clock, whoever writes the result down and when.
    """

    mutability = "mutable"

    class Kind(models.TextChoices):
        PROPOSAL = "proposal", "about a proposal"
        APPOINTMENT = "appointment", "an appointment"
        REMOVAL = "removal", "a removal"
        NO_CONFIDENCE = "no_confidence", "no confidence"
        CHARTER = "charter", "a change of the charter"
        OTHER = "other", "another question"

    class Base(models.TextChoices):
        CAST = "cast", "of the votes cast"
        NON_ABSTAINING = "non_abstaining", "of the votes for and against"
        SEATED = "seated", "of all who may vote"

    class Shown(models.TextChoices):
        AT_ONCE = "at_once", "at once"
        AT_CLOSE = "at_close", "when it has closed"
        NEVER = "never", "never; only the numbers, when it has closed"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="ballots")
    proposal = models.ForeignKey(Proposal, null=True, blank=True, on_delete=models.PROTECT, related_name="ballots")
    kind = models.CharField(max_length=14, choices=Kind)
    decision = models.CharField(max_length=60, blank=True, help_text="The charter's decision by which it is taken.")
    question = models.CharField(max_length=300, help_text="What yes means.")
    text = models.TextField(blank=True, help_text="Markdown: why.")
    members = models.ManyToManyField(
        Person, blank=True, related_name="ballots_about", help_text="Whom it is about; none: nobody, or all of a body."
    )
    electorate = ArrayField(models.CharField(max_length=60), help_text="The charter's roles whose holders vote.")

    base = models.CharField(max_length=14, choices=Base)
    share_numerator = models.PositiveIntegerField(null=True, blank=True)
    share_denominator = models.PositiveIntegerField(null=True, blank=True)
    share_written = models.CharField(max_length=20, blank=True, help_text="As the rule writes it: 75 %, 2/3.")
    strict = models.BooleanField(default=False, help_text="More than the share; otherwise at least.")
    all_but = models.PositiveIntegerField(null=True, blank=True, help_text="Instead of a share: all but so many.")
    no_objection = models.BooleanField(default=False, help_text="And nobody votes no.")
    tie_carries = models.BooleanField(default=False, help_text="As many yes as no is enough for half.")
    quorum_numerator = models.PositiveIntegerField(null=True, blank=True)
    quorum_denominator = models.PositiveIntegerField(null=True, blank=True)
    quorum_strict = models.BooleanField(default=False)
    quorum_least = models.PositiveIntegerField(null=True, blank=True)
    quorum_all_but = models.PositiveIntegerField(null=True, blank=True)
    recused_count = models.BooleanField(default=False, help_text="Who is recused still counts among the seated.")
    choices_shown = models.CharField(
        max_length=8, choices=Shown, default=Shown.AT_ONCE, help_text="When who chose what may be seen."
    )
    filled_in = models.TextField(blank=True, help_text="What the charter leaves open, and what was chosen here.")

    called_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ballots_called")
    called_at = models.DateTimeField()
    seconds_needed = models.PositiveSmallIntegerField(default=0)
    seconds_by = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    seconds_employers = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of how many different employers they must be; empty: the rule does not ask."
    )
    seconds_unknown_differ = models.BooleanField(
        default=False, help_text="Seconders whose employer is not known count as of different employers."
    )
    seconds_until = models.DateTimeField(null=True, blank=True, help_text="Without its seconds by then it lapses.")
    days = models.PositiveSmallIntegerField(help_text="How long it is open.")
    zone = models.CharField(max_length=60)
    opened_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="ballots_cancelled"
    )
    cancelled_why = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True, help_text="When the result was written down.")
    carried = models.BooleanField(null=True, blank=True)
    arithmetic = models.TextField(blank=True, help_text="The result with its sum, in words.")

    class Meta:
        ordering = ["-called_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="ballot_about_a_proposal_names_it", condition=~Q(kind="proposal") | Q(proposal__isnull=False)
            ),
            models.CheckConstraint(
                name="ballot_has_one_threshold",
                condition=Q(
                    share_numerator__isnull=False,
                    share_denominator__isnull=False,
                    share_numerator__gte=1,
                    share_denominator__gte=F("share_numerator"),
                    all_but__isnull=True,
                )
                | Q(share_numerator__isnull=True, share_denominator__isnull=True, all_but__isnull=False),
            ),
            models.CheckConstraint(
                name="ballot_has_at_most_one_quorum",
                condition=Q(quorum_numerator__isnull=True, quorum_denominator__isnull=True)
                | Q(
                    quorum_numerator__isnull=False,
                    quorum_denominator__isnull=False,
                    quorum_numerator__gte=1,
                    quorum_denominator__gte=F("quorum_numerator"),
                    quorum_least__isnull=True,
                    quorum_all_but__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="ballot_opens_and_closes",
                condition=Q(opened_at__isnull=True, closes_at__isnull=True)
                | Q(
                    opened_at__isnull=False,
                    closes_at__isnull=False,
                    opened_at__gte=F("called_at"),
                    closes_at__gt=F("opened_at"),
                ),
            ),
            models.CheckConstraint(
                name="ballot_cancelled_by_whom_when_and_why",
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True, cancelled_why="")
                | (Q(cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(cancelled_why="")),
            ),
            models.CheckConstraint(
                name="ballot_decided_when_and_how",
                condition=Q(decided_at__isnull=True, carried__isnull=True, arithmetic="")
                | (
                    Q(
                        decided_at__isnull=False,
                        closes_at__isnull=False,
                        decided_at__gte=F("closes_at"),
                        carried__isnull=False,
                        cancelled_at__isnull=True,
                    )
                    & ~Q(arithmetic="")
                ),
            ),
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(proposal__isnull=False, decided_at__isnull=True, cancelled_at__isnull=True),
                name="ballot_one_at_a_time_on_a_proposal",
            ),
        ]

    def __str__(self) -> str:
        return self.question

    def get_absolute_url(self) -> str:
        return reverse("governance:ballot", args=[self.pk])

    @property
    def subject(self) -> str:
        """Return how the record refers to it."""
        return f"vote/{self.pk}"

    @property
    def asked(self) -> str:
        """Return the question as it ends a sentence."""
        return self.question if self.question.endswith(("?", ".", "!")) else f"{self.question}."

    @property
    def share(self) -> Fraction | None:
        """Return the share it must reach, exactly."""
        return Fraction(self.share_numerator, self.share_denominator) if self.share_numerator else None

    @property
    def quorum_share(self) -> Fraction | None:
        """Return the share that must take part, exactly."""
        return Fraction(self.quorum_numerator, self.quorum_denominator) if self.quorum_numerator else None


class Elector(models.Model):
    """Somebody who may vote on a ballot: named once, when it opened, with the office and employer of that day."""

    mutability = "append-only"

    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="electors")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="electorates")
    office = models.CharField(max_length=400, help_text="The office by which they vote, as it was named.")
    affiliation = models.CharField(max_length=200, help_text="Their employer of that day; `unknown` is said as such.")
    frozen_at = models.DateTimeField()

    class Meta:
        ordering = ["ballot", "person__name"]
        constraints = [models.UniqueConstraint(fields=["ballot", "person"], name="elector_once_a_ballot")]

    def __str__(self) -> str:
        return f"{self.person}, {self.office}"


class Choice(models.Model):
    """What an elector chose, at one moment; the latest before the close counts."""

    mutability = "append-only"

    class Word(models.TextChoices):
        YES = "yes", "yes"
        NO = "no", "no"
        ABSTAIN = "abstain", "abstain"

    elector = models.ForeignKey(Elector, on_delete=models.PROTECT, related_name="choices")
    word = models.CharField(max_length=7, choices=Word)
    reason = models.TextField(blank=True)
    cast_at = models.DateTimeField()

    class Meta:
        ordering = ["elector", "-cast_at", "-pk"]

    def __str__(self) -> str:
        return f"choice {self.pk}"


class Declaration(models.Model):
    """What was said of an elector's interests: a conflict told, a recusal, a recusal taken back. The latest counts."""

    mutability = "append-only"

    class Kind(models.TextChoices):
        CONFLICT = "conflict", "told of a conflict of interest"
        RECUSED = "recused", "recused"
        RETURNED = "returned", "takes part again"

    elector = models.ForeignKey(Elector, on_delete=models.PROTECT, related_name="declarations")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField()
    made_by = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="declarations_made",
        help_text="Empty: the charter itself.",
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["elector", "-made_at", "-pk"]
        constraints = [models.CheckConstraint(name="declaration_has_a_reason", condition=~Q(text=""))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.made_at:%Y-%m-%d}"


class Second(models.Model):
    """Somebody's support, without which a vote is not opened."""

    mutability = "append-only"

    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="seconds")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="seconds")
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["ballot", "given_at"]
        constraints = [models.UniqueConstraint(fields=["ballot", "person"], name="second_once_a_ballot")]

    def __str__(self) -> str:
        return f"{self.person} seconds"


class Reminder(models.Model):
    """That an elector was reminded, once of a kind, however often the schedule asks."""

    mutability = "append-only"

    class Kind(models.TextChoices):
        OPENED = "opened", "it has opened"
        CLOSING = "closing", "it closes soon"

    elector = models.ForeignKey(Elector, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=8, choices=Kind)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["elector", "sent_at"]
        constraints = [models.UniqueConstraint(fields=["elector", "kind"], name="reminder_once_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.sent_at:%Y-%m-%d}"
