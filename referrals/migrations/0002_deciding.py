import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
import pages.validators
from audit.append_only import only_added


class Migration(migrations.Migration):
    """Strategy discussions, decisions, and updates from Social Services."""

    dependencies = [
        ("audit", "0001_append_only_tables"),
        ("cases", "0002_closure"),
        ("diary", "0003_chasing"),
        ("referrals", "0001_referrals_and_drafts"),
        ("team", "0002_cache_table"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("received_at", models.DateTimeField()),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("telephone", "By telephone"),
                            ("email", "By email"),
                            ("meeting", "At a meeting"),
                            ("letter", "By letter or form"),
                            ("in_person", "In person"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "from_whom",
                    models.CharField(
                        max_length=200, validators=[pages.validators.one_line], verbose_name="name and job"
                    ),
                ),
                ("text", models.TextField()),
                (
                    "came",
                    models.CharField(
                        choices=[("unasked", "Unasked"), ("on_request", "On request"), ("chased", "After a chase")],
                        max_length=12,
                    ),
                ),
                ("after_chases", models.PositiveIntegerField(default=0)),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("judged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "judgement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unchanged", "No: circumstances have not changed"),
                            ("changed", "Yes: it must be decided again"),
                            ("no_answer", "It does not answer what we asked: go on chasing"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, default="")),
            ],
            options={
                "verbose_name": "update from Social Services",
                "verbose_name_plural": "updates from Social Services",
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("joint", "Joint section 47 enquiry"),
                            ("police", "Police single agency"),
                            ("social_services", "Social Services only"),
                            ("passed_on", "Passed to another unit or team"),
                            ("information", "Information only"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField()),
                ("not_chosen", models.TextField(blank=True, default="")),
                (
                    "passed_to",
                    models.CharField(blank=True, default="", max_length=200, validators=[pages.validators.one_line]),
                ),
                ("decided_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
            ],
        ),
        migrations.CreateModel(
            name="HistoricalAnswer",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("received_at", models.DateTimeField()),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("telephone", "By telephone"),
                            ("email", "By email"),
                            ("meeting", "At a meeting"),
                            ("letter", "By letter or form"),
                            ("in_person", "In person"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "from_whom",
                    models.CharField(
                        max_length=200, validators=[pages.validators.one_line], verbose_name="name and job"
                    ),
                ),
                ("text", models.TextField()),
                (
                    "came",
                    models.CharField(
                        choices=[("unasked", "Unasked"), ("on_request", "On request"), ("chased", "After a chase")],
                        max_length=12,
                    ),
                ),
                ("after_chases", models.PositiveIntegerField(default=0)),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("judged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "judgement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unchanged", "No: circumstances have not changed"),
                            ("changed", "Yes: it must be decided again"),
                            ("no_answer", "It does not answer what we asked: go on chasing"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, default="")),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical update from Social Services",
                "verbose_name_plural": "historical updates from Social Services",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Strategy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "how",
                    models.CharField(
                        choices=[("telephone", "Telephone discussion"), ("meeting", "Meeting")], max_length=10
                    ),
                ),
                ("held_at", models.DateTimeField()),
                ("took_part", models.JSONField()),
                (
                    "enquiry",
                    models.CharField(
                        choices=[
                            ("joint", "Police and Social Services together"),
                            ("police", "Police alone"),
                            ("social_services", "Social Services alone"),
                            ("none", "No section 47 enquiry"),
                        ],
                        max_length=20,
                        verbose_name="section 47 enquiry",
                    ),
                ),
                ("decided", models.TextField(verbose_name="what was agreed")),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
            ],
            options={
                "verbose_name": "strategy discussion",
            },
        ),
        migrations.RemoveConstraint(
            model_name="referral",
            name="triaged_referral_says_by_whom_and_why",
        ),
        migrations.AddField(
            model_name="historicalreferral",
            name="decision",
            field=models.CharField(
                blank=True,
                choices=[
                    ("joint", "Joint section 47 enquiry"),
                    ("police", "Police single agency"),
                    ("social_services", "Social Services only"),
                    ("passed_on", "Passed to another unit or team"),
                    ("information", "Information only"),
                ],
                default="",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="decision",
            field=models.CharField(
                blank=True,
                choices=[
                    ("joint", "Joint section 47 enquiry"),
                    ("police", "Police single agency"),
                    ("social_services", "Social Services only"),
                    ("passed_on", "Passed to another unit or team"),
                    ("information", "Information only"),
                ],
                default="",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="historicalreferral",
            name="progress",
            field=models.CharField(
                choices=[("logged", "To triage"), ("triaged", "To decide"), ("decided", "Decided")],
                default="logged",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="referral",
            name="progress",
            field=models.CharField(
                choices=[("logged", "To triage"), ("triaged", "To decide"), ("decided", "Decided")],
                default="logged",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("progress", "triaged")),
                fields=["team", "-received_at", "-id"],
                name="referral_to_decide",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("progress", "logged"),
                        ("triage_reason", ""),
                        ("triage_urgent__isnull", True),
                        ("triaged_at__isnull", True),
                        ("triaged_by__isnull", True),
                    ),
                    models.Q(
                        ("progress__in", ["triaged", "decided"]),
                        ("triage_urgent__isnull", False),
                        ("triaged_at__isnull", False),
                        ("triaged_by__isnull", False),
                        models.Q(("triage_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="triaged_referral_says_by_whom_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision__in", ["", "joint", "police", "social_services", "passed_on", "information"])
                ),
                name="referral_decision_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("progress", "decided"), _negated=True),
                    models.Q(("decision", ""), _negated=True),
                    _connector="OR",
                ),
                name="decided_referral_says_how",
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="duty",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="diary.duty"
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="judged_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="entry",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.entry"
            ),
        ),
        migrations.AddField(
            model_name="historicalanswer",
            name="case",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="cases.case",
            ),
        ),
        migrations.AddField(
            model_name="historicalanswer",
            name="duty",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="diary.duty",
            ),
        ),
        migrations.AddField(
            model_name="historicalanswer",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalanswer",
            name="judged_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalanswer",
            name="recorded_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="strategy",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="strategies",
                to="cases.case",
            ),
        ),
        migrations.AddField(
            model_name="strategy",
            name="entry",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.entry"
            ),
        ),
        migrations.AddField(
            model_name="strategy",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="strategy",
            name="supervisor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(fields=["case", "-received_at", "-id"], name="answer_by_case"),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["telephone", "email", "meeting", "letter", "in_person"])),
                name="answer_way_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("text", ""), _negated=True), models.Q(("from_whom", ""), _negated=True)),
                name="answer_says_what_and_from_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("after_chases__gte", 1), ("came", "chased")),
                    models.Q(models.Q(("came", "chased"), _negated=True), ("after_chases", 0)),
                    _connector="OR",
                ),
                name="answer_after_which_chase",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("came__in", ["unasked", "on_request", "chased"]),
                    ("judgement__in", ["", "unchanged", "changed", "no_answer"]),
                ),
                name="answer_words_are_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("judged_at__isnull", True), ("judged_by__isnull", True), ("judgement", ""), ("reason", "")
                    ),
                    models.Q(
                        ("judged_at__isnull", False),
                        ("judged_by__isnull", False),
                        models.Q(("judgement", ""), _negated=True),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="judged_answer_says_by_whom_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(fields=("case", "number"), name="decisions_follow_each_other"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["joint", "police", "social_services", "passed_on", "information"])),
                name="decision_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="decision_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "passed_on"), models.Q(("passed_to", ""), _negated=True)),
                    models.Q(models.Q(("kind", "passed_on"), _negated=True), ("passed_to", "")),
                    _connector="OR",
                ),
                name="passed_on_says_to_whom",
            ),
        ),
        migrations.AddIndex(
            model_name="strategy",
            index=models.Index(fields=["case", "-held_at", "-id"], name="strategy_by_case"),
        ),
        migrations.AddConstraint(
            model_name="strategy",
            constraint=models.CheckConstraint(
                condition=models.Q(("how__in", ["telephone", "meeting"])), name="strategy_how_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="strategy",
            constraint=models.CheckConstraint(
                condition=models.Q(("enquiry__in", ["joint", "police", "social_services", "none"])),
                name="strategy_enquiry_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="strategy",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("decided", ""), _negated=True), models.Q(("reason", ""), _negated=True)),
                name="strategy_says_what_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="strategy",
            constraint=models.CheckConstraint(
                condition=models.Q(("took_part__has_keys", ["police", "social_services"])),
                name="strategy_with_social_services",
            ),
        ),
        # What was recorded is added to, never changed.
        only_added("referrals_strategy"),
        only_added("referrals_decision"),
        only_added("referrals_historicalanswer"),
    ]
