"""Writing to the record."""

import pytest
from django.db import transaction

import record
from record.actions import OutsideTransaction
from record.chain import verify
from record.models import Event
from record.queries import entries
from tests.factories.people import an_account


def happened(number: int = 1, **changes: object) -> Event:
    fields = {"by": None, "subject": f"night/{number}", "summary": f"Night {number} was decided."}
    return record.append("night.decided", **{**fields, **changes})


@pytest.mark.django_db
def test_events_follow_each_other_and_verify() -> None:
    first, second = happened(1), happened(2, data={"points": 16, "estimate": 0.25})
    assert (first.position, second.position) == (1, 2)
    assert second.previous == first.hash
    assert Event.objects.get(position=2).data == {"points": 16, "estimate": "0.25"}
    assert verify(entries()).whole


@pytest.mark.django_db
def test_who_acted_is_kept_as_plain_values() -> None:
    user = an_account("grace")
    assert (happened(by=user).actor, Event.objects.get(position=1).actor_id) == ("grace", user.pk)
    assert (happened(by="schedule").actor, Event.objects.get(position=2).actor_id) == ("schedule", None)
    assert (happened(by=None).actor, Event.objects.get(position=3).actor_id) == ("", None)


@pytest.mark.django_db
def test_the_hash_survives_the_database() -> None:
    # What JSON columns and time columns might change: order of keys, large numbers, accents, microseconds.
    happened(data={"z": {"b": 1, "a": 2}, "large": 2**70, "ü": "≥\n\t", "list": [None, True, 1.0]})
    stored = Event.objects.get()
    assert stored.entry.computed_hash() == stored.hash


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["night", "Night.decided", "night.", "night decided", ""])
def test_a_kind_that_is_not_dotted_and_lower_case_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        record.append(kind, by=None, subject="night/1", summary="It was.")


@pytest.mark.django_db
@pytest.mark.parametrize("subject", ["", "night/", "/night", "night 1"])
def test_a_subject_that_is_no_reference_is_refused(subject: str) -> None:
    with pytest.raises(ValueError, match="subject"):
        happened(subject=subject)


@pytest.mark.django_db
def test_an_event_without_a_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match="summary"):
        happened(summary=" ")


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        happened()
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_event_leaves_no_gap() -> None:
    def interrupted() -> None:
        with transaction.atomic():
            happened(2)
            raise RuntimeError("the second write fails")

    with transaction.atomic():
        happened(1)
    with pytest.raises(RuntimeError, match="second write"):
        interrupted()
    with transaction.atomic():
        happened(3)
    assert list(Event.objects.values_list("position", "subject")) == [(1, "night/1"), (2, "night/3")]
    assert verify(entries()).whole
