"""Fills a database with very many records: prototypes made through the real actions, copied by set-based SQL.

A copy of a block of prototypes has all their rows, moved back in time by whole weeks and some minutes, given to one
of the teams and its people, with other names, numbers and addresses. An id becomes `id + k * stride`, so that what
pointed at a row of the block points at its copy. Rows are only added; constraints and triggers stay on, but for the
one by which the answers of a CRAM come before it is sent.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models, transaction

from cases.enums import Series, State
from cases.models import Action, Case, Numbering
from cram.models import Answer, Assessment, Gap, Measure, ResearchRequest
from deadlines import clock
from deadlines.ages import days_before
from deadlines.clock import LONDON
from deadlines.models import BankHoliday
from diary.checking import findings
from diary.models import Duty, DutyState, Notice, Rung, Watch
from diary.telling import fallen_steps
from intake.models import Mailbox, Message
from people.models import Address, OtherName, Person
from referrals.models import Answer as UpdateAnswer
from referrals.models import Referral
from team.models import Team, User
from workbench import bulk_prototypes as prototypes
from workbench.bulk_names import ENDS, GIVEN, STEMS, STREETS, TEAMS

Say = Callable[[str], None]

# What the team is, which is not copied; everything else that a prototype wrote is.
NOT_COPIED: tuple[str, ...] = (
    "team_",
    "auth_",
    "django_",
    "account_",
    "deadlines_",
    "cases_numbering",
    "intake_mailbox",
    "diary_rung",
    "oversight_",
)
NOT_COPIED += ("cram_version", "cram_factor", "cram_historicalversion")
NOT_COPIED += ("diary_heartbeat", "referrals_draft", "cache", "knox_", "diary_historicalrung")
# What the sweep writes for itself, or to a person; what is late is told when all is there.
NOT_COPIED += ("diary_check", "diary_digest", "diary_notice")
SCHEMA = "bench"
CORES = 2


@dataclass
class Filled:
    """What is in the filled database that the measuring has to know."""

    cases: int
    sergeant: str
    command: str
    team: str
    few: str  # the record with ten entries
    many: str  # and that with two hundred
    words: str  # a family name that is on record


@dataclass
class Block:
    """Some prototypes that are copied together; over how many weeks, and how long ago the youngest was received."""

    name: str
    make: Callable[..., Referral]
    size: int
    weeks: int
    days: float
    share: float


BLOCKS = [
    Block("closed records", prototypes.closed_record, 28, 290, 20, 0.70),
    Block("open records", prototypes.open_record, 12, 60, 9, 0.298),
    # No fifth, which would be about the same family as the fourth: the desk could not know of it.
    Block("restricted records", prototypes.restricted_record, 4, 60, 9, 0.002),
    Block("records that wait for the desk", prototypes.fresh_record, 6, 4, 1.5, 0.0),
]
FRESH = 342  # records that wait for the desk, of however many
YEARS = 6


def fill(cases: int, say: Say, *, besides: Mapping[str, Callable[[], object]] | None = None) -> Filled:
    """Migrate, make the teams and the prototypes, copy them, and leave the tables as after a quiet night.

    `besides`: what other rooms make of the records, each with what is said of it.
    """
    besides = besides or {}
    began = time.monotonic()

    def tell(what: str) -> None:
        say(f"  {time.monotonic() - began:6.1f} s  {what}")

    call_command("migrate", verbosity=0, interactive=False)
    tell("the tables are made")
    now = clock.now()
    prototypes.set_up(now - timedelta(hours=24 * (365 * YEARS + 30)))
    tell(f"{len(TEAMS)} teams with {len(prototypes.OFFICERS)} people each")
    fresh = min(FRESH, max(6, cases // 50))
    closed, restricted = int(cases * BLOCKS[0].share), max(4, int(cases * BLOCKS[2].share))
    # The two records that are measured are among them.
    wanted = [closed, cases - 2 - fresh - closed - restricted, restricted, fresh]
    made = [_make(block, number, now) for block, number in zip(BLOCKS, wanted, strict=True)]
    tell(f"{sum(each.size for each in made)} prototypes, through the real actions")
    with _plain_indexes_off(tell), _quiet_server(), _answers_of_what_was_sent():
        for each in made:
            _copy(each)
            tell(f"{each.wanted:,} {each.block.name}")
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    desk = prototypes.Desk()
    few, many = (prototypes.measured_record(desk, now - timedelta(hours=24 * 7, minutes=n), n) for n in (10, 200))
    tell("the records with 10 and with 200 entries")
    fallen_steps().all()
    tell(f"{Notice.objects.count():,} notices of {Duty.objects.filter(state=DutyState.OPEN).count():,} open duties")
    for what, does in besides.items():
        does()
        tell(what)
    _settle(tell)
    code = desk.team.code
    words = Person.objects.order_by("pk").values_list("family_name", flat=True)[400 if cases > 400 else 200]
    filled = Filled(cases, desk.by["desk"].username, prototypes.COMMAND, code, few, many, words)
    _remember(filled)
    tell(f"{Case.objects.count():,} records")
    return filled


def still_filled() -> Filled | None:
    """What an earlier run filled; None where there is nothing, or the filling was broken off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'bench_filled'")
        found = cursor.fetchone()
    return Filled(**json.loads(found[0])) if found else None


