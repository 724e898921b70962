from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("properties", "0029_api_keys")]

    operations = [
        migrations.AddField(
            model_name="door",
            name="guests_open",
            field=models.CharField(
                choices=[("no", "no"), ("yes", "yes"), ("tell host", "tell host")],
                db_default="no",
                default="no",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="smartlock",
            name="mode",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
    ]
