"""Logging a referral: the form, its draft, and who is known already."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from audit.recording import record_access
from deadlines import clock
from intake.models import Message
from intake.policies import UsedMeanwhile
from intake.queries import logged_as
from intake.restricted import what_follows
from pages.acting import attempt, open_on
from pages.words import moment
from people.births import LIKE
from people.models import Person
from referrals import actions, queries
from referrals.beside import beside
from referrals.enums import METHODS
from referrals.forms import PersonForm
from referrals.known import NEW, Known, check_answered, known_already
from referrals.logging_forms import MOST_PEOPLE, LoggingForms, read_key, read_version
from referrals.models import Draft, Referral
from referrals.prefill import from_email
from referrals.views.mail import email_named, record_message
from team.acting import SignedIn, acting_team
from team.history import ChangedMeanwhile
from team.permissions import NotAllowed, Permission, may, require, teams_where

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def log(request: SignedIn) -> HttpResponse:
    """Log a referral: one page, in the order in which a caller speaks."""
    if request.method == "POST":
        return _typed(request)
    require(request.user, Permission.LOG_REFERRALS, team=None)
    if "message" in request.GET:
        return _log_email(request)
    teams = teams_where(request.user, Permission.LOG_REFERRALS)
    team = acting_team(request)
    if team is None or not may(request.user, Permission.LOG_REFERRALS, team=team):
        team = teams.first()
    initial: dict[str, Any] = {"team": team and team.pk, "received_at": clock.moment()}
    if (method := request.GET.get("method")) in dict(METHODS):
        initial["method"] = method
    return _form_page(request, _forms(request, QueryDict(), key=uuid4(), initial=initial))


def _log_email(request: SignedIn) -> HttpResponse:
    """The form filled from an email; where somebody has begun to log that, on to what they typed."""
    message = email_named(request)
    if message is None:
        raise Http404
    begun = queries.drafts_of(message).first()
    if begun is not None:
        return redirect("referrals:draft", begun.key)
    forms = _forms(request, from_email(message), key=uuid4())
    with transaction.atomic():
        known = _look_up(forms, request)
        record_known(request, known, message.team_id)
    return _form_page(request, forms, known=known)


def _forms(request: SignedIn, typed: QueryDict, *, key: UUID, **how: Any) -> LoggingForms:
    """The forms of one referral for who is signed in: their teams, and the emails that they handle."""
    teams = teams_where(request.user, Permission.LOG_REFERRALS)
    theirs: dict[str, Any] = {
        "teams": teams,
        # Put together only where one was named: that takes as long as all else of the form.
        "messages": Message.objects.handled_by(request.user) if typed.get("message") else Message.objects.none(),
        "may_restrict": may(request.user, Permission.RESTRICT_RECORDS, team=None),
    }
    return LoggingForms(typed, key=key, **theirs, **how)


@get_or_post
def draft(request: SignedIn, key: UUID) -> HttpResponse:
    """Go on with a half-typed referral; a colleague's is shown and can be taken over."""
    if request.method == "POST":
        return _typed(request)
    require(request.user, Permission.LOG_REFERRALS, team=None)
    logged = Referral.objects.visible_to(request.user).select_related("case").filter(token=key).first()
    if logged is not None:
        return redirect("referrals:logged", logged.case.number)
    kept = _half_typed(request, key)
    if kept.owner != request.user:
        return redirect("referrals:take_over_draft", key)
    typed = QueryDict(mutable=True)
    for name, values in kept.typed.items():
        typed.setlist(name, values)
    typed["team"] = str(kept.team_id)
    forms = _forms(request, typed, key=kept.key, version=kept.version)
    with transaction.atomic():
        known = _look_up(forms, request)
        record_known(request, known, kept.team_id)
    return _form_page(request, forms, known=known, saved=kept, opened=True)


def save_draft(request: SignedIn, key: UUID) -> HttpResponse:
    """While somebody types: keeps the draft, and answers with who is known already. For the page's script."""
    require(request.user, Permission.LOG_REFERRALS, team=None)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    forms = _sent(request)
    with transaction.atomic():
        known, kept = _keep(request, forms)
    context = {"forms": forms, "known": known, "saved": kept.draft, "refused": kept.refused, "today": clock.today()}
    return render(request, "referrals/_known.html", context, status=409 if kept.refused else 200)


