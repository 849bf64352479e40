"""The invitations that came by email, on which record the conference of each is booked, and what else came of one."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit.recording import record_access
from cases.queries import record_lines
from conferences import actions, policies
from conferences.booking_forms import FindRecordForm, SetAsideForm
from conferences.emails import left_out_of_emails, not_dealt_with, what_came_of
from conferences.invitations import read_update
from conferences.matching import Likely, likely, looked_for, restricted_like
from deadlines import clock
from intake.models import Message, Use
from intake.queries import invitations as passed_on
from intake.queries import uses_by_time
from pages.acting import attempt, refusal
from pages.paging import page_of
from team.acting import SignedIn, acting_team
from team.permissions import Permission, may, reaches_several_teams, require

# What the list shows, by what the address asks for.
SHOWN = {"all": "All", "waiting": "Not dealt with yet"}


@require_safe
def invitations(request: SignedIn) -> HttpResponse:
    """The invitations to conferences that came by email, the latest first, and what came of each."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else "all"
    with transaction.atomic():
        rows = passed_on(request.user)
        if shown == "waiting":
            rows = not_dealt_with(rows)
        page = page_of(rows, key="used_at", descending=True, cursor=request.GET.get("after", ""))
        emails = sorted(use.message_id for use in page.rows)
        filters = ["passed to conferences", *(["not dealt with yet"] if shown == "waiting" else [])]
        team = acting_team(request)
        detail = {"filters": filters, "messages": emails}
        record_access(Message, by=request.user, team_id=team.pk if team else None, detail=detail)
        came = what_came_of(emails, user=request.user)
        waits = set(
            not_dealt_with(Use.objects.filter(pk__in=[use.pk for use in page.rows])).values_list("pk", flat=True)
        )
    context = {
        "uses": page.rows,
        "left_out": left_out_of_emails(request.user),
        "came": came,
        "waits": waits,
        "kinds": SHOWN,
        "shown": shown,
        "now": clock.now(),
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        "handles": may(request.user, Permission.HANDLE_MAIL, team=None),
        "may_book": may(request.user, Permission.BOOK_CONFERENCES, team=None),
        **page.links(request.GET),
    }
    return render(request, "conferences/invitations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: SignedIn, pk: int) -> HttpResponse:
    """One email, and the records that it may be about: the likeliest first, or one looked for. From here a conference
    is booked, moved or cancelled, or its minutes are checked; or it is said that nothing is to be done."""
    require(request.user, Permission.BOOK_CONFERENCES, team=None)
    rows = Message.objects.visible_to(request.user).select_related("team", "source")
    with transaction.atomic():
        email = get_object_or_404(rows.prefetch_related(uses_by_time()), pk=pk)
        require(request.user, Permission.BOOK_CONFERENCES, team=email.team)
        aside = SetAsideForm(request.POST or None)
        if request.method == "POST" and attempt(aside, actions.set_aside_email, email, by=request.user).done:
            messages.success(request, f"Nothing is to be done for “{email}”. It stays in the list, with your reason.")
            return redirect("conferences:invitations")
        form = FindRecordForm(request.GET)
        words = form.cleaned_data["q"] if form.is_valid() else ""
        said = read_update(email)
        found = looked_for(words, email, user=request.user) if words else None
        suggestions = likely(email, user=request.user, uids=said.uids)
        restricted = restricted_like(email, words, user=request.user, uids=said.uids)
        named = _called([*suggestions, *(found or [])])
        came = what_came_of([email.pk], user=request.user).get(email.pk)
        waits = not refusal(policies.check_waits, email)
        detail = {"records": sorted({one.case.pk for one in [*suggestions, *(found or [])]})}
        record_access(email, by=request.user, team_id=email.team_id, detail=detail)
    context = {
        "email": email,
        "form": form,
        "aside": aside,
        "found": found,
        "said": said,
        "suggestions": suggestions,
        "restricted": restricted,
        "named": named,
        "came": came,
        "waits": waits,
        "may_record": may(request.user, Permission.RECORD_OUTCOMES, team=email.team),
    }
    return render(request, "conferences/invitation.html", context)


def _called(them: Collection[Likely]) -> dict[int, list[str]]:
    """The children of each record (ids), with their ages today."""
    cases = {one.case.pk: one.case for one in them}
    return {line.case.pk: line.children for line in record_lines(cases.values(), today=clock.today())}
