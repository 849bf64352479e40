"""Chasing a partner who does not answer: which steps have fallen, and what is written to whom.

Handbook: on day 14 and every 7 days after, counted from the decision whenever the last one was sent, up the partner's
ladder until they answer (HMIC 2010, AFI 2 and 19).
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from audit.events import Event
from cases.enums import Partner
from deadlines import clock, schedules
from diary.kinds import Letter, Sent, kind_of
from diary.models import Chase, ChaseState, Duty, Mail, MailState, Rung, Step, StepState
from diary.raising import AT_A_TIME, Fallen
from team.models import Team

logger = logging.getLogger(__name__)

# What has fallen is raised and the next date set in one statement. Of two sweeps at once the second passes over what
# the first has locked; and were it to raise a step again, the step is there once. A row is found again where it was
# locked, and raised only when its date was set: one that another changed in between is left to the next batch.
RAISE = """
WITH due AS (
    SELECT ctid AS place, raised, cait_chases_fallen(started_on, first_after, apart, %(today)s) AS fallen
    FROM diary_chase
    WHERE {which}
    ORDER BY next_on, duty_id
    LIMIT %(most)s
    FOR NO KEY UPDATE SKIP LOCKED
), moved AS (
    UPDATE diary_chase AS chase SET
        raised = greatest(due.raised, due.fallen),
        next_on = cait_chase_on(started_on, first_after, apart, greatest(due.raised, due.fallen) + 1),
        state = 'running', set_aside_at = NULL, set_aside_why = ''
    FROM due WHERE chase.ctid = due.place
    RETURNING duty_id, started_on, first_after, apart, due.raised AS before, chase.raised AS reached
), raised AS (
    INSERT INTO diary_step (duty_id, number, due_on, raised_at)
    SELECT duty_id, number, cait_chase_on(started_on, first_after, apart, number), cait_moment()
    FROM moved CROSS JOIN LATERAL generate_series(before + 1, reached) AS number
    ON CONFLICT (duty_id, number) DO NOTHING
)
SELECT count(*) FROM moved
"""
RUNNING = "state = 'running' AND next_on <= %(today)s"
ONE = "duty_id = %(id)s AND state IN ('running', 'set_aside')"


def fallen_chases() -> Fallen:
    """The chases that have fallen by today in London."""
    today = clock.today()

    def raise_some(most: int, pk: int | None) -> int:
        return _raise(RUNNING if pk is None else ONE, today, most=most, pk=pk)

    def put_aside(chase: Chase, why: str) -> None:
        if chase.state == ChaseState.RUNNING:
            chase.state, chase.set_aside_at = ChaseState.SET_ASIDE, clock.moment()
        chase.set_aside_why = why
        chase.save(update_fields=["state", "set_aside_at", "set_aside_why"])

    return Fallen(
        what="Chase",
        event=Event.CHASES_RAISED,
        model=Chase,
        raise_some=raise_some,
        due=Q(state=ChaseState.RUNNING, next_on__lte=today),
        aside=Q(state=ChaseState.SET_ASIDE),
        order=("next_on", "duty"),
        put_aside=put_aside,
    )


def _raise(which: str, today: date, *, most: int, pk: int | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(RAISE.format(which=which), {"today": today, "most": most, "id": pk})
        number: int = cursor.fetchone()[0]
        return number


def write_waiting() -> None:
    """Write down the emails of the steps that wait for one, the oldest step first.

    Those that are held back, or have no approved address, go on waiting where people see them.
    """
    rows = waiting_steps().filter(has_address()).order_by("pk")
    last = 0
    while steps := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:AT_A_TIME]):
        for pk in steps:
            try_to_write(pk)
        last = steps[-1]


def try_to_write(pk: int, *, wait: bool = False) -> Mail | None:
    """As `write`; what cannot be written waits where people see it, and stops neither the others nor what somebody is
    just doing."""
    try:
        with transaction.atomic():
            return write(pk, wait=wait)
    except Exception as wrong:  # whatever it is
        logger.error("Step %s cannot be written: %s", pk, type(wrong).__name__)
        return None


def write(pk: int, *, wait: bool = False) -> Mail | None:
    """Write down the email of one step, unless a later step has overtaken it. None where none is written.

    `wait`: for an email about the same duty that is being sent just now; the sweep comes again instead. Of several
    steps that fell while nothing could be sent, only the last goes: a partner is chased once, not thrice.
    """
    chase = Chase.objects.select_for_update(of=("self",)).get(duty__steps=pk)
    # Read when the chase is locked: while that was waited for, it may have been held back.
    duty = Duty.objects.select_related("case", "team").get(pk=chase.duty_id)
    step = Step.objects.get(pk=pk)
    if step.state != StepState.WAITING or duty.held_at or chase.state != ChaseState.RUNNING:
        return None
    if Step.objects.filter(duty=duty, number__gt=step.number).exists():
        step.state = StepState.OVERTAKEN
        step.save()
        return None
    rung = rung_for(duty.team, Partner(chase.partner), counted_here(duty, step.number))
    letter = letter_of(duty, step.number) if rung else None
    if rung is None or letter is None or not withdraw_unsent(duty, wait=wait):
        return None
    mail = Mail.objects.create(
        step=step,
        rung=rung,
        case=duty.case,
        message_id=f"<{duty.kind}.{duty.pk}.{step.number}@{settings.MAIL_FROM.rpartition('@')[2]}>",
        to_whom=rung.to_whom,
        address=rung.address,
        subject=letter.subject,
        text=letter.text,
        title=letter.title,
    )
    step.state = StepState.WRITTEN
    step.save()
    return mail


def letter_of(duty: Duty, number: int) -> Letter | None:
    """What is written to a partner with a step, by what they have been sent about the duty until now; None where
    nothing is written about a duty of its kind."""
    kind, now = kind_of(duty.kind), clock.moment()
    if kind is None or kind.letter is None:
        return None
    sent = Sent(asked_by(duty, by=now, team=duty.team), chases_sent(duty, by=now, team=duty.team))
    return kind.letter(duty, number, sent)


def waiting_steps() -> QuerySet[Step]:
    """The steps that wait for their email, and may have one now."""
    return Step.objects.filter(state=StepState.WAITING, duty__held_at=None, duty__chase__state=ChaseState.RUNNING)


def has_address(to_step: str = "") -> Exists:
    """Whether an address is approved for the partner of a step's chase. `to_step`: the way from the query to it."""
    of = {"team": OuterRef(f"{to_step}duty__team"), "partner": OuterRef(f"{to_step}duty__chase__partner")}
    return Exists(Rung.objects.filter(**of, ended_at=None))


