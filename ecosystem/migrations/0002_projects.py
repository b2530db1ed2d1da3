import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def keep_pytorch(apps, schema_editor):
    """Until now every area was PyTorch's."""
    Project, Area = apps.get_model("ecosystem", "Project"), apps.get_model("ecosystem", "Area")
    if Area.objects.exists():
        source = "https://github.com/pytorch/pytorch/blob/v2.6.0/docs/source/community/governance.rst"
        project = Project.objects.create(slug="pytorch", name="PyTorch", kept=True, source=source)
        Area.objects.update(project=project)


class Migration(migrations.Migration):
    dependencies = [("ecosystem", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Project",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("kept", models.BooleanField(default=False, help_text="The one whose flame this site keeps; others are peers.")),
                ("source", models.URLField(max_length=300)),
            ],
            options={
                "ordering": ["-kept", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=["kept"], condition=Q(kept=True), name="project_kept_is_one")
                ],
            },
        ),
        migrations.AddField(
            "area",
            "project",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="areas", to="ecosystem.project"),
        ),
        migrations.RunPython(keep_pytorch, migrations.RunPython.noop),
        # PostgreSQL alters no table in the transaction that has just written its rows with deferred checks.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            "area",
            "project",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="areas", to="ecosystem.project"),
        ),
    ]
