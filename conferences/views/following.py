"""After a conference: who attended, what was decided, what police do, the debrief, the minutes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from cases.forms import ActionForm
from cases.models import Case
from cases.policies import check_open
from cases.queries import heading, officers_for
from cases.reading import case_page
from conferences import actions, following_forms, policies
from conferences.enums import Outcome
from conferences.following_pages import categories_of, children_decided
from conferences.models import Conference, OutcomeFor
from conferences.queries import children_at, running_plans
from conferences.views.booking import email_of
from deadlines import clock
from deadlines.clock import london_date
from pages.acting import attempt, open_on, refusal
from team.acting import SignedIn
from team.history import ChangedMeanwhile, version_of
from team.models import User
from team.permissions import Permission, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
DECIDED = (
    "What was decided is recorded. Is anything of it for police to do? "
    '<a class="govuk-notification-banner__link" href="{}">Add a police action</a>.'
)


@get_or_post
@case_page
def attended(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Who attended, or why nobody did; made for filling in on the way out."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    conference = _conference(case, nr)
    version = version_of(conference)
    form = following_forms.AttendedForm(
        request.POST or None,
        conference=conference,
        officers=officers_for(case),
        user=request.user,
        initial={"version": version},
    )
    if request.method == "POST":
        outcome = attempt(form, actions.record_attendance, conference, by=request.user)
        if outcome.done:
            return _on_from_attended(request, outcome.get())
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    in_the_way = refusal(policies.check_booked, conference) or refusal(
        policies.check_attendance,
        conference,
        attended_by=request.user,
        missed="",
        missed_why="",
        now=clock.moment(),
    )
    return render(request, "conferences/attended.html", _context(conference, form, in_the_way))


@get_or_post
@case_page
def correct_attendance(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Put right who attended, or why nobody did, as it was recorded."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    conference = _conference(case, nr)
    version = version_of(conference)
    form = following_forms.CorrectAttendanceForm(
        request.POST or None,
        conference=conference,
        officers=officers_for(case),
        user=request.user,
        version=version,
    )
    if request.method == "POST":
        outcome = attempt(form, actions.correct_attendance, conference, by=request.user)
        if outcome.done:
            messages.success(request, "It is put right who attended. What stood there before is in the chronology.")
            return _back(conference)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    in_the_way = refusal(policies.check_held, conference)
    return render(request, "conferences/correct_attendance.html", _context(conference, form, in_the_way))


def _on_from_attended(request: SignedIn, conference: Conference) -> HttpResponse:
    """Whoever was there goes straight on to what was decided; of the others nobody knows it yet."""
    if conference.attended:
        who = "you" if conference.attended_by == request.user else conference.attended_by
        messages.success(request, f"It is recorded that {who} attended. What was decided?")
        return redirect("conferences:outcome", conference.case.number, conference.number)
    said = "It is recorded why nobody attended. Record what was decided as soon as it is known."
    messages.success(request, said)
    return _back(conference)


@get_or_post
@case_page
def outcome(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """What was decided about each child, and whether police agreed."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    conference = _conference(case, nr)
    children = children_at(conference)
    plans = running_plans(child.pk for child in children)
    form = following_forms.OutcomesForm(
        request.POST or None,
        conference=conference,
        children=children,
        plans=plans,
        categories=categories_of(plans.values()),
    )
    if request.method == "POST" and attempt(form, _record_outcomes, conference, asked=form, by=request.user).done:
        address = reverse("conferences:add_police_action", args=[case.number, nr])
        messages.success(request, format_html(DECIDED, address))
        return _back(conference)
    in_the_way = refusal(policies.check_held, conference) or refusal(policies.check_first_outcome, conference)
    context = _context(conference, form, in_the_way)
    if not conference.is_initial:
        context["without_plan"] = [child for child in children if child.pk not in plans]
    return render(request, "conferences/outcome.html", context)


def _record_outcomes(
    conference: Conference, *, asked: following_forms.OutcomesForm, by: User, **said: Any
) -> list[OutcomeFor]:
    try:
        return actions.record_outcomes(conference, **said, by=by)
    except ValidationError as refused:
        raise asked.beside(refused) from None


