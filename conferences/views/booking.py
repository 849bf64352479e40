"""A conference is booked, by hand or from the email of its invitation, changed, moved, or cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from audit.recording import record_access
from cases.discussions import discussed
from cases.enums import CHILDREN, Part
from cases.models import Case
from cases.policies import check_open
from cases.queries import heading, officers_for
from cases.reading import case_page
from conferences import actions, policies
from conferences.booking_forms import BookForm, CancelForm, ChangeForm, MoveForm
from conferences.invitations import Invitation, read_invitation, read_update
from conferences.models import Conference
from conferences.queries import children_at
from conferences.views.conference import about, found_of
from intake.models import Message
from pages.acting import attempt, open_on, refusal
from pages.words import moment, uncapitalised
from people.models import Person
from team.acting import SignedIn
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import User
from team.permissions import Permission, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
USUAL_LENGTH = 120
BOOKED = '{} <a class="govuk-notification-banner__link" href="{}">Next: who searches, who assesses, by when</a>'


@get_or_post
@case_page
def book(request: SignedIn, case: Case) -> HttpResponse:
    """Book a conference on a record; the form begins with what the invitation says, where it came by email."""
    require(request.user, Permission.BOOK_CONFERENCES, team=case.team)
    context = heading(case)
    email = email_of(request, case)
    said = read_invitation(email) if email is not None else Invitation()
    children = _children(context)
    officers = officers_for(case, Permission.WRITE_REPORTS)
    form = BookForm(
        request.POST or None,
        user=request.user,
        officers=officers,
        children=[child for child, _ in children],
        today=context["today"],
        initial=_offered(case, said, children, officer=_officer(request.user, officers)),
    )
    if request.method == "POST":
        outcome = attempt(form, actions.book_conference, case, message=email, by=request.user)
        if outcome.done:
            booked = outcome.get()
            told = f"{booked.get_kind_display()} on {moment(booked.starts_at)} is booked, with its five steps."
            where = reverse("conferences:conference", args=[case.number, booked.number])
            messages.success(request, format_html(BOOKED, told, where))
            return redirect("conferences:of_record", case.number)
    in_the_way = refusal(check_open, case)
    if email is not None:
        in_the_way = in_the_way or refusal(policies.check_invitation, email, case, by=request.user)
    context |= {"tab": "conferences", "form": form, "email": email, "said": said, "in_the_way": in_the_way}
    return render(request, "conferences/book.html", context)


def email_of(request: SignedIn, case: Case) -> Message | None:
    """The email that a form on a record was opened from, of those one may read: a look at it. Raises Http404."""
    pk = request.GET.get("message", "")
    if not pk:
        return None
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        raise Http404
    rows = Message.objects.visible_to(request.user).select_related("team", "source")
    email = rows.filter(pk=int(pk)).first()
    if email is None:
        raise Http404
    record_access(email, by=request.user, team_id=email.team_id, detail={"records": [case.pk]})
    return email


def _children(context: dict[str, Any]) -> list[tuple[Person, bool]]:
    """The children on the record, each once, and whether it is about them."""
    found: dict[Person, bool] = {}
    for each in context["people"]:
        if each.part.part in CHILDREN:
            found[each.person] = found.get(each.person, False) or each.part.part == Part.CHILD
    return list(found.items())


def _officer(user: User, officers: Iterable[Any]) -> User | None:
    """Who is offered as conference officer: whoever books, if that is their role; or the only one who has it."""
    theirs = [each for each in officers if any(held.role == Role.PCLO for held in each.here)]
    return user if user in theirs else theirs[0] if len(theirs) == 1 else None


def _offered(
    case: Case, said: Invitation, children: list[tuple[Person, bool]], *, officer: User | None
) -> dict[str, Any]:
    held = discussed(case)
    return {
        "kind": said.kind or "",
        "starts_at": said.starts_at,
        "lasts": said.lasts or USUAL_LENGTH,
        "place": said.place,
        "chair": said.chair,
        "agencies": said.agencies,
        "children": [child.pk for child, is_about in children if is_about],
        "pclo": officer,
        "initiated_on": held.initiated_on,
        "discussed_on": held.last_on if held.last_on != held.initiated_on else None,
    }


@get_or_post
@case_page
def change(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Change what is known of a booked conference but for its time."""
    require(request.user, Permission.BOOK_CONFERENCES, team=case.team)
    found = found_of(case, nr)
    version, context = version_of(found), heading(case)
    there = children_at(found)
    on_record = [child for child, _ in _children(context)]
    form = ChangeForm(
        request.POST or None,
        user=request.user,
        besides=found,
        officers=officers_for(case, Permission.WRITE_REPORTS),
        children=list(dict.fromkeys([*on_record, *there])),
        today=context["today"],
        is_initial=found.is_initial,
        initial={
            "lasts": found.lasts,
            "place": found.place,
            "chair": found.chair,
            "agencies": found.agencies,
            "children": [child.pk for child in there],
            "pclo": found.pclo,
            "initiated_on": found.initiated_on,
            "discussed_on": found.discussed_on,
            "version": version,
        },
    )
    if request.method == "POST":
        outcome = attempt(form, actions.change_conference, found, by=request.user)
        if outcome.done:
            messages.success(request, "The conference is changed.")
            return redirect("conferences:conference", case.number, nr)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    return render(request, "conferences/change.html", about(case, found, form))


@get_or_post
@case_page
def move(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Move a conference to another time: every date that hangs on it moves with it."""
    require(request.user, Permission.BOOK_CONFERENCES, team=case.team)
    found = found_of(case, nr)
    version = version_of(found)
    email = email_of(request, case)
    initial = {"starts_at": found.starts_at, "lasts": found.lasts, "place": found.place, "version": version}
    if email is not None:
        said = read_update(email)
        told = {"starts_at": said.starts_at, "lasts": said.lasts, "place": said.place}
        # The old time is no answer to an email that says another in its words.
        initial |= {"starts_at": None} | {name: value for name, value in told.items() if value}
    form = MoveForm(request.POST or None, user=request.user, besides=found, initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.move_conference, found, message=email, by=request.user)
        if outcome.done:
            messages.success(request, f"It is moved to {moment(outcome.get().starts_at)}, and its dates with it.")
            return redirect("conferences:conference", case.number, nr)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    return render(request, "conferences/move.html", _by_email(about(case, found, form), email, case, request.user))


@get_or_post
@case_page
def cancel(request: SignedIn, case: Case, nr: int) -> HttpResponse:
    """Record that a conference is not held."""
    require(request.user, Permission.BOOK_CONFERENCES, team=case.team)
    found = found_of(case, nr)
    version = version_of(found)
    email = email_of(request, case)
    form = CancelForm(request.POST or None, initial={"version": version})
    if request.method == "POST":
        outcome = attempt(form, actions.cancel_conference, found, message=email, by=request.user)
        if outcome.done:
            messages.success(request, f"{_called(found)} is cancelled. Nothing is due for it any more.")
            return redirect("conferences:of_record", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    return render(request, "conferences/cancel.html", _by_email(about(case, found, form), email, case, request.user))


def _by_email(context: dict[str, Any], email: Message | None, case: Case, user: User) -> dict[str, Any]:
    """A form with the email that it was opened from, and why that cannot be used for it."""
    in_the_way = context["in_the_way"]
    if email is not None:
        in_the_way = in_the_way or refusal(policies.check_email, email, case, by=user)
    return {**context, "email": email, "in_the_way": in_the_way}


def _called(conference: Conference) -> str:
    return f"The {uncapitalised(conference.get_kind_display())} on {moment(conference.starts_at)}"
