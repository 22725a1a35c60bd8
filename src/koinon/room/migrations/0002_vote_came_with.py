"""A vote says which wording brought it along, so that what was merged can be separated with the right totals."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("room", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="vote",
            name="came_with",
            field=models.ForeignKey(
                blank=True,
                help_text="the wording that brought it along when it was merged",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="room.contribution",
            ),
        )
    ]
