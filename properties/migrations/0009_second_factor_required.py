from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('properties', '0008_webhook_refused'),
    ]

    operations = [
        migrations.AddField(
            model_name='organization',
            name='requires_second_factor',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
