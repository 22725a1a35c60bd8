"""Who was not let in is told so and may ask again; a title can be taken off; the journal holds no code of a closed space."""

from django.db import migrations, models


def say_refused(apps, editor):
    """Until now who was not let in stood as shown out, without the reason that everybody who is shown out is given."""
    rows = apps.get_model("spaces", "Member").objects.filter(state="removed", removed_because="")
    rows.update(state="refused", refusals=1)


def take_codes_out(apps, editor):
    """The labels of the journal are outside its hashes."""
    entries = apps.get_model("journal", "Entry").objects
    closed = apps.get_model("spaces", "Space").objects.filter(is_closed=True)
    spaces = [f"spaces.space:{pk}" for pk in closed.values_list("pk", flat=True)]
    for at in range(0, len(spaces), 500):
        entries.filter(thing__in=spaces[at : at + 500]).update(thing_label="closed space")
    for kind in ("thread", "date"):
        entries.filter(thing__startswith=f"spaces.{kind}:").update(thing_label=kind)


class Migration(migrations.Migration):
    dependencies = [("spaces", "0001_initial"), ("journal", "0003_gap_shelf_longer")]

    operations = [
        migrations.AlterField(
            model_name="member",
            name="state",
            field=models.CharField(
                choices=[
                    ("asked", "has asked to join"),
                    ("member", "member"),
                    ("refused", "not let in"),
                    ("removed", "shown out"),
                ],
                default="member",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="refusals",
            field=models.PositiveSmallIntegerField(default=0, help_text="how often it was not let in"),
        ),
        migrations.AddField(
            model_name="thread",
            name="title_removed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(say_refused, migrations.RunPython.noop),
        migrations.RunPython(take_codes_out, migrations.RunPython.noop),
    ]
