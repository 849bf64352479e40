"""One referral: its URN, as it was received, triage and confirmation; and somebody more on its record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cases import actions as actions_on_case
from cases.enums import State
from cases.leading import to_choose
from cases.models import Case
from cases.policies import check_open
from cases.queries import heading
from cases.reading import case_page
from cases.restricting import named_on
from deadlines import clock
from diary.queries import due_next
from intake.models import Message
from intake.queries import emails_on
from intake.restricted import kept_off, what_follows
from pages.acting import attempt, refusal
from people.births import LIKE
from referrals import actions, policies
from referrals.forms import (
    AddPersonForm,
    ConfirmForm,
    TriageForm,
)
from referrals.known import known_already
from referrals.models import Referral
from referrals.queries import last_decision
from referrals.views.desk import answered, record_known
from referrals.views.mail import form_of_email, opened_anew
from team.acting import SignedIn
from team.permissions import Permission, may, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@case_page
def logged(request: SignedIn, case: Case) -> HttpResponse:
    """The URN, large enough to read out over the telephone, and what comes next."""
    context = {**heading(case), "referral": case.referral, "duties": due_next(case), "now": clock.now()}
    mine = (
        each for each in context["duties"] if each.permission and may(request.user, each.permission, team=case.team)
    )
    context["first"] = next((each for each in mine if each.view), None)
    context["handles"] = may(request.user, Permission.HANDLE_MAIL, team=case.team)
    context["to_choose"] = to_choose(case)
    context["named"] = list(named_on(case)) if case.restricted else []
    context["may_assign"] = may(request.user, Permission.ASSIGN_RECORDS, team=case.team)
    return render(request, "referrals/logged.html", context)


@require_safe
@case_page
def referral(request: SignedIn, case: Case) -> HttpResponse:
    """The referral as it was received."""
    context = {
        **heading(case),
        "tab": "referral",
        "referral": Referral.objects.select_related("logged_by", "triaged_by").get(case=case),
        "decision": last_decision(case),
        "emails": emails_on(case, user=request.user),
        "emails_kept_off": kept_off(case, user=request.user),
        "may_see_caller": may(request.user, Permission.SEE_CALLERS, team=case.team),
        "may_triage": case.state == State.OPEN and may(request.user, Permission.TRIAGE_REFERRALS, team=case.team),
        "may_confirm": case.state == State.OPEN and may(request.user, Permission.LOG_REFERRALS, team=case.team),
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
        messages.success(request, f"Referral {referral.urn} is triaged. Now decide what is done about it.")
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
    form, email = form_of_email(request, ConfirmForm, {"confirmed_at": clock.moment()}, _confirmation_said(referral))
    if request.method == "POST":
        outcome = attempt(form, actions.confirm_referral, referral, by=request.user)
        if outcome.done:
            messages.success(request, f"Referral {referral.urn} is confirmed in writing.")
            return redirect("workbench:case", case.number)
        opened_anew(form, outcome.refused, email)
    context = {**heading(case), "tab": "referral", "form": form, "referral": referral, "email": email}
    context["protected"] = referral.protected
    context["follows"] = what_follows(email, case)
    context["in_the_way"] = refusal(policies.check_confirm, referral)
    return render(request, "referrals/confirm.html", context)


def _confirmation_said(referral: Referral) -> Callable[[Message], dict[str, Any]]:
    """What an email says, as a written confirmation; who sent it only where the caller is not protected."""

    def said(email: Message) -> dict[str, Any]:
        how = f"Email from {email.sender}, “{email.subject}”, kept in the team’s mailbox"
        if referral.protected or len(how) > 300:  # the subject too may tell who it is
            how = "Email, kept in the team’s mailbox"
        return {"confirmed_at": email.received_at, "confirmed_how": how}

    return said


@get_or_post
@case_page
def add_person(request: SignedIn, case: Case) -> HttpResponse:
    """Put somebody more on a record: whoever is known already is the same person there."""
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    context = heading(case)
    form = AddPersonForm(request.POST or None, on=context["today"])
    if request.method == "POST":
        valid = form.is_valid()
        known = known_already([form.said()] if valid else [], user=request.user)
        form.matches = known.matches[0] if valid else []
        if answered(form, valid=valid):
            said = {"part": form.cleaned_data["part"], "said": form.said(), "on": context["today"]}
            outcome = attempt(form, actions_on_case.add_person, case, values=said, by=request.user)
            if outcome.done:
                messages.success(request, f"{outcome.get()} is on this record.")
                if known.ring:
                    messages.warning(request, known.ring)
                return redirect("cases:people", case.number)
        with transaction.atomic():
            record_known(request, known, case.team_id)
        context["ring"] = known.ring
    context |= {"tab": "people", "form": form, "like": LIKE, "in_the_way": refusal(check_open, case)}
    return render(request, "referrals/add_person.html", context)
