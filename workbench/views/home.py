from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from audit.recording import record_access
from cases.closure import in_the_way
from cases.enums import Kind, State, TransferState
from cases.leading import shown_to
from cases.models import Case, Closure, Entry, Transfer
from cases.policies import can_write
from cases.queries import chronology, heading, nobodys_records, told
from cases.reading import case_page
from conferences.week import Row, soon
from cram.managing import unmanaged_here
from deadlines import clock
from deadlines.calendar import what_to_enter
from diary import queries as diary
from diary.besides import waits_for
from diary.duties import ACTION, CLOSURE
from diary.kinds import DutyKind
from diary.models import Duty, DutyQuerySet
from diary.notices import unread, was_given
from diary.officers import LateOf, late_by_officer
from diary.queries import DueNext, due_next
from intake.queries import invitations_lately, unread_mailboxes, urgent_in, waiting
from pages.acting import refusal
from referrals.duties import JUDGE, SUPERVISION
from referrals.enums import Progress
from referrals.known import earlier_referrals
from referrals.models import Referral
from referrals.policies import check_supervise
from referrals.queries import desk_counts, first_drafts, investigations_to_give, last_answer, last_decision
from team.acting import SignedIn, acting_team
from team.enums import TeamKind
from team.models import Team, User
from team.once import counted, put_together_once
from team.permissions import Permission, may, reaches_several_teams, teams_held
from team.queries import Person, loans_ending, people_in
from workbench.borough_filled import still_filling
from workbench.lately import MOST as MOST_CHANGED
from workbench.lately import changed_since
from workbench.people import left_out_of
from workbench.risk import risk_of
from workbench.transfers import on_today

LATEST = 5
# Rows of a list on Today; the whole list is a page of its own.
ON_TODAY = 10


@require_safe
def today(request: SignedIn) -> HttpResponse:
    """Home: what one has to know at the start of a tour of duty."""
    team = acting_team(request)
    now = clock.now()
    on = clock.london_date(now)
    works = team is not None and may(request.user, Permission.SEE_RECORDS, team=team)
    logs = team is not None and may(request.user, Permission.LOG_REFERRALS, team=team)
    handles = team is not None and may(request.user, Permission.HANDLE_MAIL, team=team)
    transfers = _transfers(request, team, now)
    people = people_in(team) if team else []
    context = {
        "today": on,
        "now": now,
        "people": people,
        "loans": loans_ending(people, today=on),
        "works": works,
        "filling": still_filling(),
        "to_enter": what_to_enter(on) if may(request.user, Permission.CHANGE_TIME_LIMITS, team=None) else "",
        "logs": logs,
        "desk": desk_counts(team, user=request.user) if works and team and team.kind == TeamKind.CAIT else None,
        "urgent_mail": urgent_in(team, request.user) if handles and team else [],
        "mail": waiting(team, user=request.user) if handles and team else None,
        "unread": unread_mailboxes(request.user, now=now) if handles else [],
        **(_counts(request, team, now) if works and team else {}),
        "drafts": first_drafts(request.user) if logs else [],
        "conferences": _conferences(request, team, now),
        "besides": waits_for(request.user, now=now),
        "transfers": transfers["asked"],
        "not_accepted": transfers["declined"],
        "told": unread(request.user, now=now) if works else [],
        **(_my_duties(request, now) if works else {}),
        **(_changed(request, now) if works else {}),
        "late_by_officer": _late_by_officer(request, team, people, now) if works and team else None,
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
    }
    _record_look(request, context)
    return render(request, "workbench/today.html", context)


def _transfers(request: SignedIn, team: Team | None, now: datetime) -> dict[str, list[Transfer]]:
    """What Today says of transfers, by their state."""
    rows = on_today(request.user, team, now=now) if team else []
    states = (TransferState.ASKED, TransferState.DECLINED)
    return {str(state): [each for each in rows if each.state == state][:ON_TODAY] for state in states}


def _changed(request: SignedIn, now: datetime) -> dict[str, Any]:
    """What others wrote on my records, and whether there is more of it than stands here."""
    changed = changed_since(request.user, now=now)
    return {"changed": changed[:MOST_CHANGED], "more_changed": len(changed) > MOST_CHANGED}


