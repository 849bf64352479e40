"""The team's mailbox: what waits in it, and one email, read, and put where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BinaryField, F, Func, Value
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from audit.events import Look
from audit.recording import record_access
from cases.models import Case
from cases.policies import check_open
from cases.queries import heading
from cases.reading import case_page
from deadlines import clock
from intake import actions
from intake import queries as mail
from intake.enums import Looks, State, UseKind
from intake.kinds_of_files import name_for
from intake.models import Attachment, Message, Source
from intake.policies import UsedMeanwhile
from intake.queries import opened
from intake.restricted import kept_waiting, what_follows
from pages.acting import attempt, open_on, refusal
from pages.paging import Page, page_of
from pages.validators import LONGEST_TEXT
from referrals import actions as on_record
from referrals import queries
from referrals.beside import beside
from referrals.mail_forms import EmailOnRecordForm, FindRecordForm, MailboxForm, PutBackForm, SetAsideForm
from referrals.models import Referral
from referrals.suggestions import Elsewhere, Suggestion, gone_from, looked_for, restricted_for, suggested
from team.acting import SignedIn, acting_team
from team.history import ChangedMeanwhile
from team.permissions import Permission, may, reaches_several_teams, require, several_teams

get_or_post = require_http_methods(["GET", "HEAD", "POST"])

# Which emails a list shows, by what the address asks for; the first is what the desk works through.
SHOWN = {"waiting": "Waiting", "dealt_with": "Dealt with", "all": "All"}
# Of a longer source the rest is read in the mailbox itself.
LONGEST_SOURCE = 100_000


def email_named(request: SignedIn) -> Message | None:
    """The email that a form is opened on, of those that whoever is signed in handles."""
    pk = request.POST.get("message", "") or request.GET.get("message", "")
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    return Message.objects.handled_by(request.user).select_related("team").filter(pk=int(pk)).first()


def record_message(request: SignedIn, message: Message, **detail: Any) -> None:
    """Reading an email is a look at what it tells. Within the transaction in which it is read."""
    record_access(message, by=request.user, team_id=message.team_id, detail=detail)


@require_safe
def mailbox(request: SignedIn) -> HttpResponse:
    """The mailbox: what waits, the oldest first, and how long; what was dealt with, the latest first."""
    require(request.user, Permission.HANDLE_MAIL, team=None)
    shown = request.GET.get("show", "waiting")
    shown = shown if shown in SHOWN else "waiting"
    form = MailboxForm(request.GET, teams=several_teams(request.user, Permission.HANDLE_MAIL))
    chosen = {"team": team} if form.is_valid() and (team := form.cleaned_data.get("team")) else {}
    with transaction.atomic():
        rows = Message.objects.handled_by(request.user).defer("text").select_related("team")
        rows = rows.filter(**chosen) if form.is_valid() else rows.none()
        if shown != "all":
            rows = rows.filter(state=State.WAITING if shown == "waiting" else State.DEALT_WITH)
        page = page_of(
            rows.prefetch_related(mail.uses_by_time()),
            key="received_at",
            descending=shown != "waiting",
            cursor=request.GET.get("after", ""),
        )
        urgent = list(mail.urgent(request.user).filter(**chosen)[: mail.MOST_URGENT]) if _is_top(shown, page) else []
        restricted = kept_waiting(request.user, **chosen) if form.is_valid() else ""
        begun = queries.begun_from(page.rows)
        seen = sorted({each.pk for each in [*page.rows, *urgent]})
        acting = acting_team(request)
        detail = {"filters": [f"show: {shown}"], "messages": seen}
        record_access(Message, by=request.user, team_id=acting.pk if acting else None, detail=detail)
    lines = [
        {
            "message": message,
            "looks": message.looks,
            "begun": begun.get(message.pk),
        }
        for message in page.rows
    ]
    context = {
        "lines": lines,
        "urgent": urgent,
        "restricted": restricted,
        "shown": shown,
        "form": form,
        "kinds": {kind: (label, _narrowed_to(request, show=kind)) for kind, label in SHOWN.items()},
        "unread": mail.unread_mailboxes(request.user),
        "several_teams": reaches_several_teams(request.user, Permission.HANDLE_MAIL),
        "now": clock.now(),
        **page.links(request.GET),
    }
    return render(request, "referrals/mailbox.html", context)


def _is_top(shown: str, page: Page[Message]) -> bool:
    return shown == "waiting" and page.is_first


def _narrowed_to(request: SignedIn, **new: str) -> str:
    """The address of the list with something else asked; from its beginning."""
    asked = request.GET.copy()
    asked.pop("after", None)
    for name, value in new.items():
        asked[name] = value
    return asked.urlencode()


@require_safe
def message(request: SignedIn, pk: int) -> HttpResponse:
    """One email, and what can be made of it."""
    rows = Message.objects.visible_to(request.user).select_related("team", "copy_of")
    with transaction.atomic():
        email = get_object_or_404(rows.prefetch_related(mail.uses_by_time()), pk=pk)
        handles = may(request.user, Permission.HANDLE_MAIL, team=email.team)
        form = FindRecordForm(request.GET)
        found = _found(request, form, email) if handles else None
        deals = handles and email.state != State.COPY
        suggestions = suggested(email, user=request.user) if deals else []
        elsewhere = gone_from(email, user=request.user) if deals else []
        restricted = restricted_for(email, user=request.user) if deals else ""
        now = clock.now()
        at_desk = beside(request.user, acting_team(request), now=now, email=email)
        records = {one.case.pk for one in [*suggestions, *(found or [])]}
        seen = at_desk.seen(records=records) if at_desk else {}
        record_message(request, email, **{"records": sorted(records), **seen})
    begun = queries.drafts_of(email).first() if handles else None
    context = {
        "email": email,
        "seen": len(email.made),  # type: ignore[attr-defined]  # by the prefetch
        "looks": email.looks,
        "handles": deals,
        "handled_by_me": handles,
        "main": _main_button(email, suggestions, elsewhere),
        "suggestions": suggestions,
        "elsewhere": elsewhere,
        "restricted": restricted,
        "found": found,
        "form": form,
        "begun": begun,
        "may_log": handles and may(request.user, Permission.LOG_REFERRALS, team=email.team),
        "may_book": _may_book(request, email, handles),
        "beside": at_desk,
        "now": now,
    }
    return render(request, "referrals/message.html", context)


def _may_book(request: SignedIn, email: Message, handles: bool) -> bool:
    """Whether a conference can be booked from an email: one that was passed to conferences, or that is an invitation
    and theirs to deal with."""
    passed = False
    for use in email.made:  # type: ignore[attr-defined]  # by the prefetch
        passed = use.kind == UseKind.CONFERENCE or (passed and use.kind != UseKind.PUT_BACK)
    invites = handles and email.looks == Looks.CONFERENCE and email.state != State.COPY
    return (passed or invites) and may(request.user, Permission.BOOK_CONFERENCES, team=email.team)


def _main_button(email: Message, suggestions: list[Suggestion], elsewhere: list[Elsewhere]) -> str:
    """What is likeliest to be done with an email that waits; for a record, with the first suggestion. Nothing here
    with what another team has to be sent."""
    first = suggestions[0] if suggestions else None
    like = email.looks
    if email.state != State.WAITING:
        return ""
    if like == Looks.CONFERENCE:
        return "conference"
    if first is None and elsewhere and like != Looks.REFERRAL:
        return ""
    if first is None or not first.is_open or first.against or like == Looks.REFERRAL:
        return "log"
    if like == Looks.UPDATE:
        return "update"
    if like == Looks.CONFIRMATION and first.referral.needs_confirmation:
        return "confirmation"
    return "information" if first.is_sure else "log"


def _found(request: SignedIn, form: FindRecordForm, email: Message) -> list[Suggestion] | None:
    """The records that were looked for; None where nothing was asked."""
    if not form.is_valid() or not form.cleaned_data["q"]:
        return None
    try:
        return looked_for(form.cleaned_data["q"], email, user=request.user)
    except ValidationError as refused:
        form.add_error("q", refused.messages)
        return None


@require_safe
def message_source(request: SignedIn, pk: int) -> HttpResponse:
    """An email as it came, its head and everything: shown as text, so that nothing in it can do anything."""
    with transaction.atomic():
        email = get_object_or_404(Message.objects.visible_to(request.user).select_related("team"), pk=pk)
        record_message(request, email, page="source")
        beginning = Func(F("raw"), Value(1), Value(LONGEST_SOURCE), function="substring", output_field=BinaryField())
        source = Source.objects.defer("raw").annotate(beginning=beginning).get(message=email)
    raw = bytes(source.beginning)  # of what may have 60 MB
    text = "".join(each if each in "\n\t" or each.isprintable() else "\ufffd" for each in _as_text(raw))
    context = {"email": email, "source": source, "text": text, "is_cut": source.size > LONGEST_SOURCE}
    return render(request, "referrals/message_source.html", context)


@require_safe
def attachment(request: SignedIn, pk: int, number: int) -> HttpResponse:
    """A file that came with an email, as a download alone: the browser opens nothing of it in CAIT's name."""
    with transaction.atomic():
        email = get_object_or_404(Message.objects.visible_to(request.user).select_related("team"), pk=pk)
        file = get_object_or_404(Attachment, message=email, number=number)
        detail = {"attachment": number}
        record_access(email, by=request.user, how=Look.EXPORT, team_id=email.team_id, detail=detail)
    content = opened(file)
    if content is None:
        return render(request, "referrals/attachment.html", {"email": email, "file": file}, status=404)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name_for(file.name, file.kind)) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def _as_text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


