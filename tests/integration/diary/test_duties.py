"""What a referral must be followed by: raised with it, once, with a reason that stays; ended by what it asks for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from cases.enums import State
from cases.models import Case
from deadlines import clock, rules
from deadlines.clock import LONDON
from deadlines.due import Due
from deadlines.models import BankHoliday, Limit
from diary.kinds import DutyKind, kind_of, register
from diary.models import Duty, DutyState
from diary.steps import cancel_duty, raise_duty, satisfy_duty
from pages.words import moment
from referrals import duties
from referrals.actions import confirm_referral, log_referral, triage_referral
from referrals.enums import Method
from referrals.models import Referral
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case, a_referral, as_received
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
CHRISTMAS_EVE = datetime(2009, 12, 24, 10, 0, tzinfo=LONDON)
HIS_LOOK: dict[str, Any] = {"urgent": False, "what_next": "", "reason": "Known, and safe at school"}


def duty_of(referral: Referral, kind: DutyKind = duties.TRIAGE) -> Duty:
    return Duty.objects.get(case=referral.case, kind=kind.code)


def raised(case: Case, **other: Any) -> Duty:
    """A second duty on a record, which has the one of its triage."""
    return raise_duty(duties.CONFIRMATION, case, rules.PHONE_CONFIRMATION.due(CHRISTMAS_EVE), **other)


def telephoned(**other: Any) -> Referral:
    return a_referral(method=Method.TELEPHONE, **other)


def confirm(referral: Referral, *, by: User | None = None) -> Referral:
    return confirm_referral(
        referral, confirmed_at=clock.now(), confirmed_how="Email of Ms Orme", by=by or User.objects.system()
    )


# --- raised with the referral --------------------------------------------------------------------


def test_an_urgent_referral_is_to_be_triaged_within_the_hour() -> None:
    duty = duty_of(a_referral(urgent=True, received_at=CHRISTMAS_EVE))
    assert duty.due_at == duty.late_from == datetime(2009, 12, 24, 11, 0, tzinfo=UTC)
    assert duty.due_on == date(2009, 12, 24)


def test_any_other_referral_is_to_be_triaged_by_the_next_working_day() -> None:
    duty = duty_of(a_referral(received_at=CHRISTMAS_EVE))
    assert (duty.due_on, duty.due_at) == (date(2009, 12, 29), None)
    assert duty.late_from == datetime(2009, 12, 30, tzinfo=UTC)


def test_an_urgent_referral_at_eleven_at_night_is_due_on_the_next_day() -> None:
    duty = duty_of(a_referral(urgent=True, received_at=datetime(2010, 6, 9, 23, 30, tzinfo=LONDON)))
    assert (duty.due_on, duty.due_at) == (date(2010, 6, 10), datetime(2010, 6, 9, 23, 30, tzinfo=UTC))


def test_a_telephoned_referral_is_to_be_confirmed_in_writing_by_the_next_working_day() -> None:
    duty = duty_of(telephoned(received_at=CHRISTMAS_EVE), duties.CONFIRMATION)
    assert (duty.due_on, duty.due_at) == (date(2009, 12, 29), None)
    assert duty.reckoned.why.source == "HMIC 2010, AFI 2; CAIT default"


@pytest.mark.parametrize("method", [each for each in Method if each not in (Method.TELEPHONE, Method.NOT_SAID)])
def test_only_a_telephoned_referral_is_to_be_confirmed(method: Method) -> None:
    referral = a_referral(method=method)
    assert sorted(duty.kind for duty in Duty.objects.filter(case=referral.case)) == ["first_cram", "triage"]


def test_a_duty_is_open_and_held_by_the_referral_desk_of_the_team() -> None:
    by = an_officer(Role.DESK_SERGEANT)
    referral = telephoned(by=by)
    for duty in Duty.objects.filter(case=referral.case):
        assert (duty.state, duty.owner, duty.owner_role) == (DutyState.OPEN, None, Role.DESK_SERGEANT)
        assert (duty.team, duty.subject, duty.cycle) == (referral.team, 0, 0)
        assert duty.history.get().history_user == by


def test_a_form_that_is_sent_twice_raises_its_duties_once() -> None:
    team, said = a_team(), as_received(method=Method.TELEPHONE)
    first = log_referral(team, **said, by=User.objects.system())
    second = log_referral(team, **said, by=User.objects.system())
    assert (first.just_now, second.just_now) == (True, False)
    assert sorted(Duty.objects.values_list("kind", flat=True)) == ["confirmation", "first_cram", "triage"]


def test_a_referral_that_is_refused_raises_no_duty() -> None:
    with pytest.raises(ValidationError):
        a_referral(received_at=clock.now() + MINUTE)
    assert not Duty.objects.exists()


# --- the reason for the date ---------------------------------------------------------------------


def test_a_duty_keeps_the_reason_for_its_date() -> None:
    duty = duty_of(a_referral(received_at=CHRISTMAS_EVE))
    duty.refresh_from_db()
    assert duty.reckoned.why.sentence() == (
        "1 working day from Thu 24 Dec 2009 (receipt) = Tue 29 Dec 2009; rule TRIAGE-OTHER [CAIT default]; "
        "days left out: Saturdays and Sundays, "
        "Fri 25 Dec 2009 (Christmas Day), Mon 28 Dec 2009 (Substitute day for Boxing Day)"
    )


def test_the_reason_stays_whatever_becomes_of_the_rule() -> None:
    duty = duty_of(a_referral(urgent=True, received_at=CHRISTMAS_EVE))
    said = duty.reckoned.why.sentence()
    Limit.objects.all().delete()
    BankHoliday.objects.all().delete()
    duty.refresh_from_db()
    assert duty.reckoned.why.sentence() == said
    assert duty.reckoned.due_at == duty.due_at


def test_what_is_stored_beside_the_reason_agrees_with_it() -> None:
    for duty in Duty.objects.filter(case=telephoned(urgent=True).case):
        reckoned = duty.reckoned
        assert (reckoned.due_on, reckoned.due_at, reckoned.late_from) == (duty.due_on, duty.due_at, duty.late_from)


# --- beyond the calendar -------------------------------------------------------------------------

IN_2040 = datetime(2040, 3, 5, 10, 0, tzinfo=LONDON)


@pytest.mark.parametrize("urgent", [False, True])
def test_a_referral_received_in_a_year_beyond_the_calendar_still_raises_its_duties(urgent: bool) -> None:
    move_time_to(IN_2040)
    referral = telephoned(urgent=urgent, received_at=IN_2040 - 5 * MINUTE)
    assert Duty.objects.filter(case=referral.case, state=DutyState.OPEN).count() == 3


def test_beyond_the_calendar_it_is_due_on_the_day_itself_and_the_reason_says_why() -> None:
    move_time_to(IN_2040)
    duty = duty_of(a_referral(received_at=IN_2040 - 5 * MINUTE))
    assert (duty.due_on, duty.late_from) == (date(2040, 3, 5), datetime(2040, 3, 6, tzinfo=UTC))
    assert duty.reckoned.why.sentence() == (
        "by Mon 5 Mar 2040 (receipt) = Mon 5 Mar 2040; rule TRIAGE-OTHER [CAIT default]; due at once, because the "
        "date cannot be worked out: The bank holidays of 2040 have not been entered. The calendar runs from Thu 1 "
        "Jan 2004 to Sun 31 Dec 2028."
    )


def test_hours_are_counted_beyond_the_calendar_as_within_it() -> None:
    move_time_to(IN_2040)
    duty = duty_of(a_referral(urgent=True, received_at=IN_2040 - 5 * MINUTE))
    assert duty.due_at == IN_2040 + 55 * MINUTE


def test_on_the_last_working_day_of_the_calendar_the_next_is_not_guessed() -> None:
    last = datetime(2028, 12, 29, 16, 0, tzinfo=LONDON)
    move_time_to(last)
    duty = duty_of(a_referral(received_at=last))
    assert duty.due_on == date(2028, 12, 29)
    assert "The bank holidays of 2029 have not been entered" in duty.reckoned.why.sentence()


@pytest.mark.parametrize("urgent", [False, True])
def test_where_a_rule_has_no_limit_its_duty_is_raised_and_due_at_once(urgent: bool) -> None:
    Limit.objects.all().delete()
    duty = duty_of(a_referral(urgent=urgent, received_at=CHRISTMAS_EVE))
    assert duty.due_on == date(2009, 12, 24)
    assert duty.due_at == (CHRISTMAS_EVE if urgent else None)
    assert "due at once, because the date cannot be worked out" in duty.reckoned.why.sentence()


def test_a_duty_due_at_once_is_kept_without_loss() -> None:
    BankHoliday.objects.all().delete()
    due = rules.TRIAGE_OTHER.due_or_at_once(CHRISTMAS_EVE, event="email of Social Services")
    assert Due.from_json(due.to_json()) == due
    assert due.why.event == "email of Social Services"


def test_within_the_calendar_due_at_once_is_the_date_itself() -> None:
    for rule in (rules.TRIAGE_OTHER, rules.TRIAGE_URGENT, rules.PHONE_CONFIRMATION):
        assert rule.due_or_at_once(CHRISTMAS_EVE) == rule.due(CHRISTMAS_EVE)


def test_a_time_without_a_zone_is_refused_all_the_same() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        rules.TRIAGE_URGENT.due_or_at_once(datetime(2040, 3, 5, 10, 0))  # noqa: DTZ001
    with pytest.raises(TypeError, match="A date and time is needed"):
        rules.TRIAGE_URGENT.due_or_at_once(date(2040, 3, 5))


# --- ended by what it asks for -------------------------------------------------------------------


def test_triage_ends_the_duty_to_triage() -> None:
    by, referral = an_officer(Role.DESK_SERGEANT), telephoned()
    triage_referral(referral, **HIS_LOOK, by=by)
    duty = duty_of(referral)
    assert (duty.state, duty.ended_by, duty.ended_why) == (DutyState.SATISFIED, by, "Triaged")
    assert duty.ended_at is not None
    assert duty.history.latest("history_id").history_user == by
    assert duty_of(referral, duties.CONFIRMATION).state == DutyState.OPEN


def test_confirmation_ends_the_duty_to_confirm() -> None:
    by, referral = an_officer(Role.OFFICE_MANAGER), telephoned()
    confirm(referral, by=by)
    duty = duty_of(referral, duties.CONFIRMATION)
    assert (duty.state, duty.ended_by, duty.ended_why) == (DutyState.SATISFIED, by, "Confirmed in writing")
    assert duty.history.latest("history_id").history_user == by
    assert duty_of(referral).state == DutyState.OPEN


def test_the_date_and_its_reason_stay_when_a_duty_has_ended() -> None:
    referral = a_referral(received_at=CHRISTMAS_EVE)
    before = duty_of(referral)
    triage_referral(referral, **HIS_LOOK, by=User.objects.system())
    after = duty_of(referral)
    assert (after.due, after.due_on, after.late_from) == (before.due, before.due_on, before.late_from)


def test_a_referral_is_triaged_once() -> None:
    by, referral = an_officer(Role.DESK_SERGEANT), a_referral()
    first = triage_referral(referral, **HIS_LOOK, by=by)
    assert first.triaged_at is not None
    with pytest.raises(ValidationError) as refused:
        triage_referral(referral, urgent=True, what_next="", reason="Mine", by=an_officer(Role.SUPERVISOR))
    assert refused.value.messages == [
        f"{by} triaged this referral on {moment(first.triaged_at)} as not urgent, because: "
        "“Known, and safe at school”. Add what you know to the chronology."
    ]
    assert duty_of(referral).ended_by == by


def test_a_referral_is_confirmed_once() -> None:
    referral = telephoned()
    confirmed = confirm(referral)
    assert confirmed.confirmed_at is not None
    with pytest.raises(ValidationError) as refused:
        confirm(referral)
    assert refused.value.messages == [
        f"CAIT recorded that this referral was confirmed on {moment(confirmed.confirmed_at)}: Email of Ms Orme."
    ]


def test_what_did_not_come_by_telephone_is_not_confirmed() -> None:
    referral = a_referral(method=Method.LETTER)
    with pytest.raises(ValidationError, match="did not come by telephone, so it needs no written confirmation"):
        confirm(referral)


def test_a_confirmation_came_after_the_call_and_is_here() -> None:
    move_time_to(CHRISTMAS_EVE)
    referral = telephoned(received_at=clock.now() - 10 * MINUTE)

    def confirmed(at: datetime) -> list[str]:
        with pytest.raises(ValidationError) as refused:
            confirm_referral(referral, confirmed_at=at, confirmed_how="Email", by=User.objects.system())
        return refused.value.message_dict["confirmed_at"]

    now = clock.now()
    assert confirmed(now + MINUTE) == [f"This is in the future: it is {moment(now)} now"]
    assert confirmed(now - 11 * MINUTE) == [f"This is before the telephone call, {moment(referral.received_at)}"]
    assert duty_of(referral, duties.CONFIRMATION).state == DutyState.OPEN


@pytest.mark.parametrize("act", [confirm, lambda r: triage_referral(r, **HIS_LOOK, by=User.objects.system())])
def test_on_a_closed_record_no_duty_is_ended(act: Callable[[Referral], Any]) -> None:
    referral = telephoned()
    Case.objects.filter(pk=referral.case_id).update(state=State.CLOSED, closed_at=clock.now())
    with pytest.raises(ValidationError, match="is closed, so nothing can be added to it"):
        act(referral)
    assert Duty.objects.filter(case=referral.case, state=DutyState.OPEN).count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_many_who_triage_at_once_one_does_and_the_duty_ends_once() -> None:
    referral, officers = a_referral(), [an_officer(Role.DESK_SERGEANT) for _ in range(5)]

    def triage(officer: User) -> bool:
        try:
            triage_referral(referral, **HIS_LOOK, by=officer)
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(triage, officers))
    assert sorted(done) == [False] * 4 + [True]
    duty = duty_of(referral)
    assert duty.ended_by == officers[done.index(True)]
    assert duty.history.count() == 2


# --- exactly once --------------------------------------------------------------------------------


def test_a_duty_is_raised_exactly_once() -> None:
    case, by = a_case(), User.objects.system()
    raised(case, by=by)
    with pytest.raises(IntegrityError, match="duty_exactly_once"), transaction.atomic():
        raised(case, by=by)
    assert Duty.objects.filter(case=case, kind="confirmation").count() == 1


def test_a_duty_that_has_ended_is_not_raised_again() -> None:
    case, by = a_case(), User.objects.system()
    raised(case, by=by)
    satisfy_duty(duties.CONFIRMATION, case, why="Confirmed", by=by)
    with pytest.raises(IntegrityError, match="duty_exactly_once"), transaction.atomic():
        raised(case, by=by)


def test_a_duty_that_comes_again_or_is_about_something_else_is_another() -> None:
    case, by = a_case(), User.objects.system()
    for other in ({}, {"cycle": 1}, {"subject": 7}):
        raised(case, **other, by=by)
    ended = satisfy_duty(duties.CONFIRMATION, case, why="Confirmed", by=by)
    assert ended is not None
    still = Duty.objects.filter(case=case, kind="confirmation", state=DutyState.OPEN)
    assert sorted(still.values_list("subject", "cycle")) == [(0, 1), (7, 0)]


def test_a_duty_ends_once() -> None:
    case, by = a_case(), User.objects.system()
    raised(case, by=by)
    assert satisfy_duty(duties.CONFIRMATION, case, why="Confirmed", by=by) is not None
    assert satisfy_duty(duties.CONFIRMATION, case, why="Again", by=by) is None
    assert cancel_duty(duties.CONFIRMATION, case, why="Again", by=by) is None
    assert Duty.objects.get(case=case, kind="confirmation").ended_why == "Confirmed"


def test_a_duty_whose_cause_fell_away_is_cancelled() -> None:
    case, by = a_case(), an_officer(Role.SUPERVISOR)
    raised(case, by=by)
    cancel_duty(duties.CONFIRMATION, case, why="Not a referral", by=by)
    duty = Duty.objects.get(case=case, kind="confirmation")
    assert (duty.state, duty.ended_by, duty.ended_why) == (DutyState.CANCELLED, by, "Not a referral")


def test_a_duty_may_be_held_by_a_person() -> None:
    case, officer = a_case(), an_officer(Role.INVESTIGATOR)
    assert raised(case, owner=officer, by=User.objects.system()).owner == officer


# --- what the database refuses -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "new"),
    [
        ("duty_state_is_known", lambda: {"state": "asleep"}),
        ("duty_owner_role_is_known", lambda: {"owner_role": "cook"}),
        ("ended_duty_says_when_and_why", lambda: {"state": DutyState.SATISFIED}),
        ("ended_duty_says_when_and_why", lambda: {"ended_at": clock.now()}),
        (
            "ended_duty_says_when_and_why",
            lambda: {"state": DutyState.CANCELLED, "ended_at": clock.now(), "ended_why": "No reason"},
        ),
        (
            "ended_duty_says_when_and_why",
            lambda: {"state": DutyState.CANCELLED, "ended_at": clock.now(), "ended_by": User.objects.system()},
        ),
    ],
)
def test_the_database_refuses_what_cannot_be_true(constraint: str, new: Callable[[], dict[str, Any]]) -> None:
    duty = duty_of(a_referral())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Duty.objects.filter(pk=duty.pk).update(**new())


@pytest.mark.parametrize("statement", ["UPDATE {} SET kind = 'other'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_history_of_a_duty_is_neither_changed_nor_deleted(statement: str) -> None:
    a_referral()
    connection.check_constraints()  # so that nothing else stands in the way of TRUNCATE
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("diary_historicalduty"))


# --- the registry --------------------------------------------------------------------------------


def test_every_kind_that_a_referral_raises_is_known() -> None:
    referral = telephoned()
    for duty in Duty.objects.filter(case=referral.case):
        kind = kind_of(duty.kind)
        assert kind is not None
        assert kind.owner_role == duty.owner_role


def test_a_kind_that_nobody_registered_is_not_known() -> None:
    assert kind_of("sing") is None


def test_two_kinds_cannot_be_called_the_same() -> None:
    assert register(duties.TRIAGE) == duties.TRIAGE
    other = DutyKind("triage", "Another", Role.SUPERVISOR, "referrals:triage", duties.TRIAGE.permission, "Do")
    with pytest.raises(ValueError, match="Two kinds of duty are called triage"):
        register(other)
    assert kind_of("triage") == duties.TRIAGE
