"""Emails that came before attachments were taken out: theirs wait to be checked like any other."""

from django.db import migrations

HOLD = """
INSERT INTO intake_attachment (message_id, number, name, size, state, why, kind, digest, tries)
SELECT message.id, listed.place - 1, left(coalesce(listed.one ->> 'name', ''), 500),
       coalesce((listed.one ->> 'size')::bigint, 0), 'held', '', '', '', 0
FROM intake_message AS message
CROSS JOIN LATERAL jsonb_array_elements(message.attachments) WITH ORDINALITY AS listed (one, place)
WHERE jsonb_typeof(message.attachments) = 'array'
ON CONFLICT (message_id, number) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_attachments")]

    operations = [migrations.RunSQL(HOLD, migrations.RunSQL.noop)]
