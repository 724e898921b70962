from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0026_guests_in_order")]

    operations = [
        migrations.AddIndex(
            model_name="stay",
            index=models.Index(
                condition=models.Q(cancelled_at__isnull=True),
                fields=["organization", "ends_at", "starts_at"],
                name="stays_that_stand",
            ),
        ),
    ]
