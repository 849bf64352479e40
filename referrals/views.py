from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from audit.events import Look
from audit.recording import record_access
from cases import actions as actions_on_case
from cases.models import Case
from cases.policies import check_open
from cases.queries import heading
from cases.reading import case_page
from deadlines import clock
from diary.queries import due_next
from pages.acting import attempt, refusal
from pages.paging import page_of
from pages.words import moment
from people.births import LIKE
from people.models import Person
from referrals import actions, policies, queries
from referrals.forms import (
    NEW,
    AddPersonForm,
    ConfirmForm,
    DownloadForm,
    LogFilterForm,
    PersonForm,
    TriageForm,
)
from referrals.known import Known, known_already
from referrals.logging_forms import NOT_TYPED, LoggingForms, read_key, read_version
from referrals.models import Draft, Referral
from referrals.spreadsheet import workbook
from team.acting import SignedIn, acting_team
from team.permissions import Permission, may, require, teams_held, teams_where

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 10_000


# --- the log -------------------------------------------------------------------------------------


@require_safe
def log_page(request: SignedIn) -> HttpResponse:
    """The log: every referral one may see, narrowed and sorted by the address."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    form, rows, filters = _asked(request, request.GET)
    order = request.GET.get("order", "received")
    key, descending = queries.ORDERS.get(order, queries.ORDERS["received"])
    with transaction.atomic():
        record_access(Referral, by=request.user, detail={"filters": queries.asked_for(filters)})
        referrals = rows.select_related("case", "team")
        page = page_of(referrals, key=key, descending=descending, cursor=request.GET.get("after", ""))
        lines = queries.log_rows(page.rows)
    may_log = may(request.user, Permission.LOG_REFERRALS, team=None)
    context = {
        "form": form,
        "filtered": bool(form.errors) or any(filters.values()),
        "rows": lines,
        "sorts": _sorts(request.GET, order),
        "several_teams": len(teams_held(request.user, Permission.SEE_RECORDS) or "??") > 1,
        "may_log": may_log,
        "may_download": may(request.user, Permission.DOWNLOAD_LOG, team=None),
        "drafts": list(queries.drafts_for(request.user)) if may_log else [],
        "now": clock.now(),
        "asked": request.GET.urlencode(),
        **page.links(request.GET),
    }
    return render(request, "referrals/log.html", context)


def _asked(request: SignedIn, asked: QueryDict) -> tuple[LogFilterForm, Any, dict[str, Any]]:
    """The filter, the rows that fit it, and what was asked. A wrong filter shows nothing, not everything."""
    form = LogFilterForm(asked)
    rows = Referral.objects.visible_to(request.user)
    if not form.is_valid():
        return form, rows.none(), {}
    filters: dict[str, Any] = form.cleaned_data
    return form, queries.narrowed(rows, user=request.user, **filters), filters


def _sorts(asked: QueryDict, order: str) -> dict[str, dict[str, str]]:
    """For each column that sorts: the link that sorts by it, or the other way round, and how it is sorted now."""
    sorts = {}
    for column in ("received", "urn"):
        down, up = column, f"{column}-oldest"
        link = asked.copy()
        link.pop("after", None)
        link["order"] = up if order == down else down
        now = {down: "descending", up: "ascending"}.get(order, "none")
        if order not in queries.ORDERS and column == "received":
            now = "descending"
        sorts[column] = {"url": f"?{link.urlencode()}", "now": now}
    return sorts


@get_or_post
def download(request: SignedIn) -> HttpResponse:
    """The log as it is narrowed, as an Excel file: asked why, and logged."""
    require(request.user, Permission.DOWNLOAD_LOG, team=None)
    filter_form, rows, filters = _asked(request, request.GET)
    if not filter_form.is_valid():
        return redirect(f"{request.path.removesuffix('download/')}?{request.GET.urlencode()}")
    fitting = rows.order_by()[: MOST_ROWS + 1].count()
    form = DownloadForm(request.POST or None)
    too_many = fitting > MOST_ROWS
    if request.method == "POST" and form.is_valid() and fitting and not too_many:
        with transaction.atomic():
            detail = {"rows": fitting, "filters": queries.asked_for(filters)}
            reason = form.cleaned_data["reason"]
            record_access(Referral, by=request.user, how=Look.EXPORT, reason=reason, detail=detail)
            referrals = rows.select_related("case", "logged_by").order_by("-received_at", "-id")
            at = clock.now()
            narrowed = ", narrowed" if any(filters.values()) else ""
            file = workbook(referrals.iterator(500), by=request.user, at=at, narrowed=narrowed)
        response = HttpResponse(file, content_type=XLSX)
        name = f"Referral log {clock.london_date(at):%Y-%m-%d}.xlsx"
        response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        return response
    context = {
        "form": form,
        "count": fitting,
        "too_many": too_many,
        "most": MOST_ROWS,
        "filtered": any(filters.values()),
        "asked": request.GET.urlencode(),
    }
    return render(request, "referrals/download.html", context)


# --- logging one ---------------------------------------------------------------------------------


@get_or_post
def log(request: SignedIn) -> HttpResponse:
    """Log a referral: one page, in the order in which a caller speaks."""
    require(request.user, Permission.LOG_REFERRALS, team=None)
    if request.method == "POST":
        return _typed(request)
    teams = teams_where(request.user, Permission.LOG_REFERRALS)
    team = acting_team(request)
    if team is None or not may(request.user, Permission.LOG_REFERRALS, team=team):
        team = teams.first()
    initial = {"team": team and team.pk, "received_at": clock.now()}
    return _form_page(request, LoggingForms(QueryDict(), teams=teams, key=uuid4(), initial=initial))


@get_or_post
def draft(request: SignedIn, key: UUID) -> HttpResponse:
    """Go on with a half-typed referral; a colleague's is shown and can be taken over."""
    require(request.user, Permission.LOG_REFERRALS, team=None)
    if request.method == "POST":
        return _typed(request)
    logged = Referral.objects.visible_to(request.user).select_related("case").filter(token=key).first()
    if logged is not None:
        return redirect("referrals:logged", logged.case.number)
    kept = get_object_or_404(queries.drafts_for(request.user), key=key)
    if kept.owner != request.user:
        return redirect("referrals:take_over_draft", key)
    typed = QueryDict(mutable=True)
    for name, values in kept.typed.items():
        typed.setlist(name, values)
    typed["team"] = str(kept.team_id)
    teams = teams_where(request.user, Permission.LOG_REFERRALS)
    forms = LoggingForms(typed, teams=teams, key=kept.key, version=kept.version)
    with transaction.atomic():
        known = _look_up(forms, request)
        _record_known(request, known, kept.team_id)
    return _form_page(request, forms, known=known, saved=kept)


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
    kept = get_object_or_404(queries.drafts_for(request.user), key=key)
    if kept.owner == request.user:
        return redirect("referrals:draft", key)
    if request.method == "POST":
        actions.take_over_draft(kept, by=request.user)
        messages.success(
            request, f"You go on with this referral now. What {kept.owner} types from now on is not kept."
        )
        return redirect("referrals:draft", key)
    return render(request, "referrals/take_over_draft.html", {"draft": kept, "today": clock.today()})


