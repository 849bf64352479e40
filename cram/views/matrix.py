"""The versions of the matrix: read by everybody who works with it, drafted and published by the command."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cram import actions, matrix_forms, matrix_policies
from cram.enums import VersionState
from cram.matrix import (
    compare,
    groups_of,
    newest_published,
    next_number,
    next_place,
    published_category,
    seen,
    the_draft,
    versions,
)
from cram.models import Factor, Version
from cram.queries import matrix_in_force
from deadlines import clock
from pages.acting import attempt, open_on, refusal
from pages.words import day
from team.acting import SignedIn
from team.history import ChangedMeanwhile, version_of
from team.permissions import Permission, may, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def matrix(request: SignedIn) -> HttpResponse:
    """Every version: which is in force, which is to come, and the draft."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    rows = list(versions())
    context = {
        "rows": rows,
        "in_force": matrix_in_force(),
        "draft": next((row for row in rows if row.state == VersionState.DRAFT), None),
        "today": clock.today(),
        "may_change": may(request.user, Permission.CHANGE_MATRIX, team=None),
    }
    return render(request, "cram/matrix.html", context)


@require_safe
def matrix_version(request: SignedIn, number: str) -> HttpResponse:
    """One version with all its factors: what each means, and on what it rests."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    version = _version(number)
    groups = groups_of(version)
    context = {
        **_about(request, version),
        "groups": groups,
        "factors": sum(len(group.factors) for group in groups),
        "in_force": matrix_in_force(),
    }
    return render(request, "cram/matrix_version.html", context)


@require_safe
def compare_matrix(request: SignedIn, number: str) -> HttpResponse:
    """A version beside the one it was drafted from: what is added, taken out and changed."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    version = _version(number)
    return render(request, "cram/compare_matrix.html", {**_about(request, version), "comparison": compare(version)})


@get_or_post
def draft_matrix(request: SignedIn) -> HttpResponse:
    """Begin the version that follows."""
    require(request.user, Permission.CHANGE_MATRIX, team=None)
    before = newest_published()
    initial = {"number": next_number(before), "about": before.about} if before else {}
    form = matrix_forms.DraftMatrixForm(request.POST or None, initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.draft_matrix, by=request.user)
        if outcome.done:
            draft = outcome.get()
            messages.success(request, f"Version {draft.number} is drafted. Change what it asks, then publish it.")
            return redirect("cram:matrix_version", draft.number)
    context: dict[str, Any] = {"form": form, "before": before, "draft": the_draft()}
    context["in_the_way"] = refusal(matrix_policies.check_can_draft)
    return render(request, "cram/draft_matrix.html", context)


@get_or_post
def add_factor(request: SignedIn, number: str) -> HttpResponse:
    """Add a factor to a draft."""
    draft = _to_change(request, number)
    form = matrix_forms.AddFactorForm(request.POST or None, initial={"place": next_place(draft), "definite": "yes"})
    if request.method == "POST":
        outcome = attempt(form, actions.add_factor, draft, by=request.user)
        if outcome.done:
            return _done(request, draft, f"“{outcome.get().name}” is added to version {draft.number}.")
    return render(request, "cram/add_factor.html", {**_drafted(request, draft), "form": form})


@get_or_post
def change_factor(request: SignedIn, number: str, code: str) -> HttpResponse:
    """Change what a factor of a draft says."""
    draft = _to_change(request, number)
    factor = get_object_or_404(Factor, version=draft, code=code)
    fields = ("category", "name", "question", "definition", "evidence", "source", "place")
    initial = {name: getattr(factor, name) for name in fields}
    initial |= {"definite": "yes" if factor.definite else "no", "version": _version_of(draft, factor)}
    form = matrix_forms.ChangeFactorForm(
        request.POST or None, initial=initial, category_stays=published_category(code) is not None
    )
    if request.method == "POST":
        outcome = attempt(form, actions.change_factor, draft, code=code, by=request.user)
        if outcome.done:
            return _done(request, draft, f"“{outcome.get().name}” is changed in version {draft.number}.")
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=_version_of(draft, Factor.objects.get(pk=factor.pk)))
    return render(request, "cram/change_factor.html", {**_drafted(request, draft), "form": form, "factor": factor})


