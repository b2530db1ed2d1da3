"""What the database itself refuses, real writers at once, and what shows a record that was tampered with."""

import io
import json
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, migrations, transaction
from django.test import Client

import record
from record.append_only import RefuseChanges
from record.chain import verify
from record.models import Event
from record.queries import entries

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 8
EVENTS_EACH = 15


def write(number: int, **changes: object) -> Event:
    """Append one committed event."""
    with transaction.atomic():
        return record.append(
            "night.decided", by=None, subject=f"night/{number}", summary=f"Night {number} was decided.", **changes
        )


def execute(sql: str, *parameters: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def as_owner(sql: str) -> None:
    """Do what only the tables' owner can: switch the triggers off and tamper."""
    execute(
        "ALTER TABLE record_event DISABLE TRIGGER USER;"
        f"{sql};"
        "ALTER TABLE record_event ENABLE ALWAYS TRIGGER record_event_keeps_rows;"
        "ALTER TABLE record_event ENABLE ALWAYS TRIGGER record_event_keeps_all;"
        "ALTER TABLE record_event ENABLE ALWAYS TRIGGER record_event_chained;"
    )


# -- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE record_event SET summary = 'Nothing happened.'",
        "UPDATE record_event SET position = position + 10",
        "DELETE FROM record_event",
        "DELETE FROM record_event WHERE position = 2",
        "TRUNCATE record_event",
        "TRUNCATE record_event CASCADE",
    ],
)
@pytest.mark.parametrize("session", ["origin", "replica"])
def test_the_database_refuses_to_change_or_forget(sql: str, session: str) -> None:
    for number in (1, 2):
        write(number)
    # `replica` switches ordinary triggers off for a session: ours are not ordinary.
    with pytest.raises(IntegrityError, match="is refused"):
        execute(f"SET LOCAL session_replication_role = {session}; {sql}")
    assert list(Event.objects.values_list("position", "summary")) == [
        (1, "Night 1 was decided."),
        (2, "Night 2 was decided."),
    ]


def test_django_cannot_change_or_forget_either() -> None:
    event = write(1)
    event.summary = "Nothing happened."
    with pytest.raises(IntegrityError, match="UPDATE on record_event is refused"):
        event.save()
    with pytest.raises(IntegrityError, match="DELETE on record_event is refused"):
        event.delete()


@pytest.mark.parametrize(
    ("position", "previous", "problem"),
    [
        (2, "f" * 64, "does not carry the hash"),
        (3, None, "cannot follow"),
        (1, "0" * 64, "cannot follow"),
    ],
)
def test_nobody_inserts_beside_the_chain(position: int, previous: str | None, problem: str) -> None:
    first = write(1)
    with pytest.raises(IntegrityError, match=problem):
        Event.objects.create(
            position=position,
            previous=previous or first.hash,
            at=first.at,
            kind="night.forged",
            actor="",
            subject="night/1",
            summary="Forged.",
            data={},
            hash="e" * 64,
        )
    assert verify(entries()).whole


def test_any_table_can_be_made_append_only_by_a_migration() -> None:
    execute("CREATE TABLE loom (thread integer)")
    operation = RefuseChanges("loom")
    try:
        with connection.schema_editor() as editor:
            operation.database_forwards(
                "record", editor, migrations.state.ProjectState(), migrations.state.ProjectState()
            )
        execute("INSERT INTO loom VALUES (1)")
        for sql in ("UPDATE loom SET thread = 2", "DELETE FROM loom", "TRUNCATE loom"):
            with pytest.raises(IntegrityError, match="on loom is refused"):
                execute(sql)
        with connection.schema_editor() as editor:
            operation.database_backwards(
                "record", editor, migrations.state.ProjectState(), migrations.state.ProjectState()
            )
        execute("TRUNCATE loom")
    finally:
        execute("DROP TABLE loom")


def test_the_operation_writes_itself_into_a_migration_and_refuses_a_name_that_is_none() -> None:
    name, arguments, _ = RefuseChanges("record_event").deconstruct()
    assert (name, arguments) == ("RefuseChanges", ["record_event"])
    with pytest.raises(ValueError, match="Not a table's name"):
        RefuseChanges("record_event; DROP TABLE record_event")


@pytest.mark.parametrize("time_round", [1, 2])
def test_a_test_that_commits_leaves_an_empty_and_guarded_record(time_round: int) -> None:
    assert write(time_round).position == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgenabled::text FROM pg_trigger WHERE tgrelid = 'record_event'::regclass AND NOT tgisinternal"
        )
        assert cursor.fetchall() == [("A",)] * 3


# -- writers at once -----------------------------------------------------------------------------------------------


def in_threads(work: Callable[[int], None], count: int) -> None:
    """Run the work in threads, each with a database connection of its own, and raise what any of them raised."""
    failures: list[BaseException] = []
    together = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            together.wait(timeout=30)
            work(number)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    if failures:
        raise failures[0]


