"""Ask people in office whether they are still interested, and take their answer; neither ends a term."""

from datetime import date, timedelta

from django.db import transaction

import record
from governance.models import CheckIn, Term
from record.actions import Account

AWAITED = timedelta(days=30)


class CheckInRefused(ValueError):
    """A question that was asked already or is about nobody in office, or an answer to nothing."""


@transaction.atomic
def ask_whether_interested(*, term: Term, on: date, by: Account | str | None) -> CheckIn:
    """Ask who holds a term whether they are still interested.

    Raises:
        CheckInRefused: when the term does not run, or the last question is not answered.
    """
    term = Term.objects.select_for_update(of=("self",)).select_related("office", "person__merged_into").get(pk=term.pk)
    refuse_a_question(term, on)
    check_in = CheckIn.objects.create(term=term, asked_on=on, answer_by=on + AWAITED)
    record.append(
        "check_in.asked",
        by=by,
        subject=f"term/{term.pk}/check-in/{check_in.pk}",
        summary=f"{term.person.kept.name} was asked whether they are still interested in being {term.office.name}.",
        data={"office": term.office.slug, "person": term.person.kept.slug, "answer_by": check_in.answer_by},
    )
    return check_in


def refuse_a_question(term: Term, on: date) -> None:
    """Refuse to ask who is not in office that day, or was asked and has not answered."""
    name = term.person.kept.name
    runs = (term.held.lower is None or term.held.lower <= on) and (term.held.upper is None or on < term.held.upper)
    if term.standing != Term.Standing.ACTIVE or not runs:
        raise CheckInRefused(f"{name} is not {term.office.name} on {on}.")
    if asked := term.check_ins.filter(answer="").first():
        raise CheckInRefused(f"{name} was asked on {asked.asked_on} and has not answered.")


@transaction.atomic
def answer_check_in(*, check_in: CheckIn, answer: str, on: date, by: Account | str | None) -> CheckIn:
    """Take the answer of who was asked, also a late one. Who would step back stays in office until the term is ended.

    Raises:
        CheckInRefused: when it was answered, or the answer is none of the two.
    """
    check_in = CheckIn.objects.select_for_update().get(pk=check_in.pk)
    if check_in.answer:
        raise CheckInRefused(f"It was answered on {check_in.answered_on}: {check_in.get_answer_display()}.")
    if answer not in CheckIn.Answer.values:
        raise CheckInRefused(f"An answer is one of {', '.join(CheckIn.Answer.values)}.")
    check_in.answer, check_in.answered_on = answer, on
    check_in.save()
    term = Term.objects.select_related("office", "person__merged_into").get(pk=check_in.term_id)
    wish = "is still interested in being" if answer == CheckIn.Answer.ACTIVE else "would step back from being"
    record.append(
        "check_in.answered",
        by=by,
        subject=f"term/{term.pk}/check-in/{check_in.pk}",
        summary=f"{term.person.kept.name} {wish} {term.office.name}.",
        data={"office": term.office.slug, "person": term.person.kept.slug, "answer": answer},
    )
    return check_in