@get_or_post
def set_aside_message(request: SignedIn, pk: int) -> HttpResponse:
    """An email that is for no record."""
    email = _handled(request, pk)
    form = SetAsideForm(request.POST or None, initial={"seen": email.uses.count()})
    if request.method == "POST":
        outcome = attempt(form, actions.set_aside_message, email, by=request.user)
        if outcome.done:
            messages.success(request, f"“{email}” is set aside. It stays in the mailbox, with your reason.")
            return redirect("referrals:mailbox")
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, seen=email.uses.count())
    return render(request, "referrals/set_aside_message.html", {"form": form, "email": email})


@get_or_post
def put_back_message(request: SignedIn, pk: int) -> HttpResponse:
    """An email that must be dealt with again."""
    email = _handled(request, pk)
    form = PutBackForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.put_back_message, email, by=request.user).done:
        messages.success(request, f"“{email}” waits to be dealt with again.")
        return redirect("referrals:message", email.pk)
    return render(request, "referrals/put_back_message.html", {"form": form, "email": email})


def pass_to_conferences(request: SignedIn, pk: int) -> HttpResponse:
    """An invitation to a conference."""
    require(request.user, Permission.HANDLE_MAIL, team=None)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    email = _handled(request, pk)
    seen = request.POST.get("seen", "")
    try:
        actions.pass_to_conferences(
            email, seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 6 else None, by=request.user
        )
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("referrals:message", email.pk)
    messages.success(request, f"“{email}” is passed to conferences. The conference officers find it there.")
    return redirect("referrals:mailbox")