def _remember(filled: Filled) -> None:
    """As the comment of an empty schema: no table of the application's is touched."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA bench_filled")
        said = json.dumps(asdict(filled)).replace("'", "''")
        cursor.execute(f"COMMENT ON SCHEMA bench_filled IS '{said}'")


# --- prototypes ----------------------------------------------------------------------------------


@dataclass
class Made:
    """The prototypes of a block: of each whose family it is about, and the last id of each table before and after."""

    block: Block
    wanted: int
    families: list[int]
    last_ids: list[dict[str, int]]

    @property
    def size(self) -> int:
        return len(self.families)


def _make(block: Block, wanted: int, now: datetime) -> Made:
    keyed = [model for model in _copied() if _own_key(model)]
    desk = prototypes.Desk()
    made = Made(block, wanted, [], [_last_ids(keyed)])
    last: Referral | None = None
    for number in range(min(block.size, wanted)):
        # The last of each five is about the family before it: a re-referral.
        again = number % 5 == 4 and last is not None
        made.families.append(made.families[-1] if again else number)
        with transaction.atomic():
            received = now - timedelta(hours=24 * block.days + number * 1.3)
            known = prototypes.the_same(last) if again and last else None
            last = block.make(desk, number, received, made.families[-1], known)
        made.last_ids.append(_last_ids(keyed))
    return made


def _copied() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if _is_copied(model)]


def _is_copied(model: type[models.Model]) -> bool:
    meta = model._meta
    return meta.managed and not meta.proxy and not meta.db_table.startswith(NOT_COPIED)


def _own_key(model: type[models.Model]) -> bool:
    """Whether its rows have an id of their own, and not that of another row."""
    return isinstance(model._meta.pk, models.AutoField | models.BigAutoField)


def _last_ids(keyed: list[type[models.Model]]) -> dict[str, int]:
    parts = [
        f"SELECT '{model._meta.db_table}', coalesce(max({_pk(model)}), 0) FROM {model._meta.db_table}"  # noqa: S608
        for model in keyed
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def _pk(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)


# --- copies --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ids:
    """How the ids of one table move: those after `before` become `id + k * stride + beyond`."""

    before: int
    stride: int
    beyond: int

    def moved(self, column: str) -> str:
        return f"{column} + c.k * {self.stride} + {self.beyond}"

    def followed(self, column: str) -> str:
        """Of what points at a row: at its copy, where it is one of the block's, otherwise at the same as before."""
        return f"CASE WHEN {column} > {self.before} THEN {self.moved(column)} ELSE {column} END"


