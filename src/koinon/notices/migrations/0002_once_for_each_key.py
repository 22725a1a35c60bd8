from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="once",
            field=models.CharField(
                help_text="hash of the Idempotency-Key", max_length=64, null=True, unique=True
            ),
        ),
    ]
