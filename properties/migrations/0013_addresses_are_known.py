"""Everybody's address is vouched for: an operator gave it. From here on those who join prove theirs by a link."""

from django.db import migrations


def vouch(apps, schema_editor):
    alias = schema_editor.connection.alias
    users = apps.get_model("properties", "User").objects.using(alias)
    addresses = apps.get_model("account", "EmailAddress").objects.using(alias)
    for user in users.filter(emailaddress=None).iterator():
        addresses.create(user=user, email=user.email, verified=True, primary=True)


class Migration(migrations.Migration):
    dependencies = [
        ("properties", "0012_team_entries_are_append_only"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(vouch, migrations.RunPython.noop)]