def _copy(made: Made) -> None:
    """Copy the prototypes until there are as many records as wanted, the oldest copy first."""
    more = made.wanted - made.size
    if more <= 0:
        return
    copied = _copied()
    before, after = made.last_ids[0], made.last_ids[-1]
    last = _last_ids([model for model in copied if _own_key(model)])
    ids = {
        table: Ids(before[table], stride := after[table] - before[table], last[table] - before[table] - stride)
        for table in before
    }
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        _prototype_tables(cursor, copied, made.last_ids)
        _copies_table(cursor, made, more)
    layers = _layers([model for model in copied if _has_rows(model)])
    with ThreadPoolExecutor(CORES) as pool:
        for layer in layers:
            # The largest first, so that both cores have something to do to the end.
            layer.sort(key=lambda model: -ids[model._meta.db_table].stride if model._meta.db_table in ids else 0)
            statements = [_statement(model, ids, f"c.half = {half}") for model in layer for half in range(CORES)]
            for _ in pool.map(_run, statements):
                pass
    with connection.cursor() as cursor:
        for model in copied:
            if _own_key(model):
                table, key = model._meta.db_table, _pk(model)
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), greatest(max({key}), 1)) FROM {table}"  # noqa: S608
                )
        _go_on_numbering(cursor)
        cursor.execute(
            f"UPDATE {Mailbox._meta.db_table} b SET last_uid = m.last FROM (SELECT mailbox_id, max(uid) AS last "  # noqa: S608
            f"FROM {Message._meta.db_table} GROUP BY mailbox_id) m WHERE m.mailbox_id = b.id"
        )


def _has_rows(model: type[models.Model]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {SCHEMA}.p_{model._meta.db_table})")  # noqa: S608
        return bool(cursor.fetchone()[0])


def _prototype_tables(cursor: Any, copied: list[type[models.Model]], groups: list[dict[str, int]]) -> None:
    """Each table's rows of the block, with the prototype that wrote them: whatever was written while it was made."""
    for model in copied:
        table = model._meta.db_table
        cursor.execute(f"DROP TABLE IF EXISTS {SCHEMA}.p_{table}")
        own = table
        key = f"t.{_pk(model)}"
        if not _own_key(model):  # such as the source of an email
            own = model._meta.pk.remote_field.model._meta.db_table  # type: ignore[union-attr]
        bounds = [each[own] for each in groups]
        cursor.execute(
            f"CREATE UNLOGGED TABLE {SCHEMA}.p_{table} AS "  # noqa: S608
            f"SELECT t.*, width_bucket({key} - 1, %s::bigint[]) - 1 AS g, "
            f"t::text ~ 'Quex|{prototypes.Desk().team.code}-|\\d/\\d\\d' AS marked "
            f"FROM {table} t WHERE {key} > %s AND {key} <= %s ORDER BY {key}",
            [bounds, bounds[0], bounds[-1]],
        )
        cursor.execute(f"CREATE INDEX ON {SCHEMA}.p_{table} (g)")
        cursor.execute(f"ANALYZE {SCHEMA}.p_{table}")


