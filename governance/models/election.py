from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ecosystem.models import Person
from governance.models.account import User
from governance.models.office import Office

MARKS = {
    "schulze": "ranks",
    "ranked-pairs": "ranks",
    "irv": "ranks",
    "stv": "ranks",
    "star": "scores",
    "bloc-star": "scores",
    "approval": "approvals",
}


class Election(models.Model):
    """Candidates, secret ballots and a tally that anyone can recount, for seats of an office."""

    mutability = "mutable"

    class State(models.TextChoices):
        ANNOUNCED = "announced", "announced"
        NOMINATING = "nominating", "open for nominations"
        VOTING = "voting", "open for votes"
        CLOSED = "closed", "closed"
        COUNTED = "counted", "counted"
        CONFIRMED = "confirmed", "confirmed"
        CANCELLED = "cancelled", "cancelled"

    class Method(models.TextChoices):
        SCHULZE = "schulze", "Schulze (ranks, compared pair by pair)"
        RANKED_PAIRS = "ranked-pairs", "ranked pairs (ranks, compared pair by pair)"
        IRV = "irv", "instant runoff (ranks)"
        STV = "stv", "single transferable vote (ranks, proportional)"
        STAR = "star", "STAR (scores from 0 to 5, then a runoff)"
        BLOC_STAR = "bloc-star", "Bloc STAR (scores from 0 to 5, seat by seat)"
        APPROVAL = "approval", "approval (any number of candidates)"

    class Nominators(models.TextChoices):
        ANYONE = "anyone", "anyone who is known to the site"
        ELECTORS = "electors", "the electors"
        OFFICES = "offices", "the holders of named offices"

    class TieBreak(models.TextChoices):
        AGREEMENT = "agreement", "agreement among the tied candidates"
        DRAW = "draw", "a draw by the seed published at opening"
        RUNOFF = "runoff", "a runoff election among the tied"

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="elections")
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=160)
    about = models.TextField(blank=True, help_text="What voters must know, in Markdown.")
    rule = models.URLField(max_length=300, help_text="Where the rule stands that this election follows.")
    seats = models.PositiveSmallIntegerField()
    long_seats = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The first so many get the long term; empty: all terms are alike."
    )
    method = models.CharField(max_length=20, choices=Method)
    variant = models.CharField(
        max_length=12,
        choices=[("gregory", "Gregory"), ("scottish", "Scottish"), ("meek", "Meek")],
        default="gregory",
        help_text="Which single transferable vote; other methods have no variants.",
    )
    unranked = models.CharField(
        max_length=10,
        choices=[("excluded", "say nothing about whom they leave out"), ("last", "put whom they leave out last")],
        default="excluded",
    )
    employer_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    tie_break = ArrayField(
        models.CharField(max_length=10, choices=TieBreak), help_text="What settles a contested tie, in this order."
    )
    electing_offices = models.ManyToManyField(Office, related_name="+", blank=True)
    electors_on = models.DateField(help_text="The day on which an elector holds one of those offices.")
    activity_from = models.PositiveIntegerField(
        null=True, blank=True, help_text="How much activity makes an elector; empty: activity makes none."
    )
    nominators = models.CharField(max_length=10, choices=Nominators, default=Nominators.ELECTORS)
    nominating_offices = models.ManyToManyField(Office, related_name="+", blank=True)
    endorsements = models.PositiveSmallIntegerField(
        default=0, help_text="How many electors must endorse a nominee, who does not stand without; 0: none."
    )
    endorsing_employers = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of how many different employers they must be; empty: the rule does not ask."
    )
    nominee_endorses = models.BooleanField(
        default=False, help_text="A nominee who is an elector counts as one of those who endorse."
    )
    unknown_differs = models.BooleanField(
        default=False, help_text="Endorsers whose employer is not known count as of different employers."
    )
    officers = models.ManyToManyField(Person, related_name="+", blank=True)
    zone = models.CharField(max_length=60, default="AoE", help_text="AoE, anywhere on Earth, or a zone's IANA name.")
    nominations_close_at = models.DateTimeField()
    exceptions_close_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(help_text="The first moment at which no ballot is taken any more.")
    takes_office_on = models.DateField()
    long_until = models.DateField(
        null=True, blank=True, help_text="When the long term expires, or each term where they are alike; empty: never."
    )
    short_until = models.DateField(null=True, blank=True, help_text="When the short terms expire; empty: never.")
    publish_from = models.PositiveSmallIntegerField(
        default=15, help_text="With fewer ballots than this, ballots are not published: they could be guessed."
    )
    standing_noted_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was written down who stands; that held since nominations closed."
    )
    opened_at = models.DateTimeField(
        null=True, blank=True, help_text="When the roll and the ballot papers were frozen."
    )
    seed = models.CharField(max_length=64, blank=True, help_text="Drawn and published when voting opens.")
    state = models.CharField(max_length=12, choices=State, default=State.ANNOUNCED)
    cancelled_because = models.TextField(blank=True)
    announced_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-closes_at"]
        constraints = [
            models.CheckConstraint(
                name="election_moments_in_order",
                condition=Q(nominations_close_at__lte=F("opens_at"), exceptions_close_at__lte=F("opens_at"))
                & Q(opens_at__lt=F("closes_at")),
            ),
            models.CheckConstraint(name="election_has_a_seat", condition=Q(seats__gte=1)),
            models.CheckConstraint(
                name="election_long_seats_are_seats",
                condition=Q(long_seats__isnull=True) | Q(long_seats__lte=F("seats")),
            ),
            models.CheckConstraint(
                name="election_endorsing_employers_are_endorsers",
                condition=Q(endorsing_employers__isnull=True)
                | Q(endorsing_employers__gte=1, endorsing_employers__lte=F("endorsements")),
            ),
            models.CheckConstraint(
                name="election_standing_noted_once_closed",
                condition=Q(standing_noted_at__isnull=True) | Q(standing_noted_at__gte=F("nominations_close_at")),
            ),
            models.CheckConstraint(name="election_publishes_from_five", condition=Q(publish_from__gte=5)),
            models.CheckConstraint(
                name="election_opened_with_a_seed",
                condition=Q(opened_at__isnull=True, seed="") | Q(opened_at__isnull=False, seed__gt=""),
            ),
            models.CheckConstraint(
                name="election_cancelled_with_a_reason",
                condition=Q(state="cancelled", cancelled_because__gt="")
                | (~Q(state="cancelled") & Q(cancelled_because="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("governance:election", args=[self.slug])

    @property
    def marks(self) -> str:
        """Say what voters give the candidates: ranks, scores or approvals."""
        return MARKS[self.method]


class Activity(models.Model):
    """One line of an imported list of activity: a GitHub login and how much it did."""

    mutability = "mutable"

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="activity")
    login = models.CharField(max_length=80)
    amount = models.PositiveIntegerField()
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["login"]
        verbose_name_plural = "activity"
        constraints = [
            models.UniqueConstraint("election", models.functions.Lower("login"), name="activity_once_a_login")
        ]

    def __str__(self) -> str:
        return f"{self.login}: {self.amount}"


class ExceptionRequest(models.Model):
    """What somebody asks for who is no elector by the data, and what the election officers decided."""

    mutability = "mutable"

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="exceptions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(help_text="Why this person should vote; only the officers read it.")
    asked_at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    reason = models.TextField(blank=True, help_text="The officers' reason; public.")
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["election", "person"], name="exception_asked_once"),
            models.CheckConstraint(
                name="exception_decided_by_somebody_with_a_reason",
                condition=Q(granted__isnull=True, decided_by__isnull=True, decided_at__isnull=True, reason="")
                | Q(granted__isnull=False, decided_by__isnull=False, decided_at__isnull=False, reason__gt=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.election}"


class RollEntry(models.Model):
    """Whether a person may vote and why, frozen when voting opens. Whether they did is not kept here."""

    mutability = "append-only"

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="roll")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    eligible = models.BooleanField()
    because = models.TextField()

    class Meta:
        ordering = ["person__name"]
        constraints = [models.UniqueConstraint(fields=["election", "person"], name="elector_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.because}"


class Nomination(models.Model):
    """Somebody proposed for a seat, and what they answered."""

    mutability = "mutable"

    class Answer(models.TextChoices):
        AWAITED = "awaited", "not answered yet"
        ACCEPTED = "accepted", "accepted"
        UNENDORSED = "unendorsed", "did not get the endorsements"
        DECLINED = "declined", "declined"
        WITHDRAWN = "withdrawn", "withdrawn"

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="nominations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="nominations")
    nominated_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    nominated_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    answer = models.CharField(max_length=10, choices=Answer, default=Answer.AWAITED)
    answered_at = models.DateTimeField(null=True)
    statement = models.TextField(blank=True, help_text="The candidate's own words, in Markdown.")
    name_on_paper = models.CharField(
        max_length=120, blank=True, help_text="As the ballot papers name them, whatever they are called later."
    )
    stands_back = models.BooleanField(
        default=False, help_text="Leaves a seat to those with whom a contested tie was met."
    )

    class Meta:
        ordering = ["person__name"]
        constraints = [
            models.UniqueConstraint(fields=["election", "person"], name="nomination_once"),
            models.CheckConstraint(
                name="nomination_answered_at_a_moment",
                condition=Q(answer="awaited", answered_at__isnull=True)
                | (~Q(answer="awaited") & Q(answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.election}"

    @property
    def name(self) -> str:
        """Return the name by which ballots and results call the candidate."""
        return self.name_on_paper or self.person.name


class Endorsement(models.Model):
    """An elector's support of a nominee; one that was withdrawn is kept, with its moment."""

    mutability = "mutable"

    nomination = models.ForeignKey(Nomination, on_delete=models.PROTECT, related_name="endorsements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="endorsements")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["given_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination", "person"], condition=Q(withdrawn_at__isnull=True), name="endorsement_once"
            ),
            models.CheckConstraint(
                name="endorsement_withdrawn_later",
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("given_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.nomination.person}"


class BallotBox(models.Model):
    """All ballots of an election and, apart from them, who has voted: sealed together, rewritten whole at each cast.

    Ballots have no rows of their own: no number, no moment, no order and no transaction of theirs is kept.
    docs/explanation/elections.md says against whom that helps, and against whom it does not.
    """

    mutability = "mutable"

    election = models.OneToOneField(Election, on_delete=models.PROTECT, related_name="box")
    sealed = models.BinaryField(help_text="AES-GCM under a key that is no part of the database; padded.")
    ballots = models.PositiveIntegerField(default=0, help_text="How many: the turnout, without names.")

    class Meta:
        verbose_name_plural = "ballot boxes"

    def __str__(self) -> str:
        return f"ballot box of {self.election}"


class TieDecision(models.Model):
    """How a contested tie was settled: in which order the tied candidates are taken, by which of the rule's ways."""

    mutability = "append-only"

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="tie_decisions")
    tied = models.JSONField(help_text="The tied candidates by name, and for how many seats.")
    how = models.CharField(max_length=10, choices=Election.TieBreak)
    order = models.JSONField(help_text="All candidates by name in the order in which ties are resolved.")
    reason = models.TextField()
    runoff = models.ForeignKey(Election, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_how_display()} for {self.election}"


class Count(models.Model):
    """One counting of an election: its result with the arithmetic, and what of the ballots is published."""

    mutability = "append-only"

    class Publishes(models.TextChoices):
        BALLOTS = "ballots", "every ballot"
        TOTALS = "totals", "the totals, and no ballot"
        NAMES = "names", "the names of who is elected, and nothing else"

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="counts")
    counted_at = models.DateTimeField()
    tie_decision = models.ForeignKey(TieDecision, null=True, on_delete=models.PROTECT, related_name="+")
    publishes = models.CharField(max_length=10, choices=Publishes)
    why = models.TextField(help_text="Why so much is published, and no more.")
    electors = models.PositiveIntegerField()
    ballots = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file of coded ballots.")
    result = models.JSONField(help_text="The result as it may be published.")
    outcome = models.JSONField(help_text="Winners, long terms, ties and seats left empty, by candidate's name.")
    affiliations = models.JSONField(help_text="Employers of the closing day, of `candidates` and `sitting`.")
    file = models.TextField(blank=True, help_text="The published ballots, as `tally` reads them.")
    coded_file = models.TextField(blank=True, help_text="The same ballots, each with the code of its receipt.")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"count of {self.election}"