def _late_by_officer(request: SignedIn, team: Team, people: Sequence[Person], now: datetime) -> list[LateOf] | None:
    """Of whom how much is late; None for whoever gives no duties to others."""
    if not may(request.user, Permission.GIVE_DUTIES, team=team):
        return None
    return late_by_officer(team, user=request.user, now=now, here={each.user.pk for each in people})


def _conferences(request: SignedIn, team: Team | None, now: datetime) -> list[Row] | None:
    """The next conferences of whoever writes reports to them; None for everybody else."""
    if team is None or not may(request.user, Permission.WRITE_REPORTS, team=team):
        return None
    return soon(request.user, team, now=now)


def _counts(request: SignedIn, team: Team, now: datetime) -> dict[str, int]:
    """How much there is in the team, in one query; each room says what counts it."""
    here = {
        "invitations": invitations_lately(team, user=request.user, now=now),
        "unmanaged": unmanaged_here(request.user, today=clock.london_date(now), team=team),
    }
    if may(request.user, Permission.ASSIGN_RECORDS, team=team):
        here["nobodys"] = nobodys_records(team, user=request.user)
        here["to_allocate"] = investigations_to_give(team, user=request.user)
    return dict(zip(here, counted(*here.values()), strict=True))


def _my_duties(request: SignedIn, now: datetime) -> dict[str, Any]:
    """The first of my duties, and how many there are; in one transaction with the row of the access log."""
    # What runs out within hours stands before what has been late for days.
    first = _first_of_mine(request.user, now, is_by_the_hour=True)
    if len(first) < ON_TODAY:
        first = [*first, *_first_of_mine(request.user, now, is_by_the_hour=False)][:ON_TODAY]
    visible = Duty.objects.visible_to(request.user)
    held = teams_held(request.user, Permission.HOLD_CHASES)
    counts, trouble, _, withheld = diary.counts_and_trouble(visible, held, user=request.user, now=now, whose="mine")
    return {
        "my_duties": diary.queue_rows(first, user=request.user, today=clock.london_date(now)),
        "from_old_logs": bool(_one_from_old_logs(request.user, now)),
        "my_counts": counts,
        "trouble": trouble,
        "withheld": withheld,
    }


def _mine(user: User, now: datetime) -> DutyQuerySet:
    return diary.narrowed(Duty.objects.visible_to(user), user=user, now=now, whose="mine")


@put_together_once
def _first_of_mine(user: User, now: datetime, *, is_by_the_hour: bool) -> DutyQuerySet:
    # What came in with an old log has been late for years: it would stand before whatever is late since yesterday.
    fresh = diary.to_show(_mine(user, now)).filter(from_before=False, due_at__isnull=not is_by_the_hour)
    return fresh.order_by("late_from", "id")[:ON_TODAY]


@put_together_once
def _one_from_old_logs(user: User, now: datetime) -> QuerySet[Duty, Any]:
    return _mine(user, now).filter(from_before=True).values_list("pk")[:1]


def _record_look(request: SignedIn, context: dict[str, Any]) -> None:
    """What Today shows of records and of half-typed referrals is a look at them."""
    detail = {
        "records": sorted(
            {row.shown.duty.case_id for row in context.get("my_duties", [])}
            | {told.notice.duty.case_id for told in context["told"] if told.notice.duty}
            | {row.conference.case_id for row in context["conferences"] or ()}
            | {each.case.pk for each in context.get("changed", [])}
            | {each.case_id for each in [*context["transfers"], *context["not_accepted"]]}
        ),
        "draft": [str(draft.key) for draft in context["drafts"]],
        "messages": sorted(email.pk for email in context["urgent_mail"]),
    }
    if any(detail.values()):
        with transaction.atomic():
            record_access(Case, by=request.user, detail={name: ids for name, ids in detail.items() if ids})


@dataclass(frozen=True)
class NextThing:
    """A duty on a record: what, where, when and why then, whose."""

    label: str
    url: str
    when: date | datetime
    late_from: datetime
    do_by: date | None
    why: str
    whose: str
    mine: bool
    # What comes before everything else that is due: an update that is in hand.
    first: bool = False
    # It began in an old log, before CAIT.
    from_before: bool = False
    # What it is about, where the record has several of the kind.
    about: str = ""