def _copies_table(cursor: Any, made: Made, more: int) -> None:
    """One row for each record to be made: which copy, of which prototype, when, where, whose, and its numbers."""
    copies = -(-more // made.size)
    cursor.execute(f"DROP TABLE IF EXISTS {SCHEMA}.c")
    # A prime with each, so that names come in every combination and none in an order.
    cursor.execute(
        f"""
        CREATE UNLOGGED TABLE {SCHEMA}.c AS
        WITH words AS (
            SELECT %(stems)s::text[] AS stems, %(ends)s::text[] AS ends, %(given)s::text[] AS given,
                   %(streets)s::text[] AS streets
        ), k AS (
            SELECT k, k %% {len(TEAMS)} AS t,
                   7 * (%(weeks)s::int[])[(%(copies)s - k) * cardinality(%(weeks)s::int[]) / %(copies)s + 1] AS days,
                   (k * 31 %% 300) AS younger
            FROM generate_series(1, %(copies)s) AS k
        ), each AS (
            SELECT k.*, g.id::int AS g, g.family, cs.raised_at, cs.number AS old_number, cs.urn AS old_urn,
                   days * interval '1 day' AS back,
                   (k.k * 7919 + g.family * 104729 + %(salt)s) AS seed
            FROM k
            CROSS JOIN (
                SELECT o - 1 AS id, family FROM unnest(%(families)s::int[]) WITH ORDINALITY AS u(family, o)
            ) g
            JOIN {SCHEMA}.p_cases_case cs ON cs.g = g.id
            ORDER BY k.k, g.id LIMIT %(more)s
        ), dated AS (
            SELECT *, extract(year FROM (raised_at - back) AT TIME ZONE 'Europe/London')::int AS year FROM each
        ), numbered AS (
            SELECT d.*, team.id AS team_id, team.code,
                   coalesce(n.last, 0) + row_number() OVER (PARTITION BY t, d.year ORDER BY raised_at - back, k, g)
                       AS serial
            FROM dated d
            JOIN team_team team ON team.id = %(team)s + d.t
            LEFT JOIN cases_numbering n ON n.team_id = team.id AND n.series = '{Series.URN}' AND n.year = d.year
        )
        SELECT k, g, t, (k * 2 / (%(copies)s + 1))::int AS half, days::int, back, younger::int, year, serial, team_id,
               old_number, old_urn,
               code || '-' || year || '-' || lpad(serial::text, greatest(4, length(serial::text)), '0') AS number,
               lpad(serial::text, greatest(4, length(serial::text)), '0') || '/' || lpad((year %% 100)::text, 2, '0')
                   AS urn,
               stems[1 + seed * 13 %% cardinality(stems)] || ends[1 + seed / 7 %% cardinality(ends)] AS family,
               stems[1 + seed * 29 %% cardinality(stems)] || ends[1 + seed / 11 %% cardinality(ends)]
                   AS other_family,
               given[1 + seed * 3 %% cardinality(given)] AS given1,
               given[1 + (seed / 3 + 17) %% cardinality(given)] AS given2,
               given[1 + (seed / 5 + 31) %% cardinality(given)] AS given3,
               given[1 + (seed / 7 + 53) %% cardinality(given)] AS given4,
               given[1 + (seed / 13 + 71) %% cardinality(given)] AS given5,
               (family + 1) || ' Quexroad' AS old_address,
               (1 + seed %% 211) || ' ' || stems[1 + seed / 211 %% cardinality(stems)] ||
                   ends[1 + seed / 17 %% cardinality(ends)] || ' ' ||
                   streets[1 + seed %% cardinality(streets)] ||
                   ', London N' || (1 + k %% 22) || ' ' || (k / 22 %% 9 + 1) || chr((65 + k / 198 %% 26)::int) ||
                   chr((65 + family %% 26)::int) AS address
        FROM numbered CROSS JOIN words ORDER BY k, g
        """,  # noqa: S608
        {
            "copies": copies,
            "weeks": alike(made.block.weeks, made.block.days),
            "more": more,
            "families": made.families,
            "salt": BLOCKS.index(made.block) * 15485863 + 1,
            "team": Team.objects.get(code=next(iter(TEAMS))).pk,
            "stems": STEMS,
            "ends": ENDS,
            "given": GIVEN,
            "streets": STREETS,
        },
    )
    cursor.execute(f"ANALYZE {SCHEMA}.c")


# From the day before a prototype was received to when all that it calls for within working days is due.
DAYS_ALIKE = 24


def alike(weeks: int, days: float) -> list[int]:
    """Of so many weeks before what was received so many days ago those in which each day is a working day where it is
    one now, and no clock is turned: what was due then is due so many weeks earlier, to the hour."""
    holidays = set(BankHoliday.objects.values_list("on", flat=True))
    first = days_before(round(days) + 3, clock.today())
    window = [days_before(-each, first) for each in range(DAYS_ALIKE)]

    def seen(back: int) -> list[bool]:
        return [days_before(7 * back, day) in holidays for day in window]

    def turned(back: int) -> bool:
        ends = (datetime.combine(days_before(7 * back, day), datetime.min.time(), LONDON) for day in window)
        return len({end.utcoffset() for end in ends}) > 1

    now = seen(0)
    found = [back for back in range(1, weeks + 1) if seen(back) == now and not turned(back)]
    return found or list(range(1, weeks + 1))


def _go_on_numbering(cursor: Any) -> None:
    """The next referral gets the number after the last that was given."""
    for series in (Series.URN, Series.RECORD):
        cursor.execute(
            f"INSERT INTO {Numbering._meta.db_table} (team_id, series, year, last) "  # noqa: S608
            f"SELECT team_id, %s, year, max(serial) FROM {SCHEMA}.c GROUP BY team_id, year "
            "ON CONFLICT (team_id, series, year) DO UPDATE SET last = excluded.last",
            [series],
        )


def _layers(copied: list[type[models.Model]]) -> list[list[type[models.Model]]]:
    """The tables in the order in which their rows can be added: what a row points at is there before it."""
    there: set[type[models.Model]] = set()
    left, layers = list(copied), []
    while left:
        ready = [model for model in left if _points_at(model) & set(copied) <= there | {model}]
        if not ready:
            raise RuntimeError(f"These point at each other: {left}")
        layers.append(ready)
        there |= set(ready)
        left = [model for model in left if model not in there]
    return layers


def _points_at(model: type[models.Model]) -> set[Any]:
    return {f.remote_field.model for f in model._meta.concrete_fields if f.is_relation and f.db_constraint}  # type: ignore[attr-defined, union-attr]


TOKENS = [
    (prototypes.FAMILY, "family"),
    (prototypes.OTHER_FAMILY, "other_family"),
    *((token, f"given{place}") for place, token in enumerate(prototypes.GIVEN, 1)),
]
NUMBERS = [("old_urn", "urn"), ("old_number", "number"), ("old_address", "address")]


def _statement(model: type[models.Model], ids: dict[str, Ids], half: str) -> str:
    """INSERT … SELECT of one table's copies, in the order in which a real table would have been filled."""
    table = model._meta.db_table
    columns, values = [], []
    with connection.cursor() as cursor:
        for field in model._meta.concrete_fields:
            columns.append(f'"{field.column}"')
            values.append(_value(cursor, model, field, ids))
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "  # noqa: S608
        f"FROM {SCHEMA}.c c JOIN {SCHEMA}.p_{table} p ON p.g = c.g WHERE {half}"
    )


