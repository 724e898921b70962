import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0034_message_list"),
        ("properties", "0030_guests_open"),
    ]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="kind",
            field=models.CharField(
                choices=[
                    ("guest needs help", "guest needs help"),
                    ("guest may not get in", "guest may not get in"),
                    ("address takes no mail", "address takes no mail"),
                    ("guest not told", "guest not told"),
                    ("account broken", "account broken"),
                    ("lock gone", "lock gone"),
                    ("lock offline", "lock offline"),
                    ("battery low", "battery low"),
                    ("keypad battery low", "keypad battery low"),
                    ("subscription ended", "subscription ended"),
                    ("guest opened door", "guest opened door"),
                ],
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stay booked", "stay booked"),
                    ("stay changed", "stay changed"),
                    ("stay cancelled", "stay cancelled"),
                    ("guests changed", "guests changed"),
                    ("address corrected", "address corrected"),
                    ("times derived anew", "times derived anew"),
                    ("code drawn anew", "code drawn anew"),
                    ("code renewed", "code renewed"),
                    ("code revealed", "code revealed"),
                    ("guest saw code", "guest saw code"),
                    ("help asked", "help asked"),
                    ("help settled", "help settled"),
                    ("link revealed", "link revealed"),
                    ("link renewed", "link renewed"),
                    ("link revoked", "link revoked"),
                    ("told again", "told again"),
                    ("told at once", "told at once"),
                    ("write intended", "write intended"),
                    ("write answered", "write answered"),
                    ("confirmed", "confirmed"),
                    ("drifted", "drifted"),
                    ("closed", "closed"),
                    ("message sent", "message sent"),
                    ("trial asked", "trial asked"),
                    ("trial answered", "trial answered"),
                    ("reading asked", "reading asked"),
                    ("opening asked", "opening asked"),
                    ("lock called", "lock called"),
                    ("lock answered", "lock answered"),
                    ("lock put on door", "lock put on door"),
                    ("guests open changed", "guests open changed"),
                    ("lock renamed", "lock renamed"),
                    ("holder named", "holder named"),
                    ("holder forgotten", "holder forgotten"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="HelpRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("ended", "ended"),
                            ("too early", "too early"),
                            ("just opened", "just opened"),
                            ("no keypad", "no keypad"),
                            ("keypad unknown", "keypad unknown"),
                            ("out of service", "out of service"),
                            ("jammed", "jammed"),
                            ("too many tries", "too many tries"),
                            ("offline without code", "offline without code"),
                            ("code not confirmed", "code not confirmed"),
                            ("right code refused", "right code refused"),
                            ("keypad battery", "keypad battery"),
                            ("lock battery", "lock battery"),
                            ("other door", "other door"),
                            ("offline", "offline"),
                            ("mistyped", "mistyped"),
                            ("in order", "in order"),
                        ],
                        max_length=24,
                    ),
                ),
                ("told_host_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "grant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="help_request",
                        to="access.grant",
                    ),
                ),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="help_requests",
                        to="access.stay",
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at__isnull", True), ("told_host_at__isnull", False)),
                        fields=["told_host_at"],
                        name="help_that_hosts_know_of",
                    )
                ],
            },
        ),
    ]
