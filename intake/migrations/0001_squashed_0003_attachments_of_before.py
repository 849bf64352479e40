"""The tables of this room as 0003_attachments_of_before left them, made in one step: for a new database.

Written by a program from the migrations that it replaces; what is no table is taken from these. A test holds the two
ways of making a database against each other.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
import pages.validators
from audit.squashing import besides_tables

REPLACED = (
    "0001_mailbox",
    "0002_attachments",
    "0003_attachments_of_before",
)


class Migration(migrations.Migration):
    replaces = [("intake", name) for name in REPLACED]

    initial = True

    dependencies = [
        ("cases", "0002_closure"),
        ("team", "0002_cache_table"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=700)),
                ("validity", models.BigIntegerField(blank=True, null=True)),
                ("last_uid", models.BigIntegerField(default=0)),
                (
                    "left_behind",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("reading", models.BigIntegerField(blank=True, null=True)),
                ("added_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, default="", max_length=200)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mailboxes", to="team.team"
                    ),
                ),
            ],
            options={
                "verbose_name": "mailbox",
                "verbose_name_plural": "mailboxes",
                "constraints": [models.UniqueConstraint(fields=("team", "place"), name="mailbox_once_for_a_team")],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("validity", models.BigIntegerField()),
                ("uid", models.BigIntegerField()),
                ("received_at", models.DateTimeField()),
                ("taken_in_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("from_name", models.CharField(blank=True, default="", max_length=500)),
                ("from_address", models.CharField(blank=True, default="", max_length=500)),
                ("to", models.CharField(blank=True, default="", max_length=500)),
                ("subject", models.CharField(blank=True, default="", max_length=500)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("message_id", models.CharField(blank=True, default="", max_length=310)),
                (
                    "answers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=310), default=list, size=None
                    ),
                ),
                ("text", models.TextField(blank=True, default="")),
                ("attachments", models.JSONField(default=list)),
                (
                    "problems",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), default=list, size=None
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("urgent", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("dealt_with", "Dealt with"), ("copy", "Second copy")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("protected", models.BooleanField(default=False)),
                (
                    "copy_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="intake.message",
                    ),
                ),
                (
                    "mailbox",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="intake.mailbox",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="team.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "email in the mailbox",
                "verbose_name_plural": "emails in the mailbox",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["team", "received_at", "id"],
                        name="message_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting"), ("urgent", True)),
                        fields=["team", "received_at", "id"],
                        name="message_urgent",
                    ),
                    models.Index(fields=["team", "-received_at", "-id"], name="message_by_team"),
                    models.Index(fields=["team", "fingerprint"], name="message_by_fingerprint"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("mailbox", "validity", "uid"), name="message_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "dealt_with", "copy"])),
                        name="message_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("copy_of__isnull", False), ("state", "copy")),
                            models.Q(models.Q(("state", "copy"), _negated=True), ("copy_of__isnull", True)),
                            _connector="OR",
                        ),
                        name="copy_says_of_what",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="source",
                        serialize=False,
                        to="intake.message",
                    ),
                ),
                ("raw", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "source of an email",
            },
        ),
        migrations.CreateModel(
            name="Use",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("referral", "Logged as a referral"),
                            ("confirmation", "Written confirmation of a telephone referral"),
                            ("update", "Update from Social Services"),
                            ("information", "Put on a record"),
                            ("conference", "Passed to conferences"),
                            ("set_aside", "Not for a record"),
                            ("put_back", "Put back to be dealt with"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
                ),
                ("used_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emails",
                        to="cases.case",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="intake.message"
                    ),
                ),
                (
                    "used_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "use of an email",
                "indexes": [
                    models.Index(
                        condition=models.Q(("kind", "conference")),
                        fields=["-used_at", "-id"],
                        name="passed_to_conferences",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "referral",
                                    "confirmation",
                                    "update",
                                    "information",
                                    "conference",
                                    "set_aside",
                                    "put_back",
                                ],
                            )
                        ),
                        name="use_kind_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("case__isnull", False)),
                        fields=("message", "kind", "case"),
                        name="use_once_on_a_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("case__isnull", False),
                                ("kind__in", ("referral", "confirmation", "update", "information")),
                            ),
                            models.Q(
                                models.Q(
                                    ("kind__in", ("referral", "confirmation", "update", "information")), _negated=True
                                ),
                                ("case__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="use_on_a_record_says_which",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ("set_aside", "put_back")), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="use_set_aside_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=500)),
                ("size", models.BigIntegerField(verbose_name="size in bytes")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "Held until it is checked"),
                            ("kept", "Can be opened"),
                            ("refused", "Not opened in CAIT"),
                        ],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("why", models.CharField(blank=True, default="", max_length=300)),
                ("kind", models.CharField(blank=True, default="", max_length=100)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                ("stored", models.UUIDField(blank=True, null=True, unique=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="intake.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "attachment",
                "ordering": ["number"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "held")), fields=["next_try_at", "id"], name="attachment_held"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("message", "number"), name="attachment_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["held", "kept", "refused"])),
                        name="attachment_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("settled_at__isnull", False),
                                ("state", "kept"),
                                ("stored__isnull", False),
                                models.Q(("digest", ""), _negated=True),
                                models.Q(("kind", ""), _negated=True),
                            ),
                            models.Q(
                                ("settled_at__isnull", False),
                                ("state", "refused"),
                                ("stored__isnull", True),
                                models.Q(("why", ""), _negated=True),
                            ),
                            models.Q(("settled_at__isnull", True), ("state", "held"), ("stored__isnull", True)),
                            _connector="OR",
                        ),
                        name="kept_attachment_is_stored",
                    ),
                ],
            },
        ),
        *besides_tables("intake", REPLACED),
    ]