def _value(cursor: Any, model: type[models.Model], field: Any, ids: dict[str, Ids]) -> str:
    """The SQL of one column of a copy."""
    table, column = model._meta.db_table, f'p."{field.column}"'
    tracked = _tracked(model)
    of = tracked or model
    if (of, field.name) == (Referral, "as_given"):
        renamed = _renamed(cursor, table, field, column)
        person = ids[Person._meta.db_table].followed("(e->>'person')::bigint")
        return (
            f"(SELECT coalesce(jsonb_agg(e || jsonb_build_object('person', {person}) ORDER BY o), '[]') "  # noqa: S608
            f"FROM jsonb_array_elements({renamed}) WITH ORDINALITY AS u(e, o))"
        )
    if special := _special(of, field, column, ids):
        return special
    if field.primary_key and _own_key(model):
        return ids[table].moved(column)
    if field.is_relation:
        at = field.remote_field.model._meta.db_table
        return ids[at].followed(column) if at in ids else _of_the_team(column, at)
    if tracked is not None and field.name == tracked._meta.pk.name:
        return ids[tracked._meta.db_table].followed(column)
    if field.name == "object_id":
        return _object(ids)
    if field.name == "case_id":
        return ids[Case._meta.db_table].followed(column)
    if field.name in ("by_id", "team_id"):
        return _of_the_team(column, User._meta.db_table if field.name == "by_id" else Team._meta.db_table)
    if isinstance(field, models.DateTimeField):
        return f"{column} - c.back"
    if isinstance(field, models.DateField):
        return f"{column} - c.days"
    if isinstance(field, models.CharField | models.TextField | models.JSONField):
        return _renamed(cursor, table, field, column)
    return column


def _tracked(model: type[models.Model]) -> type[models.Model] | None:
    """Of a table of history, the model whose history it is."""
    found: type[models.Model] | None = getattr(model, "instance_type", None)
    return found


def _of_the_team(column: str, table: str) -> str:
    """The same role, mailbox or address of the team that the copy is given to; CAIT itself stays itself."""
    if table == User._meta.db_table:
        first, people = _first_user(), len(prototypes.OFFICERS)
        return f"CASE WHEN {column} >= {first} THEN {column} + c.t * {people} ELSE {column} END"
    if table in (Team._meta.db_table, Mailbox._meta.db_table):
        return f"{column} + c.t"
    if table == Rung._meta.db_table:
        return f"{column} + c.t * {len(prototypes.RUNGS)}"
    return column


def _first_user() -> int:
    username = f"{next(iter(prototypes.OFFICERS))}.{next(iter(TEAMS)).lower()}"
    return int(User.objects.values_list("pk", flat=True).get(username=username))


def _object(ids: dict[str, Ids]) -> str:
    """What a row of the logs is about: a type and an id, which no foreign key knows."""
    cases = [
        f"WHEN '{model._meta.label_lower}' THEN {ids[model._meta.db_table].followed('p.object_id')}"
        for model in apps.get_models()
        if model._meta.db_table in ids
    ]
    return f"CASE p.object_type {' '.join(cases)} ELSE p.object_id END"