def catch_up(duty: Duty) -> Mail | None:
    """What fell while nothing could be sent about a duty is raised at once, and its last step written down. The email
    that is to be sent, where there is one."""
    fallen_chases().one(duty.pk)
    waiting = Step.objects.filter(duty=duty, state=StepState.WAITING).order_by("pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        try_to_write(pk, wait=True)
    return Mail.objects.filter(step__duty=duty, state=MailState.QUEUED).order_by("step__number").last()


def rung_for(team: Team, partner: Partner, step: int) -> Rung | None:
    """Whom a step is written to: the first two go to the first address, each chase after it one higher, and from the
    top on always there. None where no address is approved."""
    rungs: list[Rung] = list(ladder(team, partner))
    return rungs[min(max(step, 1), len(rungs)) - 1] if rungs else None


def next_rung(duty: Duty) -> Rung | None:
    """Who reads the next email about a duty, were it written today."""
    chase = Chase.objects.filter(duty=duty).select_related("duty__team").first()
    if chase is None:
        return None
    fallen = schedules.chases_fallen(chase.started_on, clock.today())
    return rung_for(chase.duty.team, Partner(chase.partner), counted_here(chase.duty, fallen))


def counted_here(duty: Duty, step: int) -> int:
    """Which step it is for the team that has the record now: where another had asked its own borough's partner
    before, the ladder here begins with the first email that goes from here."""
    mails = Mail.objects.filter(step__duty=duty)
    if not mails.exclude(rung__team=duty.team).exists():
        return step
    first = mails.filter(rung__team=duty.team).aggregate(first=Min("step__number"))["first"]
    return 0 if first is None else step - first


def ladder(team: Team, partner: Partner) -> Any:
    """The approved addresses of a team's partner, the first to be written to at the beginning."""
    rows = Rung.objects.filter(team=team, partner=partner, ended_at=None)
    return rows.select_related("approved_by").order_by("number")


def stop_sending(duty: Duty) -> list[Mail]:
    """The emails about a duty that are not sent yet, locked: one that is being sent just now is waited for. Until the
    caller's transaction ends, none of them goes."""
    unsent = Mail.objects.filter(step__duty=duty, state=MailState.QUEUED).order_by("pk")
    return list(unsent.select_for_update(of=("self",)))


def withdraw_unsent(duty: Duty, *, wait: bool = True) -> bool:
    """What is written and not sent yet will not be sent. False where one is being sent and is not waited for."""
    unsent = Mail.objects.filter(step__duty=duty, state=MailState.QUEUED).order_by("pk")
    mails = list(unsent.select_for_update(of=("self",), skip_locked=not wait))
    if not wait and len(mails) < unsent.count():
        return False
    for mail in mails:
        mail.state = MailState.WITHDRAWN
        mail.save()
    return True


def drop_waiting(duty: Duty) -> None:
    """Steps of an ended duty that wait for an email need none any more."""
    for step in Step.objects.filter(duty=duty, state=StepState.WAITING):
        step.state = StepState.DROPPED
        step.save()


def asked_by(duty: Duty, *, by: datetime, team: Team | None = None) -> bool:
    """Whether anything had gone out to a duty's partner by that moment; to that of one team alone, where one is
    given: a record may have come from another."""
    return _sent(duty, by, team).exists()


def chases_sent(duty: Duty, *, by: datetime, team: Team | None = None) -> int:
    """As `asked_by`, how many chases had gone out, without the request and what was not sent."""
    return _sent(duty, by, team).filter(step__number__gte=1).count()


def _sent(duty: Duty, by: datetime, team: Team | None) -> QuerySet[Mail]:
    rows = Mail.objects.filter(step__duty=duty, state=MailState.SENT, sent_at__lte=by)
    return rows.filter(rung__team=team) if team else rows
