from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from audit.events import Look
from audit.recording import record_access
from cases import actions, forms, policies, queries
from cases.enums import ActionState, Happened
from cases.leading import shown_to
from cases.learned import NAME, kept_off
from cases.left_out import hidden_here, left_out
from cases.models import Action, Case, CasePerson
from cases.queries import heading
from cases.reading import case_page
from deadlines import clock, rules
from pages.acting import attempt, open_on, refusal
from pages.paging import page_of
from people.models import OtherName
from team.acting import SignedIn, acting_team
from team.history import ChangedMeanwhile, version_of
from team.permissions import Permission, may, reaches_several_teams, require, several_teams

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
# A chronology is printed whole up to this length; a longer one is narrowed first.
MOST_PRINTED = 2_000


@require_safe
def records(request: SignedIn) -> HttpResponse:
    """Every record one may open, the newest first."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    form = forms.RecordsFilterForm(request.GET, teams=several_teams(request.user, Permission.SEE_RECORDS))
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    rows = Case.objects.visible_to(request.user) if form.is_valid() else Case.objects.none()
    rows = queries.records_narrowed(rows, user=request.user, **asked)
    with transaction.atomic():
        detail = {"filters": sorted(name for name, value in asked.items() if value)}
        team = acting_team(request)
        record_access(Case, by=request.user, team_id=team.pk if team else None, detail=detail)
        rows = rows.select_related("officer_in_case", "supervisor", "team")
        page = page_of(rows, key="raised_at", descending=True, cursor=request.GET.get("after", ""))
        lines = queries.record_lines(page.rows, today=clock.today())
    one, several = "record is restricted and not in this list", "records are restricted and not in this list"
    context = {
        "form": form,
        "filtered": bool(form.errors) or any(asked.values()),
        "rows": lines,
        "left_out": left_out(hidden_here(request.user, asked.get("team")), one, several),
        "several_teams": reaches_several_teams(request.user, Permission.SEE_RECORDS),
        "may_transfer": may(request.user, Permission.ANSWER_TRANSFERS, team=None),
        "oversees_restrictions": may(request.user, Permission.OVERSEE_RESTRICTIONS, team=None),
        **page.links(request.GET),
    }
    return render(request, "cases/records.html", context)


# --- the chronology ------------------------------------------------------------------------------


@require_safe
@case_page
def chronology(request: SignedIn, case: Case) -> HttpResponse:
    """What happened and when it was written down, page by page."""
    context, rows = _chronology(request, case)
    descending = request.GET.get("order") != "oldest"
    page = page_of(
        rows.select_related("recorded_by"),
        key="happened_at",
        descending=descending,
        cursor=request.GET.get("after", ""),
    )
    turned = request.GET.copy()
    turned.pop("after", None)
    turned["order"] = "oldest" if descending else "newest"
    context |= {"rows": queries.told(page.rows), "descending": descending, "turned": turned.urlencode()}
    context |= {"asked": request.GET.urlencode(), **page.links(request.GET)}
    context["may_write"] = policies.can_write(case, request.user)
    return render(request, "cases/chronology.html", context)


@require_safe
@case_page(how=Look.PRINT)
def print_chronology(request: SignedIn, case: Case) -> HttpResponse:
    """The whole chronology, or as much of it as was asked for, the oldest first: for the printer."""
    context, rows = _chronology(request, case)
    entries = list(rows.select_related("recorded_by").order_by("happened_at", "id")[: MOST_PRINTED + 1])
    context |= {"too_many": len(entries) > MOST_PRINTED, "most": MOST_PRINTED, "now": clock.now()}
    context["rows"] = [] if context["too_many"] else queries.told(entries)
    return render(request, "cases/print_chronology.html", context)


def _chronology(request: SignedIn, case: Case) -> tuple[dict[str, Any], Any]:
    context = heading(case)
    form = forms.ChronologyFilterForm(request.GET, on_record=[each.part for each in context["people"]])
    rows = queries.chronology(case)
    rows = queries.entries_narrowed(rows, **form.cleaned_data) if form.is_valid() else rows.none()
    filtered = bool(form.errors) or any(form.cleaned_data.values())
    return {**context, "tab": "chronology", "form": form, "filtered": filtered}, rows


@get_or_post
@case_page
def add_entry(request: SignedIn, case: Case) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    context = heading(case)
    on_record = [each.part for each in context["people"]]
    initial = {"happened_at": (clock.moment(), Happened.AT)}
    form = forms.EntryForm(request.POST or None, on_record=on_record, initial=initial)
    if request.method == "POST" and attempt(form, actions.add_entry, case, by=request.user).done:
        messages.success(request, "The entry is in the chronology.")
        return redirect("cases:chronology", case.number)
    context |= {"tab": "chronology", "form": form, "in_the_way": refusal(policies.check_open, case)}
    return render(request, "cases/add_entry.html", context)


@get_or_post
@case_page
def correct_entry(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    entry = get_object_or_404(queries.chronology(case).select_related("recorded_by"), pk=pk)
    (told,) = queries.told([entry])
    now, context = told.now, heading(case)
    form = forms.CorrectEntryForm(
        request.POST or None,
        on_record=[each.part for each in context["people"]],
        initial={
            "people": now.people.all(),
            "significant": now.significant,
            "title": now.title,
            "text": now.text,
            "happened_at": (now.happened_at, now.happened),
            "about": now.happened == Happened.ABOUT,
            "seen": now.pk if told.corrections else 0,
        },
    )
    if request.method == "POST":
        outcome = attempt(form, actions.correct_entry, entry, by=request.user)
        if outcome.done:
            messages.success(request, "The correction stands beside the entry, which stays as it was.")
            return redirect(f"{reverse('cases:chronology', args=[case.number])}#entry-{entry.pk}")
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, seen=now.pk if told.corrections else 0)
    context |= {"tab": "chronology", "form": form, "told": told}
    context["in_the_way"] = refusal(policies.check_open, case)
    return render(request, "cases/correct_entry.html", context)


# --- actions -------------------------------------------------------------------------------------


@require_safe
@case_page
def actions_page(request: SignedIn, case: Case) -> HttpResponse:
    """What is to be done on the record, by whom, by when; and what was done."""
    rows = list(queries.actions_of(case))
    context = {
        **heading(case),
        "tab": "actions",
        "to_do": [row for row in rows if row.state == ActionState.OPEN],
        "ended": [row for row in rows if row.state != ActionState.OPEN],
        "may_write": policies.can_write(case, request.user),
    }
    return render(request, "cases/actions.html", context)


@get_or_post
@case_page
def add_action(request: SignedIn, case: Case) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    initial = {"due_on": rules.ACTION.offered(clock.now())}
    form = forms.ActionForm(request.POST or None, officers=queries.officers_for(case), initial=initial)
    if request.method == "POST" and attempt(form, actions.add_action, case, by=request.user).done:
        messages.success(request, f"The action is added for {form.cleaned_data['owner']}.")
        return redirect("cases:actions_page", case.number)
    context = {**heading(case), "tab": "actions", "form": form, "in_the_way": refusal(policies.check_open, case)}
    return render(request, "cases/add_action.html", context)


@get_or_post
@case_page
def change_action(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    action = _action(case, pk)
    version = version_of(action)
    initial = {"owner": action.owner, "due_on": action.due_on, "version": version}
    form = forms.ChangeActionForm(request.POST or None, officers=queries.officers_for(case), initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.change_action, action, by=request.user)
        if outcome.done:
            messages.success(request, "The action is changed.")
            return redirect("cases:actions_page", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    return render(request, "cases/change_action.html", _of_action(case, action, form))


@get_or_post
@case_page
def complete_action(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    return _end(request, case, pk, "done")


@get_or_post
@case_page
def cancel_action(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    return _end(request, case, pk, "not needed")


def _end(request: SignedIn, case: Case, pk: int, how: str) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    action = _action(case, pk)
    done = how == "done"
    form = forms.EndActionForm(request.POST or None, label="What came of it" if done else "Why it is not needed")
    act = actions.complete_action if done else actions.cancel_action
    if request.method == "POST" and attempt(form, act, action, by=request.user).done:
        messages.success(request, f"The action is recorded as {how}.")
        return redirect("cases:actions_page", case.number)
    return render(request, "cases/end_action.html", {**_of_action(case, action, form), "how": how})


def _action(case: Case, pk: int) -> Action:
    return get_object_or_404(Action.objects.select_related("owner", "ended_by", "case"), case=case, pk=pk)


def _of_action(case: Case, action: Action, form: Any) -> dict[str, Any]:
    in_the_way = refusal(policies.check_open, case) or refusal(policies.check_end_action, action)
    return {**heading(case), "tab": "actions", "action": action, "form": form, "in_the_way": in_the_way}


# --- people --------------------------------------------------------------------------------------


@require_safe
@case_page
def people(request: SignedIn, case: Case) -> HttpResponse:
    """Everybody on the record: where they live, what they are to the children, on which other records they are."""
    context = heading(case)
    names = Prefetch("other_names", queryset=OtherName.objects.exclude(kept_off(case, NAME)))
    prefetch_related_objects([each.person for each in context["people"]], names)
    context |= {
        "tab": "people",
        "other_records": queries.other_records(case, user=request.user),
        "taken_off": queries.taken_off(case),
        "leads": shown_to(request.user, case),
        "may_assign": may(request.user, Permission.ASSIGN_RECORDS, team=case.team),
        "may_write": policies.can_write(case, request.user),
    }
    return render(request, "cases/people.html", context)


@get_or_post
@case_page
def change_person(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    context = heading(case)
    part = CasePerson.objects.filter(case=case, person=pk).select_related("person").first()
    if part is None:
        raise Http404
    person = part.person
    version = version_of(person)
    birth = person.birth.words()
    initial = {
        "given_names": person.given_names,
        "family_name": person.family_name,
        "birth": "" if birth == "not known" else birth,
        "sex": person.sex,
        "version": version,
    }
    form = forms.PersonDetailsForm(request.POST or None, on=context["today"], person=person, initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.change_person, person, case=case, on=context["today"], by=request.user)
        if outcome.done:
            messages.success(request, f"What is known of {outcome.get()} is put right. How it was stays on record.")
            return redirect("cases:people", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    in_the_way = refusal(policies.check_open, case) or refusal(policies.check_on_record, [person], case=case)
    context |= {"tab": "people", "person": person, "form": form, "in_the_way": in_the_way}
    return render(request, "cases/change_person.html", context)


@get_or_post
@case_page
def take_person_off(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    part = get_object_or_404(CasePerson.objects.select_related("person", "case"), case=case, pk=pk)
    form = forms.TakeOffForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.take_person_off, part, by=request.user).done:
        messages.success(request, f"{part.person} is off this record. What was written about them stays.")
        return redirect("cases:people", case.number)
    context = {**heading(case), "tab": "people", "part": part, "form": form}
    context["in_the_way"] = refusal(policies.check_open, case) or refusal(policies.check_take_off, part, others=1)
    return render(request, "cases/take_person_off.html", context)


# --- partners ------------------------------------------------------------------------------------


@require_safe
@case_page
def shared(request: SignedIn, case: Case) -> HttpResponse:
    """What was shared, with whom, when, how and on what ground."""
    context = {
        **heading(case),
        "tab": "shared",
        "rows": queries.shared_on(case).prefetch_related("people"),
        "may_write": policies.can_write(case, request.user),
    }
    return render(request, "cases/shared.html", context)


@get_or_post
@case_page
def share_information(request: SignedIn, case: Case) -> HttpResponse:
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    context = heading(case)
    on_record = [each.part for each in context["people"]]
    form = forms.ShareForm(request.POST or None, on_record=on_record, initial={"shared_at": clock.moment()})
    if request.method == "POST" and attempt(form, actions.share_information, case, by=request.user).done:
        messages.success(request, "What was shared is recorded, here and in the chronology.")
        return redirect("cases:shared", case.number)
    context |= {"tab": "shared", "form": form, "in_the_way": refusal(policies.check_open, case)}
    return render(request, "cases/share_information.html", context)


# --- who works on it -----------------------------------------------------------------------------


@get_or_post
@case_page
def assign_case(request: SignedIn, case: Case) -> HttpResponse:
    """Say who is officer in case and who supervises."""
    require(request.user, Permission.ASSIGN_RECORDS, team=case.team)
    version = version_of(case)
    initial = {"officer_in_case": case.officer_in_case, "supervisor": case.supervisor, "version": version}
    form = forms.AssignForm(
        request.POST or None,
        officers=queries.officers_for(case),
        supervisors=queries.officers_for(case, Permission.SUPERVISE_RECORDS),
        initial=initial,
    )
    if request.method == "POST":
        outcome = attempt(form, actions.assign_case, case, by=request.user)
        if outcome.done:
            messages.success(request, f"It is recorded who works on {case}.")
            return redirect("workbench:case", case.number)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    context = {**heading(case), "form": form, "in_the_way": refusal(policies.check_open, case)}
    return render(request, "cases/assign_case.html", context)