def _renamed(cursor: Any, table: str, field: Any, column: str) -> str:
    """The text with the names, numbers and address of the copy; as it is where no prototype has one in it."""
    cursor.execute(f"SELECT string_agg(DISTINCT {column}::text, ' ') FROM {SCHEMA}.p_{table} p WHERE marked")  # noqa: S608
    text = cursor.fetchone()[0] or ""
    found = [(f"'{token}'", new) for token, new in TOKENS if token in text]
    for old, new in NUMBERS:
        cursor.execute(f"SELECT DISTINCT {old} FROM {SCHEMA}.c")  # noqa: S608
        if any(word in text for (word,) in cursor.fetchall()):
            found.append((f"c.{old}", new))
    if not found:
        return column
    changed = f"{column}::text"
    for was, new in found:
        changed = f"replace({changed}, {was}, c.{new})"
    kind = "::jsonb" if isinstance(field, models.JSONField) else ""
    return f"CASE WHEN p.marked THEN ({changed}){kind} ELSE {column} END"


def _special(model: type[models.Model], field: Any, column: str, ids: dict[str, Ids]) -> str:
    """Where a copy cannot be told from the column's type alone; empty for all others."""
    of = (model, field.name)
    if of in ((Case, "number"), (Case, "urn")):
        return f"c.{field.name}"
    if of in ((Referral, "urn_year"), (Referral, "urn_serial")):
        return "c.year" if field.name == "urn_year" else "c.serial"
    if of == (Referral, "token"):
        return f"md5({column}::text || c.k)::uuid"
    if of in ((Person, "name_key"), (OtherName, "name_key")):
        text = "p.given_names || ' ' || p.family_name"
        for token, new in TOKENS:
            text = f"replace({text}, '{token}', c.{new})"
        return f"lower({text})"
    if model is Person and field.name in ("born_earliest", "born_latest"):
        return f"{column} - c.days - c.younger"
    if of == (Address, "text"):
        return "c.address"
    if of == (Address, "key"):
        return "btrim(regexp_replace(lower(c.address), '[^a-z0-9]+', ' ', 'g'))"
    if of == (Address, "numbers"):
        return "ARRAY[split_part(c.address, ' ', 1)]"
    if of == (Message, "uid"):
        return f"{column} + c.k * 10000"
    if of == (Message, "fingerprint"):
        return f"md5({column} || c.k) || md5(c.k || {column})"
    if field.name == "message_id" and isinstance(field, models.CharField):
        return f"replace({column}, '@', '.' || c.k || '@')"
    if of == (Duty, "subject"):
        return _subject(ids)
    if of == (Duty, "due"):
        return _due()
    if of == (Watch, "tell_at"):
        return f"{column} - c.days * interval '1 day'"
    if model is Duty and field.name == "late_from":
        return f"CASE WHEN p.due_at IS NULL THEN {column} - c.days * interval '1 day' ELSE {column} - c.back END"
    return ""


SUBJECTS: dict[type[models.Model], tuple[str, ...]] = {
    Assessment: ("endorse_cram", "cram_returned"),
    ResearchRequest: ("research",),
    Measure: ("check_measure",),
    Gap: ("gap",),
    Action: ("action",),
    UpdateAnswer: ("judge",),
}


def _subject(ids: dict[str, Ids]) -> str:
    """What a duty is about, by its kind: an id that no foreign key knows."""
    kinds = [
        f"WHEN '{kind}' THEN {ids[model._meta.db_table].followed('p.subject')}"
        for model, of_it in SUBJECTS.items()
        for kind in of_it
    ]
    return f"CASE p.kind {' '.join(kinds)} ELSE p.subject END"


def _due() -> str:
    """A due date as `Due.to_json` writes it, with its reason, so many weeks earlier."""

    def moment(value: str) -> str:
        back = "CASE WHEN p.due_at IS NULL THEN c.days * interval '1 day' ELSE c.back END"
        return f"to_jsonb({value} - {back})"

    def either(name: str) -> str:
        value = f"(p.due->'why'->>'{name}')"
        a_day = f"to_jsonb({value}::date - c.days)"
        return f"CASE WHEN {value} LIKE '%T%' THEN to_jsonb({value}::timestamptz - c.back) ELSE {a_day} END"

    left_out = (
        "(SELECT coalesce(jsonb_agg(jsonb_build_array((day->>0)::date - c.days, day->>1) ORDER BY place), '[]') "
        "FROM jsonb_array_elements(p.due->'why'->'left_out') WITH ORDINALITY AS u(day, place))"
    )
    return (
        "p.due || jsonb_build_object('due_on', p.due_on - c.days, "
        f"'late_from', {moment('p.late_from')}, 'due_at', p.due_at - c.back, "
        "'do_by', (p.due->>'do_by')::date - c.days, 'why', (p.due->'why') || "
        f"jsonb_build_object('started', {either('started')}, 'counted', {either('counted')}, "
        f"'left_out', {left_out}))"
    )


