"""The conferences of a record, one conference, and what a supervisor does before it: decides and briefs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cases.enums import State
from cases.models import Case
from cases.queries import heading
from cases.reading import case_page
from conferences import actions, policies
from conferences.booking_forms import AttendanceForm, BriefForm
from conferences.emails import emails_about
from conferences.enums import Attending, ConferenceState
from conferences.following_pages import what_follows
from conferences.models import Conference
from conferences.plan_pages import plans_and_core_groups
from conferences.preparing import PERMISSIONS
from conferences.record_pages import conferences_shown, shown, within_fifteen_days
from conferences.report_queries import without_copy
from deadlines import clock
from intake.models import Message
from pages.acting import attempt, open_on, refusal
from team.acting import SignedIn
from team.history import ChangedMeanwhile, version_of
from team.permissions import Permission, may, require

# In the place of what will be typed, where a page asks the policy before it draws its form.
ASKED_BEFORE = "not typed yet"

RELATED = (
    "team",
    "pclo",
    "message",
    "booked_by",
    "attending_decided_by",
    "briefed_by",
    "attended_by",
    "attendance_by",
    "debriefed_by",
    "minutes_checked_by",
)

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def found_of(case: Case, nr: int) -> Conference:
    """A conference that is prepared on a record. Raises Http404."""
    conference = get_object_or_404(Conference.objects.select_related(*RELATED), case=case, number=nr)
    conference.case = case
    return conference


def about(case: Case, conference: Conference, form: Any, **other: Any) -> dict[str, Any]:
    """What a form about one conference shows around it."""
    return {
        **heading(case),
        "tab": "conferences",
        "conference": conference,
        "form": form,
        "in_the_way": refusal(policies.check_booked, conference),
        **other,
    }


def acts_of(request: SignedIn, case: Case) -> dict[str, bool]:
    """What whoever looks may do about the record's conferences. Nothing is done on a closed record."""
    asked = {
        "may_book": Permission.BOOK_CONFERENCES,
        "may_supervise": Permission.SUPERVISE_CONFERENCES,
        "may_record": Permission.RECORD_OUTCOMES,
        "may_report": Permission.WRITE_REPORTS,
    }
    is_open = case.state == State.OPEN
    return {name: is_open and may(request.user, asks, team=case.team) for name, asks in asked.items()}


def _opens(request: SignedIn, case: Case) -> set[Permission]:
    """Which pages of the preparation whoever looks may open."""
    return {each for each in PERMISSIONS.values() if may(request.user, each, team=case.team)}


@require_safe
@case_page
def of_record(request: SignedIn, case: Case) -> HttpResponse:
    """Conferences and plan: what is booked and how far its preparation is; what was decided."""
    now = case.looked_at or clock.now()
    context = {
        **heading(case),
        "tab": "conferences",
        "now": now,
        "them": conferences_shown(case, user=request.user, now=now),
        "opens": _opens(request, case),
        **acts_of(request, case),
        **plans_and_core_groups(case, request.user),
    }
    return render(request, "conferences/of_record.html", context)


@require_safe
@case_page
def conference(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """One conference from its booking to its minutes."""
    found, now = found_of(case, nr), case.looked_at or clock.now()
    (each,) = shown([found], user=request.user, now=now)
    email = found.message
    may_read = email is not None and Message.objects.visible_to(request.user).filter(pk=email.pk).exists()
    context = {
        **heading(case),
        "tab": "conferences",
        "now": now,
        "conference": found,
        "each": each,
        "within": within_fifteen_days(found),
        "email": email if may_read else None,
        "emails": emails_about(found, user=request.user),
        "is_booked": found.state == ConferenceState.BOOKED,
        "without_copy": without_copy(found),
        "opens": _opens(request, case),
        **acts_of(request, case),
        **what_follows(found, request.user),
    }
    return render(request, "conferences/conference.html", context)


@get_or_post
@case_page
def decide_attendance(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Decide whether police attend a review, with the reason."""
    require(request.user, Permission.SUPERVISE_CONFERENCES, team=case.team)
    found = found_of(case, nr)
    version = version_of(found)
    attending = "" if found.attending == Attending.UNDECIDED else found.attending
    initial = {"attending": attending, "why": found.attending_why, "version": version}
    form = AttendanceForm(request.POST or None, initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.decide_attendance, found, by=request.user)
        if outcome.done:
            messages.success(request, f"It is decided: {Attending(outcome.get().attending).label.lower()}.")
            return redirect("conferences:conference", case.number, nr)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    context = about(case, found, form)
    context["in_the_way"] = context["in_the_way"] or refusal(
        policies.check_attending, found, Attending.GOING, ASKED_BEFORE
    )
    return render(request, "conferences/decide_attendance.html", context)


@get_or_post
@case_page
def brief(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Record the briefing of whoever goes."""
    require(request.user, Permission.SUPERVISE_CONFERENCES, team=case.team)
    found = found_of(case, nr)
    version = version_of(found)
    form = BriefForm(request.POST or None, initial={"version": version})
    if request.method == "POST":
        outcome = attempt(form, actions.brief_officer, found, by=request.user)
        if outcome.done:
            messages.success(request, "The briefing is recorded.")
            return redirect("conferences:conference", case.number, nr)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    (each,) = shown([found], user=request.user, now=case.looked_at or clock.now())
    context = about(case, found, form, each=each)
    context["in_the_way"] = context["in_the_way"] or refusal(policies.check_brief, found, ASKED_BEFORE)
    return render(request, "conferences/brief.html", context)
