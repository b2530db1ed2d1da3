"""Let the database itself refuse to change, remove or misplace an event."""

from django.db import migrations

from record.append_only import FUNCTION, RefuseChanges

# An event goes after the last one and carries its hash, whoever inserts it; the lock is the one of record.actions.
CHAIN = """
CREATE FUNCTION record_keep_the_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record_event%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(5065495481016272195);
    SELECT * INTO last FROM record_event ORDER BY position DESC LIMIT 1;
    IF NEW.position <> COALESCE(last.position, 0) + 1 THEN
        RAISE EXCEPTION 'event % cannot follow event %', NEW.position, COALESCE(last.position, 0)
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.previous <> COALESCE(last.hash, repeat('0', 64)) THEN
        RAISE EXCEPTION 'event % does not carry the hash of event %', NEW.position, NEW.position - 1
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER record_event_chained BEFORE INSERT ON record_event
    FOR EACH ROW EXECUTE FUNCTION record_keep_the_chain();
ALTER TABLE record_event ENABLE ALWAYS TRIGGER record_event_chained;
"""
UNCHAIN = """
DROP TRIGGER record_event_chained ON record_event;
DROP FUNCTION record_keep_the_chain();
"""


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION record_refuse_change();"),
        RefuseChanges("record_event"),
        migrations.RunSQL(CHAIN, UNCHAIN),
    ]
