"""How the house is built: what the import contract cannot see."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.template.loader import get_template

from audit.events import Event
from team.permissions import HOLDERS, Permission

HERE = Path(settings.BASE_DIR)
# As in the import contract: a foreign key may point to a room further down, or within its own.
HEIGHT = {
    room: height
    for height, rooms in enumerate(
        [
            ("deadlines",),
            ("audit", "pages"),
            ("team",),
            ("api",),
            ("people",),
            ("cases",),
            ("diary",),
            ("intake",),
            ("cram",),
            ("referrals", "conferences"),
            ("old_logs",),
            ("workbench", "oversight"),
        ]
    )
    for room in rooms
}


@cache
def sources(*rooms: str) -> tuple[tuple[str, str], ...]:
    """Every Python file of the rooms that somebody wrote, with its text."""
    files = (file for room in rooms or (*settings.ROOMS, "cait") for file in sorted((HERE / room).rglob("*.py")))
    return tuple((str(file.relative_to(HERE)), file.read_text()) for file in files if "migrations" not in file.parts)


@cache
def templates() -> dict[str, str]:
    """Every template, with its text."""
    folder = HERE / "templates"
    return {str(file.relative_to(folder)): file.read_text() for file in sorted(folder.rglob("*.html"))}


def found(pattern: str, *rooms: str, but: tuple[str, ...] = ()) -> list[str]:
    """Where a pattern stands in the sources, comments and docstrings included."""
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in sources(*rooms)
        if not name.startswith(but or ("\0",))
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_the_installed_apps_of_ours_are_the_rooms() -> None:
    ours = {a.name for a in apps.get_app_configs() if (HERE / a.name.split(".")[0] / "__init__.py").exists()}
    assert ours == {*settings.ROOMS, "cait"}
    assert set(HEIGHT) == set(settings.ROOMS)


@pytest.mark.parametrize("room", [*settings.ROOMS, "cait"])
def test_each_room_says_in_one_sentence_what_lives_there(room: str) -> None:
    said = importlib.import_module(room).__doc__ or ""
    assert said.endswith(".")
    assert len(said.splitlines()) == 1


def test_foreign_keys_point_down() -> None:
    wrong = []
    for model in apps.get_models():
        here = model._meta.app_label
        for field in model._meta.get_fields():
            there = field.related_model._meta.app_label if field.related_model and field.concrete else here
            if here in HEIGHT and there in HEIGHT and here != there and HEIGHT[there] >= HEIGHT[here]:
                wrong.append(f"{model._meta.label}.{field.name} → {there}")
    assert wrong == []


def test_the_logs_hold_no_foreign_keys() -> None:
    assert not [f for m in apps.get_app_config("audit").get_models() for f in m._meta.get_fields() if f.is_relation]


def test_only_deadlines_adds_days_to_a_date() -> None:
    assert found(r"timedelta\((days|weeks|\d)|ONE_DAY|toordinal|relativedelta|monthrange", but=("deadlines/",)) == []


def test_only_the_one_clock_is_asked_for_now() -> None:
    assert found(r"timezone\.now|datetime\.now|date\.today|utcnow|localdate|auto_now", but=("deadlines/",)) == []


def test_no_duty_is_kept_in_the_broker() -> None:
    assert found(r"\b(eta|countdown)\s*=") == []


def test_no_room_is_called_by_a_word_that_says_nothing() -> None:
    words = {"core", "common", "utils", "helpers", "services", "misc"}
    tracked = subprocess.run(["git", "ls-files"], cwd=HERE, capture_output=True, text=True, check=True).stdout
    assert not [f for f in tracked.split() if words & {part.removesuffix(".py") for part in f.split("/")}]


def test_writes_stand_in_actions_only() -> None:
    """`.save()`, `.create()`, `.delete()` and their like on a model: in actions.py, or where named here."""
    allowed = (
        "audit/recording.py",  # the one way into the two logs
        "diary/chasing.py",  # what the sweep raises and writes down: steps and emails
        "diary/digests.py",  # the daily emails
        "diary/mending.py",  # part of an action: what is watched anew
        "diary/nightly.py",  # that the check was made
        "diary/outbox.py",  # that an email has gone
        "diary/sweep.py",  # the heartbeat, and what an outage held up
        "diary/telling.py",  # how far it has been told that a duty is late
        "intake/keeping.py",  # that an attachment waits, and why
        "intake/receiving.py",  # how far a mailbox was read
        "old_logs/workbook.py",  # a workbook
        "old_logs/bringing.py",  # what became of each row: a worker's half of the actions
        "old_logs/reading.py",  # each row as it was read
        "oversight/counting.py",  # the summaries, worked out from the records
        "oversight/report_workbook.py",  # a workbook
        "people/models.py",  # super().save, with the name as it is searched
        "referrals/spreadsheet.py",  # a workbook
        "team/history.py",  # save_as, which the actions call
        "team/models.py",  # CAIT itself, made when first asked for
    )
    writes = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete"}
    wrong = [f"{name}:{call.lineno}" for name, call in calls(writes) if not is_actions(name) and name not in allowed]
    assert wrong == []


def test_no_row_is_updated_behind_the_back_of_its_history() -> None:
    """`.update(field=…)` and the bulk calls write none. But for the hash of a password, which is not tracked."""
    updates = [(name, call) for name, call in calls({"update"}) if call.keywords]
    assert [(name, [k.arg for k in call.keywords]) for name, call in updates] == [("team/models.py", ["password"])]
    # Rows that keep no history: looks, notices, homes, relations of people, where these were told. And `save_all_as`,
    # which writes it.
    bulk = {name for name, _ in calls({"bulk_create", "bulk_update"})}
    of_none = {"audit/recording.py", "cases/steps.py", "diary/digests.py", "diary/sweep.py", "people/steps.py"}
    assert bulk == {*of_none, "team/history.py"}


def calls(methods: set[str]) -> Iterator[tuple[str, ast.Call]]:
    """Every call of one of the methods, and the file it stands in."""
    return ((name, call) for name, method, call in every_call() if method in methods)


@cache
def every_call() -> tuple[tuple[str, str, ast.Call], ...]:
    return tuple(
        (name, node.func.attr, node)
        for name, text in sources()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )


def is_actions(name: str) -> bool:
    """A room's actions.py or, when it outgrew that, the folder of that name; its flows.py; or the steps of both."""
    return re.fullmatch(r"\w+/(actions(/\w+)?|flows|steps)\.py", name) is not None


