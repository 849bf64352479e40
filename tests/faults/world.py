"""The records that the faults are tried on: some made through the real actions, and very many copied from them."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.actions import reopen_case
from deadlines.clock import LONDON
from diary.actions import hold_chases
from diary.models import Duty
from referrals.enums import DecisionKind, Judgement
from team.enums import Role
from team.models import User
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_triaged_case,
    an_answer,
    an_approved_address,
    an_investigation,
    an_open_update,
    asked_to_close,
    judged,
)
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.faults.parts import number, rows, run_sql, set_clock

# A Wednesday. Everything began then, so that what falls falls for very many at one moment.
BEGAN = datetime(2009, 12, 2, 10, 0, tzinfo=LONDON)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# Some hours or days after it nothing falls, as it would while the same is asked so long after the beginning.
MADE = BEGAN + 20 * MINUTE

LATE, CHASED = 20_000, 5_000
# Whom the daily email goes to.
WRITTEN_TO = (Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR)


def make_records(at: datetime = BEGAN) -> None:
    """Thirty records of two teams in every state that a duty hangs on; nine wait for Social Services."""
    set_clock(at)
    team, other = a_team(), a_team("ENF")
    for step in (1, 2, 3):
        an_approved_address(team, step)
    for role in WRITTEN_TO:
        officer = an_officer(role, team)
        officer.email = f"{role}@police.example"
        officer.save(update_fields=["email"])
    an_officer(Role.INSPECTOR, other)
    system = User.objects.system()
    for of in (team, other):
        for urgent in (True, False, False):
            a_case(of, urgent=urgent)
        a_triaged_case(of)
        an_investigation(team=of)
        a_decided_case(DecisionKind.POLICE, of)
        a_decided_case(DecisionKind.INFORMATION, of)
        asked_to_close(a_decided_case(team=of))
        a_closed_case(of)
    for _ in range(5):
        an_open_update(team)
    for _ in range(2):
        an_open_update(other)  # which has no approved address
    hold_chases(an_open_update(team), why="The worker is the subject", by=system)
    an_answer(an_open_update(team).case)
    judged(an_answer(an_open_update(team).case))
    judged(an_answer(an_open_update(team).case), Judgement.CHANGED)
    reopen_case(a_closed_case(team), reason="Another call", by=an_officer(Role.INSPECTOR, team))


# --- very many -----------------------------------------------------------------------------------


def make_many() -> None:
    """Beside them very many that are late some days later, and very many whom Social Services owe an answer."""
    other = a_team("ENF")
    to_triage = Duty.objects.get(case=a_case(other), kind="triage")
    _copied(to_triage, LATE)
    _copied(an_open_update(other), CHASED)
    run_sql("ANALYZE")


def _copied(duty: Duty, times: int) -> None:
    """The record of a duty, with whatever its duty hangs on, very many times."""
    case = duty.case_id
    last = {table: number(f"SELECT coalesce(max(id), 0) FROM {table}") for table in KEYED}  # noqa: S608
    ids = {"case_id": f"{last['cases_case']} + k", "duty_id": f"{last['diary_duty']} + k"}
    ids["entry_id"] = f"{last['cases_entry']} + k"
    of_case, of_duty = f"case_id = {case}", f"duty_id = {duty.pk}"
    decided = f"SELECT entry_id FROM referrals_decision WHERE {of_case}"  # noqa: S608
    urn = f"100000 + {last['cases_case']} + k"
    copies = [
        ("cases_case", f"id = {case}", {"number": f"'ENF-2009-' || ({urn})", "urn": f"({urn}) || '/09'"}),
        # As of an old log, of which no first CRAM is due: each has but the one duty.
        (
            "referrals_referral",
            of_case,
            {"token": "gen_random_uuid()", "urn_serial": urn, "old_urn": f"'old ' || ({urn})"},
        ),
        ("cases_entry", f"id IN ({decided})", {}),
        ("referrals_decision", of_case, {}),
        ("diary_duty", f"id = {duty.pk}", {}),
        ("diary_watch", of_duty, {}),
        ("diary_chase", of_duty, {}),
        ("diary_step", of_duty, {}),
    ]
    for table, which, other in copies:
        own = {"id": f"{last[table]} + k"} if table in KEYED else {}
        run_sql(_copy(table, which, {**ids, **own, **other}, times))
        if table in KEYED:
            run_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
            )


KEYED = (
    *("cases_case", "referrals_referral", "cases_entry", "referrals_decision"),
    *("diary_duty", "diary_step"),
)


def _copy(table: str, which: str, said: dict[str, str], times: int) -> str:
    asked = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
    columns = [name for (name,) in rows(asked + " AND attgenerated = ''", table)]
    values = ", ".join(said.get(name, f'p."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS p "  # noqa: S608
        f"CROSS JOIN generate_series(1, {times}) AS k WHERE p.{which}"
    )
