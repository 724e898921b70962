"""What was written down about a team cannot be changed or deleted, whoever asks."""

from django.db import migrations

ON = """
CREATE FUNCTION properties_team_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What happened to a team is append-only.';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON properties_teamentry
    FOR EACH ROW EXECUTE FUNCTION properties_team_is_append_only();
"""
OFF = """
DROP TRIGGER append_only ON properties_teamentry;
DROP FUNCTION properties_team_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("properties", "0011_team_row_security")]

    operations = [migrations.RunSQL(ON, OFF)]