@require_safe
@case_page
def case(request: SignedIn, case: Case) -> HttpResponse:
    """The record: what a stranger asks of it, on one page."""
    duties = due_next(case)
    things = [_of_duty(request, case, due) for due in duties]
    (referral,) = _referral_of(case)
    decided, latest = _latest(case, of_decisions=True), _latest(case, of_decisions=False)
    as_told = {each.entry: each for each in told([*decided, *latest])}
    main, now = _main(things), case.looked_at or clock.now()
    top = heading(case)
    context = {
        **top,
        **risk_of(case, today=top["today"]),
        "tab": "overview",
        "referral": referral,
        "to_triage": referral.progress == Progress.LOGGED,
        "earlier": earlier_referrals(case, user=request.user),
        "earlier_left_out": left_out_of([each.person for each in top["people"]], user=request.user),
        "things": things,
        "main": main,
        "main_is_soon": main is not None and (main.first or main.late_from <= diary.until("week", now)),
        "decisions": [as_told[entry] for entry in decided],
        "latest": [as_told[entry] for entry in latest],
        "now": case.looked_at,
        "asked_to_close": _is_due(CLOSURE, duties),
        "in_the_way": in_the_way(case) if case.state == State.OPEN else [],
        "decision": last_decision(case),
        "answer": last_answer(case),
        "may_decide": may(request.user, Permission.DECIDE_REFERRALS, team=case.team),
        "may_write": can_write(case, request.user),
        "may_assign": may(request.user, Permission.ASSIGN_RECORDS, team=case.team),
        "may_transfer": may(request.user, Permission.TRANSFER_RECORDS, team=case.team),
        "may_restrict": may(request.user, Permission.RESTRICT_RECORDS, team=case.team),
        "leads": shown_to(request.user, case),
        "may_supervise": may(request.user, Permission.SUPERVISE_RECORDS, team=case.team)
        and not refusal(check_supervise, case, referral, is_due=_is_due(SUPERVISION, duties), by=request.user),
    }
    return render(request, "workbench/case.html", context)


@put_together_once
def _referral_of(case: Case) -> QuerySet[Referral]:
    return Referral.objects.select_related("triaged_by", "logged_by").filter(case=case)


@put_together_once
def _latest(case: Case, *, of_decisions: bool) -> QuerySet[Entry]:
    """What happened last, or what was decided last."""
    rows = chronology(case).select_related("recorded_by").order_by("-happened_at", "-id")
    return (rows.filter(kind=Kind.DECISION) if of_decisions else rows.exclude(was_given()))[:LATEST]


def _is_due(kind: DutyKind, duties: list[DueNext]) -> bool:
    return any(due.duty.kind == kind.code for due in duties)


def _main(things: list[NextThing]) -> NextThing | None:
    """What the record leads one to do: the first of one's own things."""
    mine = [thing for thing in things if thing.mine]
    return next((thing for thing in mine if thing.first), mine[0] if mine else None)


def _of_duty(request: SignedIn, case: Case, due: DueNext) -> NextThing:
    mine = due.permission is not None and may(request.user, due.permission, team=case.team)
    if due.duty.kind == CLOSURE.code:  # nobody answers their own request
        mine = mine and not Closure.objects.filter(case=case, state="asked", asked_by=request.user).exists()
    if due.duty.kind == SUPERVISION.code:  # nor supervises their own work
        mine = mine and case.officer_in_case != request.user
    may_do, label, about = mine, due.label, due.duty.about
    if due.duty.kind == ACTION.code:  # it has words of its own; and leads whoever has it, though others may do it
        mine = mine and due.duty.owner_id in (None, request.user.pk)
        label, about = about, ""
    return NextThing(
        label=label,
        url=reverse(due.view, args=[case.number]) + due.anchor if due.view and may_do else "",
        when=due.when,
        late_from=due.due.late_from,
        do_by=due.due.do_by,
        why=due.due.why.sentence(),
        whose=due.owner,
        mine=mine,
        first=due.duty.kind == JUDGE.code,
        from_before=due.duty.from_before,
        about=about,
    )
