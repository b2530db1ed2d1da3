"""Let the database itself refuse to change what was planned and what was measured."""

from django.db import migrations

TABLES = ("benchmarks_runner_plannedpoint", "benchmarks_runner_sample")

FUNCTION = """
CREATE FUNCTION benchmarks_runner_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what was planned and measured stays as it was', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


def triggers():
    for table in TABLES:
        yield migrations.RunSQL(
            f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION benchmarks_runner_refuse_change();"
            f"CREATE TRIGGER {table}_all BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION benchmarks_runner_refuse_change();",
            f"DROP TRIGGER {table}_rows ON {table}; DROP TRIGGER {table}_all ON {table};",
        )


class Migration(migrations.Migration):
    dependencies = [("benchmarks_runner", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION benchmarks_runner_refuse_change();"),
        *triggers(),
    ]
