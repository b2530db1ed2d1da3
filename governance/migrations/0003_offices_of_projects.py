import django.db.models.deletion
from django.db import migrations, models


def of_the_kept_project(apps, schema_editor):
    """Until now every office was PyTorch's."""
    Project, Office = apps.get_model("ecosystem", "Project"), apps.get_model("governance", "Office")
    if Office.objects.exists():
        source = "https://github.com/pytorch/pytorch/blob/v2.6.0/docs/source/community/governance.rst"
        project = Project.objects.filter(kept=True).first() or Project.objects.create(
            slug="pytorch", name="PyTorch", kept=True, source=source
        )
        Office.objects.update(project=project)


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0002_offices_and_releases"),
        ("ecosystem", "0002_projects"),
    ]

    operations = [
        migrations.AddField(
            "office",
            "project",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="offices", to="ecosystem.project"),
        ),
        migrations.RunPython(of_the_kept_project, migrations.RunPython.noop),
        # PostgreSQL alters no table in the transaction that has just written its rows with deferred checks.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            "office",
            "project",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="offices", to="ecosystem.project"),
        ),
    ]
