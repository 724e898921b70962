"""Which doors the app opens is a part of what a message told, and stays with the rest of it."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION access_sent_messages_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.stay_id, NEW.kind, NEW.revision, NEW.again, NEW.written_at, NEW.language,
        NEW.told_code, NEW.told_code_digest, NEW.told_from, NEW.told_until, NEW.told_unit, NEW.told_doors,
        {new}NEW.channel, NEW.sent_at, NEW.provider_id)
        IS DISTINCT FROM
        (OLD.stay_id, OLD.kind, OLD.revision, OLD.again, OLD.written_at, OLD.language,
        OLD.told_code, OLD.told_code_digest, OLD.told_from, OLD.told_until, OLD.told_unit, OLD.told_doors,
        {old}OLD.channel, OLD.sent_at, OLD.provider_id)
        OR NEW.sent_to NOT IN (OLD.sent_to, '')
    THEN
        RAISE EXCEPTION 'A message that was sent is never changed.';
    END IF;
    RETURN NEW;
END
$$;
"""
ON = FUNCTION.format(new="NEW.told_by_app, ", old="OLD.told_by_app, ")
OFF = FUNCTION.format(new="", old="")


class Migration(migrations.Migration):
    dependencies = [("access", "0043_app_invites_row_security")]

    operations = [migrations.RunSQL(ON, OFF)]
