import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("properties", "0028_reminders")]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=50)),
                ("prefix", models.CharField(max_length=12)),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("read", "read"),
                                ("stays", "stays"),
                                ("locks", "locks"),
                                ("unlock", "unlock"),
                                ("codes", "codes"),
                                ("admin", "admin"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                (
                    "property_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, null=True, size=None
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to="properties.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("organization", "name"),
                        name="names_of_api_keys_differ",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scopes__len__gt", 0)), name="an_api_key_has_a_scope"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("property_ids", None),
                            models.Q(("scopes__contains", ["admin"]), _negated=True),
                            _connector="OR",
                        ),
                        name="an_api_key_that_is_limited_manages_none",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="teamentry",
            name="api_key",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="properties.apikey",
            ),
        ),
        migrations.AlterField(
            model_name="teamentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("founded", "founded"),
                    ("invited", "invited"),
                    ("invited again", "invited again"),
                    ("invitation withdrawn", "invitation withdrawn"),
                    ("joined", "joined"),
                    ("role changed", "role changed"),
                    ("limit changed", "limit changed"),
                    ("removed", "removed"),
                    ("left", "left"),
                    ("ownership transferred", "ownership transferred"),
                    ("second factor required", "second factor required"),
                    ("second factor free", "second factor free"),
                    ("API key made", "API key made"),
                    ("API key revoked", "API key revoked"),
                ],
                max_length=30,
            ),
        ),
    ]
