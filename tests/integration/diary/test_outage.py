"""After a stop of the sweep the inspector of each team gets one summary of what became late meanwhile."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from audit.events import Event
from audit.models import AuditEvent
from cases.models import Case
from deadlines import clock
from deadlines.clock import LONDON
from diary import sweep as sweeping
from diary.kinds import kinds
from diary.models import Duty, Heartbeat, Notice, NoticeKind, Waker
from diary.raising import NotRecorded
from diary.steps import end_duty
from team.enums import Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_case
from tests.factories.team import a_team
from tests.factories.telling import a_duty, sweep_at

pytestmark = pytest.mark.django_db

# A Monday: what is due a working day later is late with the beginning of Wednesday.
MONDAY = datetime(2009, 12, 7, 10, 0, tzinfo=LONDON)
LATE_FROM = datetime(2009, 12, 9, 0, 0, tzinfo=LONDON)
LAST, BACK = LATE_FROM - timedelta(hours=3), LATE_FROM + timedelta(hours=4, minutes=30)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def monday() -> None:
    move_time_to(MONDAY)


def a_record(team: Team | None = None) -> Case:
    """On which nothing is due yet."""
    case = a_case(team)
    for duty in Duty.objects.filter(case=case):
        end_duty(duty, done=True, why="Done", by=User.objects.system())
    return case


def summaries() -> dict[str, str]:
    """By team, what its inspector was told."""
    rows = Notice.objects.filter(kind=NoticeKind.OUTAGE).order_by("id").values_list("team__code", "words")
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_each_team_with_something_late_meanwhile_gets_one_summary() -> None:
    case, other = a_record(), a_record(a_team("ENF"))
    for number in range(3):
        a_duty(case=case, kind=f"kind{number}")
    a_duty(case=other, from_event=MONDAY + DAY)  # late a day later
    sweep_at(LAST)
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    sweep_at(BACK)
    told = summaries()
    assert told["HGY"] == (
        "From 8 December 2009, 9pm to 9 December 2009, 4:30am due dates were not checked. 3 duties became late: "
        "1 to kind0; 1 to kind1; 1 to kind2."
    )
    assert list(told) == ["HGY"]
    notice = Notice.objects.get(kind=NoticeKind.OUTAGE)
    assert (notice.to_role, notice.to_person, notice.since) == (Role.INSPECTOR, None, LAST)
    recorded = AuditEvent.objects.exclude(pk__in=before).filter(object_type="diary.notice")
    (event,) = recorded
    assert (event.event, event.by_id, event.detail) == (Event.LATENESS_TOLD, User.objects.system().pk, {"rows": 1})


def test_each_team_is_told_of_its_own() -> None:
    for team in (a_team(), a_team("ENF")):
        a_duty(team=team)
    sweep_at(LAST)
    sweep_at(BACK)
    assert list(summaries()) == ["HGY", "ENF"]


def test_nobody_is_told_of_an_hour_or_less() -> None:
    a_duty()
    sweep_at(LATE_FROM - 30 * MINUTE)
    sweep_at(LATE_FROM + 30 * MINUTE)
    assert summaries() == {}


def test_of_more_than_an_hour_they_are_told() -> None:
    a_duty()
    sweep_at(LATE_FROM - 30 * MINUTE)
    sweep_at(LATE_FROM + 31 * MINUTE)
    assert list(summaries()) == ["HGY"]


def test_where_nothing_became_late_meanwhile_nobody_is_told() -> None:
    a_duty()
    sweep_at(LATE_FROM + MINUTE)
    sweep_at(LATE_FROM + 5 * HOUR)
    assert summaries() == {}


def test_at_the_first_start_ever_there_was_no_outage() -> None:
    a_duty()
    sweep_at(BACK)
    assert summaries() == {}


def test_the_next_sweep_says_nothing_more() -> None:
    a_duty()
    for when in (LAST, BACK, BACK, BACK + MINUTE, BACK + 30 * MINUTE):
        sweep_at(when)
    assert len(summaries()) == 1


def test_of_two_sweeps_at_once_one_tells_it() -> None:
    a_duty()
    sweep_at(LAST)
    move_time_to(BACK)
    for _ in range(2):
        with transaction.atomic():
            sweeping._tell_of_outage(LAST, BACK)
    assert len(summaries()) == 1
    with pytest.raises(IntegrityError, match="outage_told_once"), transaction.atomic():
        Notice.objects.create(kind="outage", team=a_team(), to_role=Role.INSPECTOR, since=LAST, words="Again")


def test_each_outage_is_told_by_itself() -> None:
    a_duty(from_event=MONDAY)
    a_duty(from_event=MONDAY + DAY, kind="later")
    for when in (LAST, BACK, LAST + DAY, BACK + DAY):
        sweep_at(when)
    assert Notice.objects.filter(kind=NoticeKind.OUTAGE).count() == 2


def test_a_clock_that_goes_ahead_and_back_tells_of_no_outage_twice() -> None:
    a_duty()
    sweep_at(LAST)
    sweep_at(LAST + 2 * DAY)
    assert len(summaries()) == 1
    for minutes in range(3):
        sweep_at(LAST + (1 + minutes) * MINUTE)
    assert len(summaries()) == 1
    assert Heartbeat.objects.get().succeeded_at == LAST + 3 * MINUTE
    sweep_at(BACK)
    # It was late already by the wrong clock; now by the right one, which stood still for hours.
    assert Notice.objects.filter(kind=NoticeKind.OUTAGE).count() == 2


def test_what_was_done_in_time_meanwhile_never_became_late() -> None:
    case = a_record()
    in_time, late = a_duty(kind="in_time", case=case), a_duty(kind="done_late", case=case)
    sweep_at(LAST)
    for duty, when in ((in_time, LATE_FROM - MINUTE), (late, LATE_FROM + MINUTE)):
        move_time_to(when)
        end_duty(duty, done=True, why="Written", by=User.objects.system())
    sweep_at(BACK)
    assert summaries()["HGY"].endswith(" 1 duty became late: 1 to done_late.")


def test_what_an_old_log_brought_in_is_not_counted() -> None:
    duty = Duty.objects.get(case=an_old_referral(decision="").case)
    Heartbeat.objects.create(waker=Waker.BEAT, succeeded_at=duty.late_from - HOUR)
    sweep_at(MONDAY + HOUR)
    assert summaries() == {}


def test_the_commonest_kinds_are_named_and_it_fits() -> None:
    cases = [a_record() for _ in range(2)]
    for number in range(10):
        a_duty(case=cases[0], kind=f"kind{number}")
    a_duty(case=cases[1], kind="kind9")
    sweep_at(LAST)
    sweep_at(BACK)
    words = summaries()["HGY"]
    assert "11 duties became late: 2 to kind9; 1 to " in words
    assert words.endswith("; 2 of other kinds.")


def test_the_longest_labels_of_all_fit() -> None:
    longest = sorted(kinds(), key=lambda kind: -len(kind.label))
    words = sweeping._outage_in_words(LAST, BACK, Counter(dict.fromkeys((kind.code for kind in longest), 99_999)))
    assert len(words) <= 1000


def test_a_summary_that_cannot_be_recorded_is_not_told_and_no_sweep_has_been_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_duty()
    sweep_at(LAST)
    with monkeypatch.context() as broken:
        broken.setattr(sweeping, "record", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sweep_at(BACK)
    assert summaries() == {}
    assert Heartbeat.objects.get().succeeded_at == LAST
    sweep_at(BACK + MINUTE)
    (words,) = summaries().values()
    assert "4:31am" in words


def test_a_sweep_that_fails_goes_on_being_an_outage() -> None:
    a_duty()
    sweep_at(LAST)
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent RENAME TO audit_full")
        with pytest.raises(NotRecorded):
            sweep_at(LATE_FROM + MINUTE)
        cursor.execute("ALTER TABLE audit_full RENAME TO audit_auditevent")
    sweep_at(BACK)
    assert "From 8 December 2009, 9pm to 9 December 2009, 4:30am" in summaries()["HGY"]
    assert clock.now() == BACK