def test_writers_at_once_never_fork_the_chain() -> None:
    def work(writer: int) -> None:
        coin = random.Random(writer)
        for number in range(EVENTS_EACH):
            try:
                with transaction.atomic():
                    record.append(
                        "night.decided", by=f"writer {writer}", subject=f"night/{number}", summary="It was decided."
                    )
                    # The commit comes some time after the event: that is where chains fork.
                    time.sleep(coin.random() / 200)
                    if coin.random() < 0.2:
                        raise InterruptedError
            except InterruptedError:
                continue

    in_threads(work, WRITERS)
    finding = verify(entries())
    assert finding.whole, finding.problem
    assert finding.events == Event.objects.count()
    # Some were rolled back, most were not, and all writers took part.
    assert WRITERS * EVENTS_EACH * 0.6 < finding.events < WRITERS * EVENTS_EACH
    assert Event.objects.values("actor").distinct().count() == WRITERS


def test_a_writer_waits_for_the_one_before_it_and_no_longer() -> None:
    appended, may_commit = threading.Event(), threading.Event()
    order: list[str] = []

    def work(number: int) -> None:
        if number == 0:
            with transaction.atomic():
                record.append("night.decided", by="first", subject="night/1", summary="One.")
                appended.set()
                may_commit.wait(timeout=30)
                order.append("first commits")
        else:
            appended.wait(timeout=30)
            threading.Timer(0.3, may_commit.set).start()
            write(2)
            order.append("second is written")

    in_threads(work, 2)
    assert order == ["first commits", "second is written"]
    assert list(Event.objects.values_list("position", "actor")) == [(1, "first"), (2, "")]


# -- verify_record ---------------------------------------------------------------------------------------------------


def verified(*arguments: str) -> tuple[int, str]:
    """Return the status and the output of verify_record."""
    out = io.StringIO()
    try:
        call_command("verify_record", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


@pytest.fixture
def five() -> list[Event]:
    return [write(number, data={"points": number}) for number in range(1, 6)]


def test_a_whole_record_has_status_0_and_says_what_to_keep(five: list[Event]) -> None:
    status, out = verified()
    assert status == 0
    assert "5 events" in out
    assert f"5:{five[-1].hash}" in out


def test_an_empty_record_is_whole() -> None:
    assert verified() == (0, "The record is whole: it has no event yet.\n")


TAMPERED = {
    "a changed sentence": ("UPDATE record_event SET summary = 'Nothing happened.' WHERE position = 3", 3),
    "a changed number": ("UPDATE record_event SET data = '{\"points\": 99}' WHERE position = 2", 2),
    "a changed time": ("UPDATE record_event SET at = at + interval '1 microsecond' WHERE position = 4", 4),
    "a changed actor": ("UPDATE record_event SET actor_id = 1 WHERE position = 5", 5),
    "a changed hash": ("UPDATE record_event SET hash = repeat('a', 64) WHERE position = 3", 3),
    "a removed event": ("DELETE FROM record_event WHERE position = 3", 3),
    "a removed beginning": ("DELETE FROM record_event WHERE position = 1", 1),
    "a moved event": ("UPDATE record_event SET position = 9 WHERE position = 5", 5),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_the_owner_of_the_tables_does_is_found_at_its_position(how: str, five: list[Event]) -> None:
    sql, position = TAMPERED[how]
    as_owner(sql)
    status, out = verified("--json")
    document = json.loads(out)
    assert status == 1
    assert (document["whole"], document["bad_position"]) == (False, position)
    status, out = verified()
    assert status == 1
    assert f"broken at position {position}" in out


def test_a_record_cut_off_at_its_end_is_found_by_a_hash_kept_elsewhere(five: list[Event]) -> None:
    as_owner("DELETE FROM record_event WHERE position = 5")
    assert verified()[0] == 0
    status, out = verified("--anchor", f"5:{five[-1].hash}")
    assert status == 1
    assert "event 5 was kept elsewhere and is not here" in out
    assert verified("--anchor", f"4:{five[3].hash}")[0] == 0


@pytest.fixture
def exported(five: list[Event], tmp_path: Path) -> Path:
    file = tmp_path / "export.jsonl"
    file.write_bytes(b"".join(Client().get("/record/export.jsonl").streaming_content))
    return file


def test_a_public_export_verifies_without_the_database(exported: Path, five: list[Event]) -> None:
    as_owner("UPDATE record_event SET summary = 'Nothing happened.'")
    status, out = verified("--file", str(exported), "--json")
    assert status == 0
    assert json.loads(out) == {
        "whole": True,
        "events": 5,
        "head": five[-1].hash,
        "bad_position": None,
        "problem": "",
        "withheld": 0,
    }


def test_a_forged_export_is_found(exported: Path) -> None:
    exported.write_text(exported.read_text().replace("Night 3 was", "Night 3 was not"))
    assert verified("--file", str(exported))[0] == 1
    lines = exported.read_text().splitlines()
    exported.write_text("\n".join([lines[0], "no event", *lines[1:]]))
    status, out = verified("--file", str(exported), "--json")
    assert (status, json.loads(out)["bad_position"]) == (1, 2)


def test_bad_input_is_one_line_and_status_2(tmp_path: Path) -> None:
    status, message = verified("--file", str(tmp_path / "nowhere"))
    assert status == 2
    assert "Cannot read" in message
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert verified("--file", str(picture))[0] == 2
    text = tmp_path / "text.txt"
    text.write_text("hello\n")
    status, message = verified("--file", str(text))
    assert status == 2
    assert "is no export of the record" in message