def _handled(request: SignedIn, pk: int) -> Message:
    """An email that whoever is signed in may deal with; 404 for every other. Opening it is a look."""
    require(request.user, Permission.HANDLE_MAIL, team=None)
    with transaction.atomic():
        email = get_object_or_404(Message.objects.handled_by(request.user).select_related("team"), pk=pk)
        record_message(request, email)
    return email


@get_or_post
@case_page
def put_email_on_record(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """What an email tells of a referral that is logged already."""
    handled = Message.objects.handled_by(request.user)
    email = handled.select_related("team").filter(pk=pk).first()
    if email is None and request.method != "POST":
        raise Http404
    protected = is_protected(case)
    initial: dict[str, Any] = {}
    if email is not None:
        record_message(request, email)
        initial = {"message": email.pk, "message_uses": email.uses.count(), "text": email.text[:LONGEST_TEXT]}
        initial["from_whom"] = "" if protected else email.sender[:200]
    # Of an email that one may no longer read, as when its sender is now protected, the form says so, and keeps what
    # was typed.
    form = EmailOnRecordForm(request.POST or None, initial=initial, messages=handled)
    if request.method == "POST":
        outcome = attempt(form, on_record.put_email_on_record, case, by=request.user)
        if outcome.done:
            messages.success(
                request,
                "What the email tells stands in the chronology; the email itself stands on the Referral page.",
            )
            return redirect("cases:chronology", case.number)
        opened_anew(form, outcome.refused, email)
    context = {**heading(case), "tab": "chronology", "form": form, "email": email, "protected": protected}
    context["in_the_way"] = refusal(check_open, case)
    context["follows"] = what_follows(email, case)
    return render(request, "referrals/put_email_on_record.html", context)


def form_of_email(
    request: SignedIn, form: type[Any], initial: dict[str, Any], said: Callable[[Message], dict[str, Any]]
) -> tuple[Any, Message | None]:
    """A form that may be opened on an email, filled with what `said` takes from it; and the email, None without one.

    404 for an email that one does not handle.
    """
    email = email_named(request)
    if email is None and request.method != "POST" and request.GET.get("message"):
        raise Http404
    if email is not None:
        record_message(request, email)
        initial = {**said(email), "message": email.pk, "message_uses": email.uses.count()}
    handled = Message.objects.handled_by(request.user)
    return form(request.POST or None, initial=initial, messages=handled), email


def is_protected(case: Case) -> bool:
    """Whether the caller of a record is protected, so that an email on it may tell who they are."""
    return Referral.objects.filter(case=case, protected=True).exists()


def opened_anew(form: Any, refused: ValidationError | None, email: Message | None) -> None:
    """Whoever was told what a colleague made of the email meanwhile, and sends again, means it."""
    if isinstance(refused, UsedMeanwhile) and email is not None:
        open_on(form, message_uses=email.uses.count())