@get_or_post
def discard_draft(request: SignedIn, key: UUID) -> HttpResponse:
    """Throw a half-typed referral away."""
    require(request.user, Permission.LOG_REFERRALS, team=None)
    kept = get_object_or_404(queries.drafts_for(request.user), key=key)
    if request.method == "POST":
        actions.discard_draft(kept, by=request.user)
        messages.success(request, "The half-typed referral is thrown away. It had no URN.")
        return redirect("referrals:log_page")
    return render(request, "referrals/discard_draft.html", {"draft": kept, "today": clock.today()})


class Kept(NamedTuple):
    """What became of a draft that was to be kept: the draft, or the sentence that says why it was not."""

    draft: Draft | None
    refused: str = ""


def _sent(request: SignedIn, *, judged: bool = False, add: str = "") -> LoggingForms:
    """The forms as they were sent. `judged`: with what is wrong; `add`: with one more row for children or adults."""
    data, teams = request.POST, teams_where(request.user, Permission.LOG_REFERRALS)
    key, version = read_key(data.get("key")), read_version(data.get("version"))
    return LoggingForms(data, teams=teams, key=key, version=version, judged=judged, add=add)


def _typed(request: SignedIn) -> HttpResponse:
    """What becomes of a form that was sent: logged, kept, or shown again with one more person or who is known."""
    wanted = request.POST.get("do", "check")
    forms = _sent(request, judged=wanted == "log", add=wanted.removeprefix("add_"))
    if wanted == "log":
        _look_up(forms, request)
        if _all_answered(forms):
            outcome = attempt(
                forms.main,
                actions.log_referral,
                token=forms.key,
                children=forms.children.said(),
                adults=forms.adults.said(),
                by=request.user,
            )
            if outcome.done:
                return _logged(request, outcome.get())
    with transaction.atomic():
        known, kept = _keep(request, forms)
    if kept.refused:
        messages.error(request, kept.refused)
    elif wanted == "save":
        messages.success(request, "The half-typed referral is kept. It has no URN until you log it.")
        return redirect("referrals:log_page")
    return _form_page(request, forms, known=known, saved=kept.draft)


