import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0027_stays_that_stand"),
        ("properties", "0025_row_security_planned_for"),
    ]

    operations = [
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
                    ("lock renamed", "lock renamed"),
                    ("holder named", "holder named"),
                    ("holder forgotten", "holder forgotten"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="GuestLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("nonce", models.CharField(max_length=64)),
                ("token_digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("first_opened_at", models.DateTimeField(blank=True, null=True)),
                ("last_opened_at", models.DateTimeField(blank=True, null=True)),
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="access.stay"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="guestlink",
            constraint=models.UniqueConstraint(fields=("token_digest",), name="tokens_of_links_differ"),
        ),
        migrations.AddConstraint(
            model_name="guestlink",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=("stay",),
                name="one_link_that_works_for_each_stay",
            ),
        ),
    ]
