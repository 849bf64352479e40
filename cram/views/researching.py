"""Research on police systems: what is to be searched, what was searched, and the forms for both."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from cases.enums import State
from cases.models import Case
from cases.policies import check_open
from cases.queries import heading, names_of, officers_for
from cases.reading import case_page
from cram import actions, policies, research
from cram.actions import Recorded
from cram.models import ResearchRequest
from cram.researching_forms import AskResearchForm, DropResearchForm, RecordSearchesForm
from deadlines import clock, rules
from pages.acting import attempt, refusal
from pages.paging import page_of
from pages.words import count, day
from people.models import Person
from team.acting import SignedIn
from team.enums import Role
from team.permissions import Permission, may, require

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
BACK_TO_QUEUE = '{} <a class="govuk-notification-banner__link" href="{}">Back to the queue</a>'


@require_safe
@case_page
def research_page(request: SignedIn, case: Case) -> HttpResponse:
    """What is to be searched, when each system was searched last, and every search, the newest first."""
    context = heading(case)
    people = _people(context)
    rows = research.searches_of(case).select_related("searched_by")
    page = page_of(rows, key="searched_at", descending=True, cursor=request.GET.get("after", ""))
    prefetch_related_objects(page.rows, "people")
    is_open = case.state == State.OPEN
    context |= {
        "tab": "cram",
        "to_do": research.to_do(case, on_record={person.pk for person in people}),
        "ended": research.ended(case),
        "last": research.research_of_the_last_day(case),
        "systems": research.systems_searched(case, people),
        "rows": page.rows,
        "may_ask": is_open and may(request.user, Permission.WRITE_RECORDS, team=case.team),
        "may_record": is_open and may(request.user, Permission.RECORD_RESEARCH, team=case.team),
        **page.links(request.GET),
    }
    return render(request, "cram/research.html", context)


@get_or_post
@case_page
def ask_research(request: SignedIn, case: Case) -> HttpResponse:
    """Ask the researcher to search some systems, by a day."""
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    context = heading(case)
    initial = {
        "people": [person.pk for person in _people(context)],
        "since": research.offered_since(case, _people(context)),
        "due_on": rules.RESEARCH.offered(clock.now()),
    }
    form = AskResearchForm(request.POST or None, on_record=_parts(context), initial=initial)
    if request.method == "POST":
        outcome = attempt(form, actions.ask_research, case, by=request.user)
        if outcome.done:
            due = day(outcome.get().due_on)
            where = f"It stands in the researcher’s queue, due {due}."
            if case.restricted and not _has_researcher(case):
                where = f"It is due {due}. No researcher is named on this restricted record: name one, or search."
            messages.success(request, f"The research is asked for. {where}")
            return redirect("cram:research", case.number)
    context |= {"tab": "cram", "form": form, "in_the_way": refusal(check_open, case)}
    return render(request, "cram/ask_research.html", context)


@get_or_post
@case_page
def record_searches(request: SignedIn, case: Case) -> HttpResponse:
    """Record what was searched and what it held, several systems at once; also for a request, named in the
    address."""
    require(request.user, Permission.RECORD_RESEARCH, team=case.team)
    context = heading(case)
    asked, people = _asked_for(request, case), _people(context)
    about = {person.pk for person in asked.people.all()} if asked else set()
    initial = {
        "people": [person.pk for person in people if not about or person.pk in about],
        "since": asked.since if asked else research.offered_since(case, people),
        "searched_at": clock.moment(),
    }
    form = RecordSearchesForm(
        request.POST or None, on_record=_parts(context), for_request=asked is not None, initial=initial
    )
    if request.method == "POST":
        outcome = attempt(form, actions.record_searches, case, request=asked, by=request.user)
        if outcome.done:
            said = _recorded(outcome.get())
            messages.success(request, format_html(BACK_TO_QUEUE, said, reverse("diary:queues")))
            return redirect("cram:research", case.number)
    context |= {
        "tab": "cram",
        "form": form,
        "asked": asked,
        "asked_systems": research.systems_of(asked) if asked else [],
        "asked_left": research.left_of(asked, on_record={person.pk for person in people}) if asked else [],
        "ended": refusal(policies.check_drop_research, asked) if asked else "",
        "systems": list(zip(research.systems_searched(case, people), form.systems(), strict=True)),
        "in_the_way": refusal(check_open, case),
    }
    return render(request, "cram/record_searches.html", context)


@get_or_post
@case_page
def drop_research(request: SignedIn, case: Case, pk: int) -> HttpResponse:
    """Say why research that was asked for is not needed any more."""
    require(request.user, Permission.WRITE_RECORDS, team=case.team)
    rows = ResearchRequest.objects.filter(case=case).select_related("asked_by", "ended_by")
    asked = get_object_or_404(rows.prefetch_related("people"), pk=pk)
    form = DropResearchForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.drop_research, asked, by=request.user).done:
        messages.success(request, "It is recorded that this research is not needed.")
        return redirect("cram:research", case.number)
    context = {
        **heading(case),
        "tab": "cram",
        "form": form,
        "asked": asked,
        "asked_systems": research.systems_of(asked),
        "in_the_way": refusal(check_open, case) or refusal(policies.check_drop_research, asked),
    }
    return render(request, "cram/drop_research.html", context)


def _has_researcher(case: Case) -> bool:
    """Whether there is a queue of a researcher in which what is asked for stands."""
    return any(held.role == Role.RESEARCHER for each in officers_for(case) for held in each.here)  # type: ignore[attr-defined]


def _parts(context: dict[str, Any]) -> list[Any]:
    return [each.part for each in context["people"]]


def _people(context: dict[str, Any]) -> list[Person]:
    """Everybody on the record, each once, whatever their parts."""
    return list(dict.fromkeys(each.person for each in context["people"]))


def _asked_for(request: SignedIn, case: Case) -> ResearchRequest | None:
    """The request that the form was opened for; also one that has ended meanwhile."""
    pk = request.GET.get("for", "")
    if not pk:
        return None
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        raise Http404
    rows = ResearchRequest.objects.filter(case=case).select_related("asked_by", "ended_by")
    return get_object_or_404(rows.prefetch_related("people"), pk=int(pk))


def _recorded(recorded: Recorded) -> str:
    """What was recorded, and what is still to do of what was asked for."""
    said = [f"{count(len(recorded.searches), 'search is', 'searches are')} recorded."]
    if recorded.done:
        said.append(f"With that {count(len(recorded.done), 'request is', 'requests are')} done.")
    if recorded.left:
        left = dict.fromkeys(system.short for each in recorded.left for system in each.left)
        said.append(f"Still to search for what was asked: {names_of(left)}.")
    return " ".join(said)