@get_or_post
def take_factor_out(request: SignedIn, number: str, code: str) -> HttpResponse:
    """Take a factor out of a draft."""
    draft = _to_change(request, number)
    factor = get_object_or_404(Factor, version=draft, code=code)
    form = matrix_forms.TakeFactorOutForm(request.POST or None, initial={"version": _version_of(draft, factor)})
    if request.method == "POST":
        outcome = attempt(form, actions.take_factor_out, draft, code=code, by=request.user)
        if outcome.done:
            return _done(request, draft, f"“{factor.name}” is taken out of version {draft.number}.")
        if isinstance(outcome.refused, ChangedMeanwhile):
            factor = get_object_or_404(Factor, version=draft, code=code)
            open_on(form, version=_version_of(draft, factor))
    return render(request, "cram/take_factor_out.html", {**_drafted(request, draft), "form": form, "factor": factor})


@get_or_post
def publish_matrix(request: SignedIn, number: str) -> HttpResponse:
    """Publish a draft from a day on, once more with everything that is new in it."""
    draft = _to_change(request, number)
    form = matrix_forms.PublishMatrixForm(request.POST or None, initial={"seen": seen(draft)})
    if request.method == "POST":
        outcome = attempt(form, actions.publish_matrix, draft, by=request.user)
        if outcome.done:
            on = day(form.cleaned_data["from_on"])
            messages.success(
                request, f"Version {draft.number} is published: assessments are begun on it from {on}. None changes."
            )
            return redirect("cram:matrix")
        if isinstance(outcome.refused, ChangedMeanwhile):
            draft = _to_change(request, number)
            open_on(form, seen=seen(draft))
    comparison = compare(draft)
    context = {**_drafted(request, draft), "form": form, "comparison": comparison, "in_force": matrix_in_force()}
    context["in_the_way"] = context["in_the_way"] or refusal(
        matrix_policies.check_publish, draft, comparison=comparison
    )
    return render(request, "cram/publish_matrix.html", context)


@get_or_post
def discard_matrix(request: SignedIn, number: str) -> HttpResponse:
    """Throw a draft away."""
    draft = _to_change(request, number)
    form = matrix_forms.DiscardMatrixForm(request.POST or None, initial={"seen": seen(draft)})
    if request.method == "POST":
        outcome = attempt(form, actions.discard_matrix, draft, by=request.user)
        if outcome.done:
            messages.success(request, f"The draft of version {draft.number} is thrown away.")
            return redirect("cram:matrix")
        if isinstance(outcome.refused, ChangedMeanwhile):
            draft = _to_change(request, number)
            open_on(form, seen=seen(draft))
    context = {**_drafted(request, draft), "form": form, "comparison": compare(draft)}
    return render(request, "cram/discard_matrix.html", context)


def _version(number: str) -> Version:
    rows = Version.objects.select_related("drafted_by", "published_by", "based_on")
    return get_object_or_404(rows, number=number)


def _to_change(request: SignedIn, number: str) -> Version:
    """The version that somebody opens to change it; also a published one, of which the page says that it stays."""
    require(request.user, Permission.CHANGE_MATRIX, team=None)
    return _version(number)


def _version_of(draft: Version, factor: Factor) -> int:
    """What a form about a factor is opened on. Those that came with CAIT have no lines, and never change."""
    return version_of(factor) if draft.state == VersionState.DRAFT else 0


def _about(request: SignedIn, version: Version) -> dict[str, Any]:
    return {
        "version": version,
        "is_draft": version.state == VersionState.DRAFT,
        "today": clock.today(),
        "may_change": may(request.user, Permission.CHANGE_MATRIX, team=None),
    }


def _drafted(request: SignedIn, draft: Version) -> dict[str, Any]:
    return {**_about(request, draft), "in_the_way": refusal(matrix_policies.check_is_draft, draft, was=draft)}


def _done(request: SignedIn, draft: Version, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("cram:matrix_version", draft.number)
