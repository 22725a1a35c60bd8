"""A webhook knows its secret again, so that it rests where the installation has another than when it was made."""

import hashlib
import hmac

from django.db import migrations, models
from django.utils.crypto import salted_hmac


def mark_all(apps, editor):
    """As `signing.mark_of` does, with the installation's secret as it is now."""
    for hook in apps.get_model("webhooks", "Hook").objects.filter(mark="").only("pk", "seed"):
        key = salted_hmac("koinon.webhooks.secret", hook.seed, algorithm="sha256").digest()
        hook.mark = hmac.new(key, b"koinon.webhooks.mark", hashlib.sha256).hexdigest()[:16]
        hook.save(update_fields=["mark"])


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_begin")]

    operations = [
        migrations.AddField(
            model_name="hook",
            name="mark",
            field=models.CharField(
                blank=True, default="", help_text="by which a secret is known again", max_length=16
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="hook",
            name="because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("owner", "Somebody who answers for it paused it."),
                    ("failing", "Nobody took anything there for three days."),
                    ("gone", "The server there said that this address is gone (410)."),
                    ("nobody", "Who answered for it may no longer do so."),
                    (
                        "secret",
                        "Its secret no longer holds, since this installation has another."
                        " Make a new secret, then go on.",
                    ),
                ],
                max_length=8,
            ),
        ),
        migrations.RunPython(mark_all, migrations.RunPython.noop),
    ]