def _form_page(
    request: SignedIn, forms: LoggingForms, *, known: Known | None = None, saved: Draft | None = None
) -> HttpResponse:
    context = {
        "form": forms.main,
        "forms": forms,
        "known": known,
        "saved": saved,
        "version": saved.version if saved else forms.version,
        "today": clock.today(),
        "like": LIKE,
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
    unanswered = [form for form in forms.people if not _answered(form, valid=True)]
    return valid and not unanswered


def _answered(form: PersonForm, *, valid: bool) -> bool:
    """Whether it is said if somebody who may be known is the same; the id of a match shown no more says nothing."""
    matches = {str(match.person.pk) for match in form.matches}
    if matches and form.chosen not in {*matches, NEW}:
        form.add_error("same_as", f"Say whether {form.called} is somebody who is known already")
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
    typed = {name: forms.typed.getlist(name) for name in forms.typed if name not in NOT_TYPED}
    before = Draft.objects.filter(key=forms.key).values_list("shown", flat=True).first() or []
    team = None
    try:
        team = forms.team()
        kept = Kept(
            actions.save_draft(
                team, key=forms.key, typed=typed, version=forms.version, shown=known.people, by=request.user
            )
        )
    except ValidationError as refused:
        kept = Kept(None, " ".join(refused.messages))
    if kept.refused or set(known.people) - set(before):
        _record_known(request, known, team.pk if team else None)
    return known, kept


def _record_known(request: SignedIn, known: Known, team_id: int | None) -> None:
    """Looking somebody up is a consultation."""
    if known.people:
        detail = {"people": known.people, "records": known.records}
        record_access(Person, by=request.user, team_id=team_id, detail=detail)


# --- one referral --------------------------------------------------------------------------------


@require_safe
@case_page
def logged(request: SignedIn, case: Case) -> HttpResponse:
    """The URN, large enough to read out over the telephone, and what comes next."""
    context = {**heading(case), "referral": case.referral, "duties": due_next(case), "now": clock.now()}
    return render(request, "referrals/logged.html", context)


@require_safe
@case_page
def referral(request: SignedIn, case: Case) -> HttpResponse:
    """The referral as it was received."""
    context = {
        **heading(case),
        "tab": "referral",
        "referral": Referral.objects.select_related("logged_by", "triaged_by").get(case=case),
        "may_see_caller": may(request.user, Permission.SEE_CALLERS, team=case.team),
    }
    return render(request, "referrals/referral.html", context)


@require_safe
@case_page
def caller(request: SignedIn, case: Case) -> HttpResponse:
    """Who a protected caller is: for whoever must ring back, and never on paper."""
    require(request.user, Permission.SEE_CALLERS, team=case.team)
    return render(request, "referrals/caller.html", {**heading(case), "tab": "referral", "referral": case.referral})


@get_or_post
@case_page
def triage(request: SignedIn, case: Case) -> HttpResponse:
    """The desk sergeant's first look: is urgent action needed?"""
    require(request.user, Permission.TRIAGE_REFERRALS, team=case.team)
    referral = Referral.objects.select_related("triaged_by").get(case=case)
    form = TriageForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.triage_referral, referral, by=request.user).done:
        messages.success(request, f"Referral {referral.urn} is triaged.")
        return redirect("workbench:case", case.number)
    context = {**heading(case), "tab": "referral", "form": form, "referral": referral, "in_the_way": ""}
    context["in_the_way"] = refusal(policies.check_triage, referral)
    return render(request, "referrals/triage.html", context)


@get_or_post
@case_page
def confirm(request: SignedIn, case: Case) -> HttpResponse:
    """A telephone referral is confirmed in writing."""
    require(request.user, Permission.LOG_REFERRALS, team=case.team)
    referral = case.referral
    form = ConfirmForm(request.POST or None, initial={"confirmed_at": clock.now()})
    if request.method == "POST" and attempt(form, actions.confirm_referral, referral, by=request.user).done:
        messages.success(request, f"Referral {referral.urn} is confirmed in writing.")
        return redirect("workbench:case", case.number)
    context = {**heading(case), "tab": "referral", "form": form, "referral": referral}
    context["in_the_way"] = refusal(policies.check_confirm, referral)
    return render(request, "referrals/confirm.html", context)


@get_or_post
@case_page
def add_person(request: SignedIn, case: Case) -> HttpResponse:
    """Put somebody more on a record: whoever is known already is the same person there."""
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    context = heading(case)
    form = AddPersonForm(request.POST or None, on=context["today"])
    if request.method == "POST":
        known = known_already([form.said()], user=request.user)
        (form.matches,) = known.matches
        if _answered(form, valid=form.is_valid()):
            part = form.cleaned_data["part"]
            # The action takes the person as they were said; the form's own fields are not its arguments.
            said, form.cleaned_data = form.said(), {}
            outcome = attempt(
                form, actions_on_case.add_person, case, part=part, said=said, on=context["today"], by=request.user
            )
            if outcome.done:
                messages.success(request, f"{outcome.get()} is on this record.")
                return redirect("cases:people", case.number)
        with transaction.atomic():
            _record_known(request, known, case.team_id)
    context |= {"tab": "people", "form": form, "like": LIKE, "in_the_way": refusal(check_open, case)}
    return render(request, "referrals/add_person.html", context)
