"""Businesses that are there already are called in addresses after their names."""

from django.db import migrations
from django.utils.text import slugify


def name_them(apps, schema_editor):
    alias = schema_editor.connection.alias
    organizations = apps.get_model("properties", "Organization").objects.using(alias)
    taken = set()
    for organization in organizations.order_by("pk").only("pk", "name"):
        base = slugify(organization.name)[:44].replace("_", "-").strip("-") or "business"
        slug, number = base, 1
        while slug in taken:
            number += 1
            slug = f"{base}-{number}"
        taken.add(slug)
        organizations.filter(pk=organization.pk).update(slug=slug)


class Migration(migrations.Migration):
    dependencies = [("properties", "0017_business_in_the_address")]

    operations = [migrations.RunPython(name_them, migrations.RunPython.noop)]
