"""Let the database itself refuse to change what was planned and what was measured."""

from django.db import migrations

from record.append_only import RefuseChanges


class Migration(migrations.Migration):
    dependencies = [("benchmarks_runner", "0001_initial"), ("record", "0002_refuse_changes")]
    operations = [
        RefuseChanges("benchmarks_runner_plannedpoint"),
        RefuseChanges("benchmarks_runner_sample"),
    ]
