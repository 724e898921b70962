import django.db.models.deletion
from django.db import migrations, models

import properties.encryption


class Migration(migrations.Migration):
    dependencies = [("access", "0031_sent_messages_stay"), ("properties", "0029_api_keys")]

    operations = [
        migrations.AddField(
            model_name="stay",
            name="external_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddIndex(
            model_name="stay",
            index=models.Index(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=["organization", "external_id"],
                name="stays_by_external_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("cancelled_at__isnull", True), models.Q(("external_id", ""), _negated=True)
                ),
                fields=("organization", "external_id"),
                name="one_standing_stay_for_each_external_id",
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="api_key",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="properties.apikey",
            ),
        ),
        migrations.CreateModel(
            name="ApiRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("claimed_until", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("etag", models.CharField(blank=True, max_length=64)),
                ("answer", properties.encryption.EncryptedTextField(blank=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="properties.organization",
                    ),
                ),
                (
                    "stay",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.stay",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["asked_at"], name="api_requests_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "key"), name="each_idempotency_key_once"),
                ],
            },
        ),
    ]
