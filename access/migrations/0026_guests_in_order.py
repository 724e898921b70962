from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("access", "0025_row_security_planned_for")]

    operations = [
        migrations.AddField(
            model_name="guest",
            name="sorted_by",
            field=models.GeneratedField(
                db_persist=True, expression=Lower("name"), output_field=models.CharField(max_length=100)
            ),
        ),
        migrations.AddIndex(
            model_name="guest",
            index=models.Index(fields=["organization", "sorted_by", "id"], name="guests_in_order"),
        ),
        migrations.RemoveIndex(model_name="guest", name="guests_by_name"),
    ]