@get_or_post
def take_over_draft(request: SignedIn, key: UUID) -> HttpResponse:
    """Go on with what a colleague began: nothing that reached the team is lost with somebody's tour."""
    require(request.user, Permission.LOG_REFERRALS, team=None)
    kept = _half_typed(request, key)
    if kept.owner == request.user:
        return redirect("referrals:draft", key)
    if request.method == "POST":
        actions.take_over_draft(kept, by=request.user)
        messages.success(
            request, f"You go on with this referral now. What {kept.owner} types from now on is not kept."
        )
        return redirect("referrals:draft", key)
    _record_draft(request, kept)
    return render(request, "referrals/take_over_draft.html", {"draft": kept, "today": clock.today()})


@get_or_post
def discard_draft(request: SignedIn, key: UUID) -> HttpResponse:
    """Throw a half-typed referral away."""
    require(request.user, Permission.LOG_REFERRALS, team=None)
    kept = _half_typed(request, key)
    if request.method == "POST":
        try:
            actions.discard_draft(kept, by=request.user)
        except ChangedMeanwhile as gone:
            messages.error(request, " ".join(gone.messages))
            return redirect("referrals:log_page")
        messages.success(request, "The half-typed referral is thrown away. It had no URN.")
        return redirect("referrals:log_page")
    _record_draft(request, kept)
    return render(request, "referrals/discard_draft.html", {"draft": kept, "today": clock.today()})


def _half_typed(request: SignedIn, key: UUID) -> Draft:
    """A half-typed referral that one may open. Of one that is to be restricted, whoever may not is told whose it
    is."""
    teams = teams_where(request.user, Permission.LOG_REFERRALS)
    kept = get_object_or_404(Draft.objects.filter(team__in=teams).select_related("owner", "team"), key=key)
    if not queries.drafts_for(request.user).filter(key=key).exists():
        raise NotAllowed(f"{kept.owner} is logging a referral that is to be restricted. Ask them.")
    return kept


def _record_draft(request: SignedIn, draft: Draft, seen: dict[str, Any] | None = None) -> None:
    """A half-typed referral is about somebody, so opening it is a look. `seen`: what stood beside it."""
    detail = {**(seen or {}), "draft": str(draft.key)}
    if others := (seen or {}).get("draft"):
        detail["draft"] = [str(draft.key), *others]
    with transaction.atomic():
        record_access(Draft, by=request.user, team_id=draft.team_id, detail=detail)


class Kept(NamedTuple):
    """What became of a draft that was to be kept: the draft, or the sentence that says why it was not."""

    draft: Draft | None
    refused: str = ""


def _sent(request: SignedIn, *, judged: bool = False, add: str = "") -> LoggingForms:
    """The forms as they were sent. `judged`: with what is wrong; `add`: with one more row for children or adults."""
    data = request.POST
    key, version = read_key(data.get("key")), read_version(data.get("version"))
    return _forms(request, data, key=key, version=version, judged=judged, add=add)


def _typed(request: SignedIn) -> HttpResponse:
    """What becomes of a form that was sent: logged, kept, or shown again with one more person or who is known.

    Who may log no more is told so on the form: nothing typed is lost, and nothing is shown that is not theirs.
    """
    wanted = request.POST.get("do", "check")
    forms = _sent(request, judged=wanted == "log", add=wanted.removeprefix("add_"))
    refused = False
    if wanted == "log":
        own = Referral.objects.select_related("case", "logged_by").filter(token=forms.key, logged_by=request.user)
        if twice := own.first():
            return _logged(request, actions.Logged(twice, just_now=False))
        known = _look_up(forms, request)
        if _all_answered(forms):
            outcome = attempt(
                forms.main,
                actions.log_referral,
                token=forms.key,
                children=forms.children.said(),
                adults=forms.adults.said(),
                draft_version=forms.version,
                by=request.user,
            )
            if outcome.done:
                if known.ring:  # it may not have been read: the page's script had no time to ask
                    messages.warning(request, known.ring)
                return _logged(request, outcome.get())
            refused = outcome.refused is not None
            message = forms.main.email()
            if isinstance(outcome.refused, UsedMeanwhile) and message:
                open_on(forms.main, message_uses=message.uses.count())
    with transaction.atomic():
        known, kept = _keep(request, forms)
    if forms.is_full:
        messages.warning(request, f"A referral holds {MOST_PEOPLE} people of a kind. Put the others on its record.")
    if kept.refused and not refused:  # said once is enough
        messages.error(request, kept.refused)
    if wanted == "save" and not kept.refused:
        said = (
            "The half-typed referral is kept. It has no URN until you log it." if kept.draft else "Nothing was typed."
        )
        messages.success(request, said)
        return redirect("referrals:log_page")
    return _form_page(request, forms, known=known, saved=kept.draft)