@get_or_post
@case_page
def correct_outcome(request: SignedIn, case: Case, nr: int, pk: int) -> HttpResponse:
    """Put right what was recorded of one child: the plan is as if it had been recorded so from the beginning."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    conference = _conference(case, nr)
    rows = OutcomeFor.objects.select_related("child", "conference", "recorded_by")
    stands = get_object_or_404(rows, conference=conference, pk=pk)
    stands.conference = conference
    version = version_of(conference)
    form = following_forms.CorrectOutcomeForm(
        request.POST or None,
        outcomes=following_forms.outcomes_for(conference, on_plan=_was_on_plan(stands)),
        child=stands.child,
        initial={name: getattr(stands, name) for name in ("outcome", "category", "police_view", "dissent")}
        | {"also_decided": conference.also_decided, "version": version},
    )
    if request.method == "POST":
        done = attempt(form, actions.correct_outcome, stands, by=request.user)
        if done.done:
            said = f"It is put right what was decided about {stands.child}. What stood there stays."
            messages.success(request, said)
            return _back(conference)
        if isinstance(done.refused, ChangedMeanwhile):
            open_on(form, version=version)
    in_the_way = refusal(policies.check_held, conference) or refusal(policies.check_last_outcome, stands)
    context = _context(conference, form, in_the_way) | {"stands": stands, "child": stands.child}
    return render(request, "conferences/correct_outcome.html", context)


def _was_on_plan(stands: OutcomeFor) -> bool:
    """Whether the child was on a plan when the conference began."""
    if stands.outcome == Outcome.ADJOURNED:
        return bool(running_plans([stands.child_id]))
    return stands.outcome in policies.ON_A_PLAN


@get_or_post
@case_page
def add_police_action(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Something of what a conference decided that police do."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    conference = _conference(case, nr)
    form = ActionForm(request.POST or None, officers=officers_for(case))
    if request.method == "POST" and attempt(form, actions.add_police_action, conference, by=request.user).done:
        messages.success(request, f"The action is added for {form.cleaned_data['owner']}.")
        return _back(conference)
    context = _context(conference, form, refusal(policies.check_held, conference))
    return render(request, "conferences/add_police_action.html", context)


@get_or_post
@case_page
def debrief(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """What came of the talk with whoever attended."""
    require(request.user, Permission.SUPERVISE_CONFERENCES, team=case.team)
    conference = _conference(case, nr)
    version = version_of(conference)
    form = following_forms.DebriefForm(request.POST or None, initial={"version": version})
    if request.method == "POST":
        outcome = attempt(form, actions.debrief_officer, conference, by=request.user)
        if outcome.done:
            messages.success(request, "The debrief is recorded.")
            return _back(conference)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    context = _context(conference, form, refusal(policies.check_debrief, conference, "words"))
    context["children_decided"] = children_decided(conference)
    return render(request, "conferences/debrief.html", context)


@get_or_post
@case_page
def minutes(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Whether the minutes agree with our own note, which stands beside."""
    require(request.user, Permission.RECORD_OUTCOMES, team=case.team)
    conference, today = _conference(case, nr), clock.today()
    version = version_of(conference)
    email = email_of(request, case)
    received_on = london_date(email.received_at) if email is not None else today
    form = following_forms.MinutesForm(request.POST or None, initial={"version": version, "received_on": received_on})
    if request.method == "POST":
        outcome = attempt(form, actions.check_minutes, conference, message=email, by=request.user)
        if outcome.done:
            messages.success(request, "It is recorded that the minutes have come, and whether they agree.")
            return _back(conference)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    in_the_way = refusal(policies.check_minutes, conference, today, differ="", agree=True, today=today)
    if email is not None:
        in_the_way = in_the_way or refusal(policies.check_email, email, case, by=request.user)
    context = _context(conference, form, in_the_way)
    context |= {"children_decided": children_decided(conference), "email": email}
    return render(request, "conferences/minutes.html", context)


def _conference(case: Case, nr: int) -> Conference:
    related = ("pclo", "attended_by", "attendance_by", "debriefed_by", "minutes_checked_by")
    conference = get_object_or_404(Conference.objects.select_related(*related), case=case, number=nr)
    conference.case = case
    return conference


def _context(conference: Conference, form: Any, in_the_way: str) -> dict[str, Any]:
    way = refusal(check_open, conference.case) or in_the_way
    context = {**heading(conference.case), "tab": "conferences", "conference": conference, "form": form}
    return {**context, "in_the_way": way}


def _back(conference: Conference) -> HttpResponse:
    address = reverse("conferences:conference", args=[conference.case.number, conference.number])
    return redirect(f"{address}#after")
