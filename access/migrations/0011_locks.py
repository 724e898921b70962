"""What people ask of a smart lock itself stands in the audit, too."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0010_guests"),
        ("properties", "0008_webhook_refused"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="smart_lock",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="audit",
                to="properties.smartlock",
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
                    ("address corrected", "address corrected"),
                    ("times derived anew", "times derived anew"),
                    ("code drawn anew", "code drawn anew"),
                    ("code revealed", "code revealed"),
                    ("write intended", "write intended"),
                    ("write answered", "write answered"),
                    ("confirmed", "confirmed"),
                    ("drifted", "drifted"),
                    ("closed", "closed"),
                    ("message sent", "message sent"),
                    ("reading asked", "reading asked"),
                    ("opening asked", "opening asked"),
                    ("lock called", "lock called"),
                    ("lock answered", "lock answered"),
                    ("lock put on door", "lock put on door"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                condition=models.Q(("smart_lock__isnull", False)),
                fields=["smart_lock", "-at"],
                name="audit_of_a_lock",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "lock called")),
                fields=("intent",),
                name="what_is_asked_of_a_lock_is_called_for_once",
            ),
        ),
    ]
