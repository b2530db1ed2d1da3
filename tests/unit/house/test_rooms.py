"""The house's rules that import-linter cannot see."""

import pytest
from django.apps import apps

ROOMS = ["config", "governance", "ecosystem", "benchmarks_runner", "ci_gpu"]
OURS = [*ROOMS, "record"]

MODELS = [model for label in OURS if label != "ci_gpu" for model in apps.get_app_config(label).get_models()]


def may_point(source: str, target: str) -> bool:
    """Say whether a model of one room may hold a key to a model of another."""
    if target not in OURS:
        return True  # Django's own tables
    if source == "record":
        return target == "record"
    return target == "record" or ROOMS.index(source) <= ROOMS.index(target)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_keys_point_from_decisions_down_to_facts(model):
    wrong = [
        f"{field.name} → {field.related_model._meta.label}"
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model is not None
        if not may_point(model._meta.app_label, field.related_model._meta.app_label)
    ]
    assert not wrong


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_says_whether_it_may_change(model):
    assert getattr(model, "mutability", None) in ("mutable", "append-only")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "model",
    [model for model in MODELS if getattr(model, "mutability", None) == "append-only"],
    ids=lambda model: model._meta.label,
)
def test_the_database_itself_refuses_to_change_append_only_tables(model):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(tgtype & 16 = 16), bool_or(tgtype & 8 = 8), bool_or(tgtype & 32 = 32)"
            " FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled <> 'D'",
            [model._meta.db_table],
        )
        update, delete, truncate = cursor.fetchone()
    assert (update, delete, truncate) == (True, True, True)


def test_the_rule_on_keys_refuses_a_fact_that_points_at_a_decision():
    assert may_point("governance", "benchmarks_runner")
    assert not may_point("benchmarks_runner", "governance")
    assert not may_point("record", "governance")
    assert not may_point("ecosystem", "config")