def _run(statement: str) -> None:
    """On a connection of its own: two at once, one for each core."""
    settings = connection.settings_dict
    with psycopg.connect(
        dbname=settings["NAME"], host=settings["HOST"], port=settings["PORT"] or None, user=settings["USER"],
        password=settings["PASSWORD"] or None,
    ) as own:  # fmt: skip
        # A day earlier is the same hour of the day before, also where the clocks were turned in between.
        own.execute("SET timezone = 'Europe/London'")
        own.execute("SET synchronous_commit = off")
        own.execute("SET work_mem = '128MB'")
        own.execute("SET maintenance_work_mem = '700MB'")
        # The copies in their order, each with its rows in theirs.
        own.execute("SET enable_hashjoin = off")
        own.execute("SET enable_mergejoin = off")
        own.execute("SET jit = off")
        own.execute(statement)


# --- the server ----------------------------------------------------------------------------------


@contextlib.contextmanager
def _quiet_server() -> Iterator[None]:
    """No checkpoint and no autovacuum while rows are poured in, where the server is ours to say so."""
    said = {"max_wal_size": "'16GB'", "checkpoint_timeout": "'1h'", "autovacuum": "off"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            yield
            return
        for name, value in said.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = {value}")
        cursor.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for name in said:
                cursor.execute(f"ALTER SYSTEM RESET {name}")
            cursor.execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def _answers_of_what_was_sent() -> Iterator[None]:
    """Copies of a CRAM that was sent are there before the copies of its answers, which no application would add."""
    table, trigger = Answer._meta.db_table, "sent_stays"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


@contextlib.contextmanager
def _plain_indexes_off(tell: Say) -> Iterator[None]:
    """Indexes that hold no promise are built when the rows are there, which takes a tenth of the time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace "
            "WHERE n.nspname = 'public' AND NOT i.indisunique AND NOT i.indisexclusion "
            "AND NOT t.relname LIKE ANY (ARRAY['team\\_%', 'django\\_%', 'deadlines\\_%']) "
            "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid) "
            "ORDER BY pg_get_indexdef(i.indexrelid) LIKE '%USING gin%' DESC"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with ThreadPoolExecutor(CORES) as pool:
        for _ in pool.map(_run, [definition for _, definition in indexes]):
            pass
    tell(f"{len(indexes)} indexes")


def _settle(tell: Say) -> None:
    """As after a night: everything is vacuumed, counted and written down."""
    with ThreadPoolExecutor(CORES) as pool:
        tables = [table for (table,) in _rows("SELECT relname FROM pg_stat_user_tables ORDER BY n_live_tup DESC")]
        for _ in pool.map(_vacuum, tables):
            pass
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    tell("vacuumed and analysed")


def _rows(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _vacuum(table: str) -> None:
    settings = connection.settings_dict
    with psycopg.connect(
        dbname=settings["NAME"], host=settings["HOST"], port=settings["PORT"] or None, user=settings["USER"],
        password=settings["PASSWORD"] or None, autocommit=True,
    ) as own:  # fmt: skip
        own.execute(f'VACUUM (FREEZE, ANALYZE) "{table}"')


# --- whether it is as it should be -----------------------------------------------------------------


def wrong_in_a_sample(most: int) -> tuple[int, list[str]]:
    """Of so many open records, spread over all of them: how many were looked at, and what the check of duties finds
    wrong on them."""
    open_ones = Case.objects.filter(state=State.OPEN).order_by("pk").values_list("pk", flat=True)
    every = max(1, open_ones.count() // most)
    sample = list(open_ones)[::every][:most]
    return len(sample), [f"{each.number}  {each.words}" for each in findings(sample)]
