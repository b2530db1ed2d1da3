from datetime import date

from django.db import models
from django.db.models import F, Q

from governance.models.office import Term


class CheckIn(models.Model):
    """Somebody in office was asked whether they are still interested. No answer never ends a term by itself."""

    mutability = "mutable"

    class Answer(models.TextChoices):
        ACTIVE = "active", "still interested"
        STEP_BACK = "step_back", "would step back"

    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="check_ins")
    asked_on = models.DateField()
    answer_by = models.DateField(help_text="The last day on which an answer is awaited; a later one counts as well.")
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answered_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="check_in_answered_on_a_day",
                condition=Q(answer="", answered_on__isnull=True) | (~Q(answer="") & Q(answered_on__isnull=False)),
            ),
            models.CheckConstraint(name="check_in_awaits_an_answer", condition=Q(answer_by__gte=F("asked_on"))),
            models.UniqueConstraint(fields=["term"], condition=Q(answer=""), name="check_in_asked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.term}, asked on {self.asked_on}"

    def said(self, on: date) -> str:
        """Say how it stands on a day: answered, awaited, or without an answer."""
        if self.answer:
            return self.get_answer_display()
        return "an answer is awaited" if on <= self.answer_by else "no answer"
