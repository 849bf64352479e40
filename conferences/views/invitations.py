"""The invitations that came by email, and on which record the conference of each is booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from audit.recording import record_access
from cases.queries import record_lines
from conferences.booking_forms import FindRecordForm
from conferences.enums import ConferenceState
from conferences.matching import Likely, likely, looked_for
from conferences.models import Conference
from deadlines import clock
from intake.models import Message
from intake.queries import invitations as passed_on
from intake.queries import uses_by_time
from pages.paging import page_of
from team.acting import SignedIn, acting_team
from team.permissions import Permission, may, reaches_several_teams, require

# What the list shows, by what the address asks for.
SHOWN = {"all": "All", "to_book": "Not booked yet"}


@require_safe
def invitations(request: SignedIn) -> HttpResponse:
    """The invitations to conferences that came by email, the latest first, and which are booked."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else "all"
    with transaction.atomic():
        rows = passed_on(request.user)
        if shown == "to_book":
            booked = Conference.objects.filter(message=OuterRef("message")).exclude(state=ConferenceState.CANCELLED)
            rows = rows.filter(~Exists(booked))
        page = page_of(rows, key="used_at", descending=True, cursor=request.GET.get("after", ""))
        emails = sorted(use.message_id for use in page.rows)
        filters = ["passed to conferences", *(["not booked yet"] if shown == "to_book" else [])]
        team = acting_team(request)
        detail = {"filters": filters, "messages": emails}
        record_access(Message, by=request.user, team_id=team.pk if team else None, detail=detail)
        conferences = booked_from(emails)
    context = {
        "uses": page.rows,
        "conferences": conferences,
        "kinds": SHOWN,
        "shown": shown,
        "now": clock.now(),
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        "handles": may(request.user, Permission.HANDLE_MAIL, team=None),
        "may_book": may(request.user, Permission.BOOK_CONFERENCES, team=None),
        **page.links(request.GET),
    }
    return render(request, "conferences/invitations.html", context)


@require_safe
def invitation(request: SignedIn, pk: int) -> HttpResponse:
    """One email, and the records on which its conference may be booked: the likeliest first, or one looked for."""
    require(request.user, Permission.BOOK_CONFERENCES, team=None)
    rows = Message.objects.visible_to(request.user).select_related("team").prefetch_related(uses_by_time())
    with transaction.atomic():
        email = get_object_or_404(rows, pk=pk)
        require(request.user, Permission.BOOK_CONFERENCES, team=email.team)
        form = FindRecordForm(request.GET)
        words = form.cleaned_data["q"] if form.is_valid() else ""
        found = looked_for(words, email, user=request.user) if words else None
        suggestions = likely(email, user=request.user)
        conferences = booked_from([email.pk]).get(email.pk, [])
        named = _called([*suggestions, *(found or [])])
        detail = {"records": sorted({one.case.pk for one in [*suggestions, *(found or [])]})}
        record_access(email, by=request.user, team_id=email.team_id, detail=detail)
    context = {
        "email": email,
        "form": form,
        "found": found,
        "suggestions": suggestions,
        "named": named,
        "conferences": conferences,
    }
    return render(request, "conferences/invitation.html", context)


def booked_from(emails: Collection[int]) -> dict[int, list[Conference]]:
    """The conferences that were booked from some emails (ids) that one may read, and not cancelled since: on a record
    of the team that got the email, which may be with another by now. One query."""
    rows = Conference.objects.filter(message__in=emails).exclude(state=ConferenceState.CANCELLED)
    found: dict[int, list[Conference]] = defaultdict(list)
    for each in rows.select_related("case").order_by("starts_at", "pk"):
        found[each.message_id or 0].append(each)
    return dict(found)


def _called(them: Collection[Likely]) -> dict[int, list[str]]:
    """The children of each record (ids), with their ages today."""
    cases = {one.case.pk: one.case for one in them}
    return {line.case.pk: line.children for line in record_lines(cases.values(), today=clock.today())}
