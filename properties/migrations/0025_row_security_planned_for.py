"""The same rows are seen as before, by a condition of which the planner expects that it leaves nearly all.

Of the plain comparison it expected one row in a hundred, of each table once more. With five tables in a query
it planned for a handful of rows where there were hundreds of thousands.
"""

from django.db import migrations

TABLES = [
    "properties_nukiaccount",
    "properties_smartlock",
    "properties_property",
    "properties_unit",
    "properties_door",
    "properties_unitdoor",
    "properties_invitation",
    "properties_teamentry",
    "properties_propertyfacts",
    "properties_propertytext",
]

ALTER = "ALTER POLICY of_this_organization ON {table} USING ({condition})"
IS_OURS = "current_setting('keyturn.organization', true) IN ('*', organization_id::text)"
AS_A_NUMBER = f"CASE WHEN {IS_OURS} THEN 1 ELSE 0 END <> 0"


class Migration(migrations.Migration):
    dependencies = [("properties", "0024_language_of_a_person")]

    operations = [
        migrations.RunSQL(
            ALTER.format(table=table, condition=AS_A_NUMBER), ALTER.format(table=table, condition=IS_OURS)
        )
        for table in TABLES
    ]
