"""The migration operation by which a table refuses to forget, for every append-only table of the site."""

from django.db import migrations

# ENABLE ALWAYS: also in a session that switches ordinary triggers off (session_replication_role).
PROTECT = """
CREATE TRIGGER {table}_keeps_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER {table}_keeps_all BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION record_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keeps_rows;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keeps_all;
"""
RELEASE = """
DROP TRIGGER {table}_keeps_rows ON {table};
DROP TRIGGER {table}_keeps_all ON {table};
"""
# restrict_violation, which Django raises as IntegrityError.
FUNCTION = """
CREATE FUNCTION record_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: rows of this table are appended, never changed or removed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


class RefuseChanges(migrations.RunSQL):
    """Refuse UPDATE, DELETE and TRUNCATE of a table, in the database itself.

    The migration that uses it depends on ("record", "0002_refuse_changes"), where the function is made.
    """

    def __init__(self, table: str) -> None:
        if not table.isidentifier():
            raise ValueError(f"Not a table's name: {table!r}")
        self.table = table
        super().__init__(PROTECT.format(table=table), RELEASE.format(table=table))

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        return (self.__class__.__qualname__, [self.table], {})

    def describe(self) -> str:
        return f"Refuse changes of {self.table}"