def test_steps_are_taken_by_actions_only() -> None:
    """They ask no permission and write no audit event: whoever else called them would go round both."""
    takes = re.compile(r"from \w+\.steps import|from \w+ import .*\bsteps\b")
    users = [name for name, text in sources() if takes.search(text)]
    assert users
    # An apps.py hands them to the registry of a lower room, whose actions call them. What somebody asked for by an
    # action a worker does, in their name.
    hands = {f"{room}/apps.py" for room in settings.ROOMS} | {"diary/outbox.py", "old_logs/bringing.py"}
    # What the check finds is put right by an action, with what each room says goes with its duties; and is raised as
    # a duty by CAIT itself.
    hands |= {"diary/mending.py", "referrals/expected.py", "diary/nightly.py"}
    # What a room does when a record's course turns, which the actions of another tell it (`cases.closure`).
    hands |= {"conferences/hearing.py", "diary/hearing.py"}
    assert [name for name in users if not is_actions(name) and name not in hands] == []


@pytest.mark.parametrize("choices", [Permission, Event])
def test_every_permission_and_event_is_used(choices: Any) -> None:
    tables = ("audit/events.py", "team/permissions.py")  # which name each of theirs anyway
    text = "".join(t for name, t in sources() if name not in tables)
    unused = [c.name for c in choices if len(re.findall(rf"{choices.__name__}\.{c.name}\b", text)) < 1]
    assert unused == []


def test_every_permission_is_in_the_table() -> None:
    assert set(HOLDERS) == set(Permission)
    assert all(HOLDERS.values())


def test_every_template_can_be_read_and_is_used() -> None:
    texts = [text for _, text in sources()] + [*templates().values()]
    # Whatever stands in quotation marks of either kind and could be the name of one.
    named = {name for text in texts for _, name in re.findall(r"""(["'])([\w./-]+\.html)\1""", text)}
    by_a_library = ("account/", "django/")
    unused = []
    for name in templates():
        get_template(name)
        if not (name in named or name.startswith(by_a_library) or name in ("403.html", "404.html", "500.html")):
            unused.append(name)
    assert templates()
    assert unused == []


def test_no_template_has_style_or_script_of_its_own() -> None:
    own = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:|\|safe|autoescape off")
    assert [f"{name}: {found[0]}" for name, text in templates().items() if (found := own.search(text))] == []


def test_nothing_built_or_fetched_is_committed() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=HERE, capture_output=True, text=True, check=True).stdout
    assert not re.search(r"^(build|node_modules|\.venv|var)/|\.pyc$|\.min\.(js|css)$", tracked, re.M)


@pytest.mark.xdist_group("servers")
def test_the_tests_of_a_group_run_on_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist keeps a group together by a suffix of the test's id; without it nobody says so, and tests of one
    folder run at once on two workers."""
    if hasattr(request.config, "workerinput"):
        assert request.node.nodeid.endswith("@servers")


def test_every_dependency_is_justified() -> None:
    lines = (HERE / "pyproject.toml").read_text().splitlines()
    dependencies = [(before, line) for before, line in pairwise(lines) if re.match(r'  "[a-z].*[<>=]', line)]
    assert len(dependencies) > 20
    assert [line for before, line in dependencies if not before.strip().startswith("#")] == []


def test_what_was_known_at_a_moment_cannot_be_changed() -> None:
    """Every table of history, both logs and every table of facts is one whose rows the database only adds."""
    facts = {
        "cases_entry",
        "cases_entry_people",
        "cases_lead",
        "cases_shared",
        "cases_shared_people",
        "cases_toldon",
        "conferences_categoryfrom",
        "conferences_copy",
        "conferences_outcomefor",
        "conferences_policeaction",
        "conferences_reportendorsement",
        "cram_decided",
        "cram_direction",
        "cram_endorsement",
        "cram_measurecheck",
        "cram_newinformation",
        "cram_risk_children",
        "cram_search",
        "cram_search_people",
        "diary_notice",
        "intake_source",
        "intake_use",
        "people_address",
        "people_othername",
        "people_relationship",
        "people_residence",
        "referrals_decision",
        "referrals_strategy",
        "referrals_supervision",
    }
    tables = {m._meta.db_table for m in apps.get_models() if hasattr(m, "history_id") or m._meta.app_label == "audit"}
    text = "".join(f.read_text() for f in HERE.glob("*/migrations/*.py"))
    assert tables | facts == set(re.findall(r'only_added\("(\w+)"\)', text))
