from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0002_bounces_digests_received"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="outbox", name="mail_outbox_digest"),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(fields=["digest", "to", "state", "try_at"], name="mail_outbox_group"),
        ),
    ]
