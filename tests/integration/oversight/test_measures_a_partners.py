"""What Social Services are asked for and tell us: each measure against a recount by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from cases.models import Case
from deadlines import clock
from deadlines.clock import LONDON, london_date, minute
from diary.models import Duty, DutyState, Mail, MailState, Waker
from diary.sweep import sweep
from oversight.measures import partners as measures
from oversight.measures.turning import TURNING
from oversight.models import Changed
from referrals.enums import Came, DecisionKind, Judgement
from referrals.models import Answer
from tests.factories.clock import move_time_to
from tests.factories.deciding import (
    a_decided_case,
    a_decision,
    a_triaged_case,
    an_answer,
    an_approved_address,
    judged,
)
from tests.factories.old_logs import a_row, an_old_log, brought_in, referral_of
from tests.factories.team import a_team
from tests.factories.transferring import transferred
from tests.integration.oversight.counting_by_hand import Counted, found, team_of, team_then
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# A Friday; the update is due by 25 December, and chased on that day, on 1 January and on 8 January.
DECIDED = datetime(2009, 12, 11, 10, 0, tzinfo=LONDON)
DUE = date(2009, 12, 25)
NOW = DECIDED + 22 * DAY


@dataclass
class World:
    """The duty of each request."""

    judged_late: Duty  # answered on day 10, judged on day 16
    after_a_chase: Duty  # answered on day 15
    higher_up: Duty  # answered on day 22, after the second chase
    never: Duty
    no_answer: Duty  # what came on day 5 did not answer it
    unjudged: Duty  # came on day 20, waits to be judged
    held: Duty  # no email was sent; answered on day 2
    fell_away: Duty  # decided again on day 3
    fell_away_late: Duty  # decided again on day 16
    fresh: Duty  # of Enfield, since day 20
    before: Duty  # of an old log
    unasked: Answer  # on a record of which nothing was asked
    not_said: Answer  # of an old log


def on_day(number: int) -> None:
    """That day from the decision; the sweep has looked, and whatever was written is sent."""
    move_time_to(DECIDED + number * DAY)
    sweep(woken_by=Waker.COMMAND)
    Mail.objects.filter(state=MailState.QUEUED).update(state=MailState.SENT, sent_at=clock.now())


def asked(**other: Any) -> Duty:
    case = a_triaged_case(a_team("HGY"), received_at=DECIDED - HOUR)
    a_decision(case, kind=DecisionKind.SOCIAL_SERVICES, decided_at=DECIDED, **other)
    return Duty.objects.select_related("case").get(case=case, kind="update")


def told(duty: Duty, judgement: Judgement | None = None) -> Answer:
    answer = an_answer(duty.case, received_at=minute(clock.now()))
    return judged(answer, judgement) if judgement else answer


def build() -> World:
    for number in (1, 2, 3):
        an_approved_address(a_team("HGY"), number)
    an_approved_address(a_team("ENF"))
    move_time_to(DECIDED)
    duties = [asked() for _ in range(8)]
    judged_late, after_a_chase, higher_up, never, no_answer, unjudged, fell_away, fell_away_late = duties
    held = asked(hold_why="The worker is the uncle")
    unasked = an_answer(a_decided_case(team=a_team("HGY"), received_at=DECIDED - HOUR))
    on_day(0)
    on_day(2)
    told(held, Judgement.UNCHANGED)
    on_day(3)
    a_decision(fell_away.case, kind=DecisionKind.POLICE)
    on_day(5)
    told(no_answer, Judgement.NO_ANSWER)
    on_day(10)
    early = told(judged_late)
    on_day(14)
    on_day(15)
    told(after_a_chase, Judgement.UNCHANGED)
    on_day(16)
    judged(early)
    a_decision(fell_away_late.case, kind=DecisionKind.POLICE)
    on_day(20)
    told(unjudged)
    fresh_case = a_decided_case(DecisionKind.SOCIAL_SERVICES, a_team("ENF"))
    rows = (a_row(decision="SS only"), a_row(decision="SS only", answered="10/07/2009"))
    log = brought_in(an_old_log(*rows, team=a_team("BRN")), hold_why="Nothing is sent about old logs")
    on_day(21)
    on_day(22)
    told(higher_up, Judgement.UNCHANGED)
    return World(
        judged_late,
        after_a_chase,
        higher_up,
        never,
        no_answer,
        unjudged,
        held,
        fell_away,
        fell_away_late,
        Duty.objects.get(case=fresh_case, kind="update"),
        Duty.objects.get(case=referral_of(log).case, kind="update"),
        unasked,
        Answer.objects.get(case=referral_of(log, 3).case),
    )


@pytest.fixture(scope="module")
def built(shared: Shared) -> World:
    return shared(build)


@pytest.fixture
def world(built: World) -> World:
    return own(built)


def updates() -> list[Duty]:
    return list(Duty.objects.filter(kind="update").select_related("team", "case"))


def answer_to(duty: Duty) -> Answer | None:
    rows = Answer.objects.filter(duty=duty).exclude(judgement=Judgement.NO_ANSWER)
    return rows.order_by("received_at").first()


def test_updates_that_came_in_time_whenever_they_were_judged(world: World) -> None:
    facts, minutes = found(measures.IN_TIME)
    by_hand = set()
    for duty in updates():
        answer = answer_to(duty)
        late = duty.late_from <= min(duty.ended_at or NOW, NOW)
        if duty.from_before or not (answer or late):
            continue
        on = min(london_date(answer.received_at), duty.due_on) if answer else duty.due_on
        in_time = answer is not None and answer.received_at < duty.late_from
        team = team_then(duty.case, answer.received_at) if answer and in_time else team_of(duty)
        by_hand.add(Counted(duty.pk, team, "social_services", on, in_time))
    assert facts == by_hand

    went = {each.subject: (each.on, each.counted) for each in facts}
    assert went == {
        world.judged_late.pk: (date(2009, 12, 21), True),
        world.held.pk: (date(2009, 12, 13), True),
        **{
            duty.pk: (DUE, False)
            for duty in (
                world.after_a_chase,
                world.higher_up,
                world.never,
                world.no_answer,
                world.unjudged,
                world.fell_away_late,
            )
        },
    }
    days = {pk: round(taken / 60 / 24) if taken is not None else None for pk, taken in minutes.items()}
    assert days == {
        world.judged_late.pk: 10,
        world.held.pk: 2,
        world.after_a_chase.pk: 15,
        world.higher_up.pk: 22,
        world.unjudged.pk: 20,
        world.never.pk: None,
        world.no_answer.pk: None,
        world.fell_away_late.pk: None,
    }


def test_an_update_is_late_from_the_moment_it_is_due(world: World) -> None:
    late_from = world.never.late_from

    def counts(at: datetime) -> bool:
        return world.never.pk in {each.subject for each in found(measures.IN_TIME, until=at).facts}

    assert [counts(late_from - HOUR), counts(late_from)] == [False, True]
    answer = Answer.objects.get(duty=world.judged_late)
    Answer.objects.filter(pk=answer.pk).update(received_at=late_from)
    fact = next(each for each in found(measures.IN_TIME).facts if each.subject == world.judged_late.pk)
    assert (fact.on, fact.counted) == (DUE, False)


def test_what_brought_updates_about(world: World) -> None:
    facts = found(measures.CAME).facts
    by_hand = set()
    for answer in Answer.objects.select_related("case"):
        part = answer.came
        if part == Came.CHASED:
            sent = Mail.objects.filter(step__duty=answer.duty_id, state=MailState.SENT, step__number__gte=1)
            gone = [
                each
                for each in sent.select_related("rung")
                if each.sent_at and minute(each.sent_at) <= answer.received_at
            ]
            part = "escalated" if any(each.rung.number > 1 for each in gone) else part
        team = team_then(answer.case, answer.recorded_at)
        by_hand.add(Counted(answer.pk, team, part, london_date(answer.received_at)))
    assert facts == by_hand
    by_partner = found(measures.CAME_BY_PARTNER).facts
    assert by_partner == {each._replace(part="social_services") for each in facts}
    parts = {each.subject: each.part for each in facts}
    of = dict(Answer.objects.exclude(duty=None).values_list("duty", "pk"))
    assert {
        duty: parts[pk] for duty, pk in of.items() if duty != Answer.objects.get(pk=world.not_said.pk).duty_id
    } == {
        world.judged_late.pk: "on_request",
        world.after_a_chase.pk: "chased",
        world.higher_up.pk: "escalated",
        world.no_answer.pk: "on_request",
        world.unjudged.pk: "chased",
        world.held.pk: "unasked",
    }
    assert (parts[world.unasked.pk], parts[world.not_said.pk]) == ("unasked", "not_said")


def test_chases_that_were_sent_and_how_high_up(world: World) -> None:
    facts = found(measures.CHASES).facts
    assert facts == {
        Counted(
            mail.pk,
            mail.rung.team.code,
            "first" if mail.rung.number == 1 else "escalated",
            london_date(mail.sent_at),
        )
        for mail in Mail.objects.filter(state=MailState.SENT).select_related("rung__team", "step")
        if mail.step.number and mail.sent_at
    }
    assert found(measures.CHASES_BY_PARTNER).facts == {each._replace(part="social_services") for each in facts}
    first, second = date(2009, 12, 25), date(2010, 1, 1)
    of_never = {mail.pk for mail in Mail.objects.filter(step__duty=world.never)}
    assert {(each.part, each.on) for each in facts if each.subject in of_never} == {
        ("first", first),
        ("escalated", second),
    }
    # One that was not sent is none; what becomes of an email makes its record count anew.
    Changed.objects.all()._raw_delete(using="default")
    mail = Mail.objects.filter(step__duty=world.never, step__number=2)
    mail.update(state=MailState.WITHDRAWN, sent_at=None)
    assert {each.part for each in found(measures.CHASES).facts if each.subject in of_never} == {"first"}
    assert set(Changed.objects.values_list("case_id", flat=True)) == {world.never.case_id}


def how_late(duty: Duty, at: datetime) -> str:
    if duty.from_before:
        return "before"
    if duty.late_from > at:
        return "due"
    days = (london_date(at) - london_date(duty.late_from)).days
    return str(max(first for first in measures.LATE if first <= days))


def test_updates_outstanding_now_and_how_late(world: World) -> None:
    facts = found(measures.OUTSTANDING).facts
    assert facts == {
        Counted(duty.pk, duty.team.code, how_late(duty, NOW), london_date(duty.raised_at))
        for duty in updates()
        if duty.state == DutyState.OPEN
    }
    assert {each.subject: each.part for each in facts} == {
        world.never.pk: "7",
        world.no_answer.pk: "7",
        world.unjudged.pk: "7",
        world.fresh.pk: "due",
        world.before.pk: "before",
        Duty.objects.get(case=world.not_said.case, kind="update").pk: "before",
    }


def test_an_update_that_gets_later_is_counted_anew(world: World) -> None:
    """Hour by hour over some weeks: whatever has changed by the next time is what is looked for."""
    looked = [each for each in TURNING if "diary_duty" in each]
    case, at = world.never.case_id, DECIDED + 13 * DAY

    def part(moment: datetime) -> str:
        return next(
            each.part for each in found(measures.OUTSTANDING, until=moment).facts if each.subject == world.never.pk
        )

    seen = [part(at)]
    while at < DECIDED + 46 * DAY:
        later = at + 14 * HOUR
        given = {"since": at, "until": later, "since_on": london_date(at), "until_on": london_date(later)}
        turned: set[int] = set()
        for each in looked:
            with connection.cursor() as cursor:
                cursor.execute(each, given)
                turned |= {row[0] for row in cursor.fetchall()}
        if (now := part(later)) != seen[-1]:
            seen.append(now)
            assert case in turned
        else:
            assert case not in turned
        assert now == how_late(world.never, later)
        at = later
    assert seen == ["due", "0", "7", "14", "28"]


def test_of_a_record_that_was_transferred_what_was_recorded_stays_with_the_team_that_did(world: World) -> None:
    Case.objects.filter(pk=world.unasked.case_id).update(team=a_team("ENF"))
    assert {each.team for each in found(measures.CAME).facts if each.subject == world.unasked.pk} == {"HGY"}


def test_a_transfer_takes_no_update_from_the_team_that_had_the_record(world: World) -> None:
    """Neither one that is late, nor one that came before and is judged by the other team; what becomes late there
    is theirs."""
    on_day(23)
    fresh = world.fresh.case
    in_december = {each for each in found(measures.IN_TIME).facts if each.on <= date(2009, 12, 31)}
    for duty in (world.never, world.unjudged, world.no_answer):
        transferred(duty.case, a_team("ENF"))
    came = an_answer(fresh, received_at=minute(clock.now()))
    transferred(fresh, a_team("HGY"))
    on_day(30)
    answer = Answer.objects.select_related("case").get(duty=world.unjudged)
    judged(answer)
    facts = found(measures.IN_TIME).facts
    assert {each for each in facts if each.on <= date(2009, 12, 31)} == in_december
    assert {each.team for each in in_december} == {"HGY"}
    (of_fresh,) = (each for each in facts if each.subject == world.fresh.pk)
    assert (of_fresh.team, of_fresh.on, of_fresh.counted) == ("ENF", london_date(came.received_at), True)


def test_an_update_that_waits_to_be_judged_counts_until_it_is_judged_to_be_none(world: World) -> None:
    """As the definition says, for a month that is over too."""
    answer = Answer.objects.select_related("case").get(duty=world.judged_late)
    Answer.objects.filter(pk=answer.pk).update(judgement="", judged_at=None, judged_by=None, reason="")

    def counts() -> set[tuple[date, bool]]:
        return {(each.on, each.counted) for each in found(measures.IN_TIME).facts if each.subject == answer.duty_id}

    assert counts() == {(date(2009, 12, 21), True)}
    why = {"judged_at": answer.judged_at, "judged_by": answer.judged_by, "reason": "Another child"}
    Answer.objects.filter(pk=answer.pk).update(judgement=Judgement.NO_ANSWER, **why)
    assert counts() == {(DUE, False)}
    assert "month in which it came may change" in measures.IN_TIME.definition
