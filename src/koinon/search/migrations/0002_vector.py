from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Vector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("type", models.CharField(blank=True, max_length=30)),
                ("key", models.CharField(max_length=200)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("part", models.PositiveSmallIntegerField(default=0)),
                ("model", models.CharField(max_length=120)),
                ("digest", models.CharField(db_index=True, max_length=32)),
                ("data", models.BinaryField(default=b"")),
                ("concepts", models.TextField(blank=True)),
                ("on", models.DateField(null=True)),
                ("asked", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("gone", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("type", "key", "language", "part"), name="one_vector_a_part"
                    )
                ],
            },
        ),
    ]
