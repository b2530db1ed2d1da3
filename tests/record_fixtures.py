"""Let tests that commit empty the tables that refuse to be emptied.

A plugin for tests/conftest.py: `pytest_plugins = ["tests.record_fixtures"]`. Nothing of it is reachable from the
site: as the owner of the tables it switches their triggers off inside the flush's own transaction.
"""

from collections.abc import Iterator

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

PROTECTED = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
WHERE NOT tgisinternal AND tgtype & 32 = 32  -- fires on TRUNCATE
"""


@pytest.fixture(autouse=True, scope="session")
def flush_as_owner() -> Iterator[None]:
    """Empty append-only tables too, when a transactional test ends."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            DatabaseOperations, "execute_sql_flush", with_triggers_off(DatabaseOperations.execute_sql_flush)
        )
        yield


def with_triggers_off(flush):
    def execute_sql_flush(operations, sql_list):
        with operations.connection.cursor() as cursor:
            cursor.execute(PROTECTED)
            tables = [table for (table,) in cursor.fetchall()]
        off = [f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in tables]
        # What was ENABLE ALWAYS must be so again, or the tests that follow would run on a weaker table.
        on = [statement for table in tables for statement in enabling(operations.connection, table)]
        return flush(operations, [*off, *sql_list, *on])

    return execute_sql_flush


def enabling(connection, table: str) -> list[str]:
    """Return the statements that give a table's triggers back the state they have now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass", [table]
        )
        words = {"A": "ENABLE ALWAYS", "O": "ENABLE", "R": "ENABLE REPLICA", "D": "DISABLE"}
        return [f"ALTER TABLE {table} {words[state]} TRIGGER {name};" for name, state in cursor.fetchall()]