def _form_page(
    request: SignedIn,
    forms: LoggingForms,
    *,
    known: Known | None = None,
    saved: Draft | None = None,
    opened: bool = False,
) -> HttpResponse:
    """The form, with the mailbox and the log at its left. `opened`: the draft `saved` was opened just now."""
    email, now = forms.main.email(), clock.now()
    team = acting_team(request)
    with transaction.atomic():
        at_desk = beside(request.user, team, now=now, email=email, draft=saved)
        seen = at_desk.seen() if at_desk else {}
        if saved and opened:
            _record_draft(request, saved, seen)
            seen = {}
        if email is not None:  # it stands beside the form: reading it is a look
            record_message(request, email, **seen)
        elif seen and team:
            record_access(Message, by=request.user, team_id=team.pk, detail=seen)
    context = {
        "form": forms.main,
        "forms": forms,
        "email": email,
        "logged_as": logged_as(email) if email else [],
        "follows": what_follows(email, None, restricts=forms.main.may_restrict),
        "known": known,
        "saved": saved,
        "version": saved.version if saved else forms.version,
        "beside": at_desk,
        "now": now,
        "today": clock.london_date(now),
        "like": LIKE,
        "most": MOST_PEOPLE,
    }
    return render(request, "referrals/log_referral.html", context)


def _logged(request: SignedIn, logged: actions.Logged) -> HttpResponse:
    referral = logged.referral
    if not logged.just_now:
        messages.info(
            request,
            f"This form was sent before: {referral.logged_by} logged it as {referral.urn} on "
            f"{moment(referral.logged_at)}. Nothing was logged twice.",
        )
    return redirect("referrals:logged", referral.case.number)


def _all_answered(forms: LoggingForms) -> bool:
    """Whether the forms are right, and of everybody who may be known it is said whether they are."""
    valid = forms.are_valid()
    unanswered = [form for form in forms.people if not answered(form, valid=True)]
    return valid and not unanswered


def answered(form: PersonForm, *, valid: bool) -> bool:
    """Whether it is said if somebody who may be known is the same; the id of a match shown no more says nothing."""
    matches = {str(match.person.pk) for match in form.matches}
    try:
        chosen = form.chosen if form.chosen in {*matches, NEW} else ""
        check_answered(form.matches, chosen=chosen, called=form.called)
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    if form.chosen not in matches:
        form.cleaned_data["same_as"] = ""
    return valid


def _look_up(forms: LoggingForms, request: SignedIn) -> Known:
    """Who is known already; each person's form gets its matches."""
    people = forms.people
    known = known_already([form.said() for form in people], user=request.user)
    for form, matches in zip(people, known.matches, strict=True):
        form.matches = matches
    return known


def _keep(request: SignedIn, forms: LoggingForms) -> tuple[Known, Kept]:
    """Keep what was typed, with who is known already beside it. Within a transaction: no log, no view."""
    known = _look_up(forms, request)
    if forms.is_blank() and not forms.version:
        return known, Kept(None)
    before = Draft.objects.filter(key=forms.key).values_list("shown", "shown_records").first() or ([], [])
    team = None
    try:
        team = forms.team()
        draft = actions.save_draft(
            team,
            key=forms.key,
            typed=forms.as_draft(),
            version=forms.version,
            shown=known.people,
            shown_records=[*known.records, *known.kept_back],
            by=request.user,
        )
        kept = Kept(draft)
    except ValidationError as refused:
        kept = Kept(None, " ".join(refused.messages))
    told = {*known.records, *known.kept_back}
    if kept.refused or set(known.people) - set(before[0]) or told - set(before[1]):
        record_known(request, known, team.pk if team else None)
    return known, kept


def record_known(request: SignedIn, known: Known, team_id: int | None) -> None:
    """Looking somebody up is a consultation."""
    if known.people or known.restricted:
        record_access(Person, by=request.user, team_id=team_id, detail=known.looked_at())
