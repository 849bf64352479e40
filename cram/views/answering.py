"""The questions of an assessment, section by section or all on one page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cases.models import Case
from cases.reading import case_page
from cram import actions
from cram.answering import EVERYTHING, Answers
from cram.assessing_forms import LevelForm
from cram.models import Assessment
from cram.queries import Section, being_written
from cram.reading import on_page
from cram.views.written import not_taken, written
from deadlines import clock
from pages.acting import attempt, open_on
from pages.words import time_of_day
from team.acting import SignedIn
from team.history import ChangedMeanwhile, version_of
from team.permissions import Permission, require

# The script saves as one types; and when the page is left while it saves, what is on its way comes along once more.
BY_ITSELF = "X-CAIT-Saves-By-Itself"
MEANWHILE = "meanwhile"
GONE = "what you typed about somebody who is not on the record any more is not saved"

Typed = tuple[Answers, LevelForm | None]


@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def answer(request: SignedIn, case: Case, section: str) -> HttpResponse:
    """Answer the questions of one section, or all of them; on the page with all of them also the level."""
    require(request.user, Permission.ASSESS_RISK, team=case.team)
    assessment = written(request, case)
    if isinstance(assessment, HttpResponse):
        return assessment
    whole = section == EVERYTHING
    here = reverse("cram:answer", args=[case.number, section])
    context = on_page(case, assessment, here=here)
    chosen = [each for each in context["sections"] if whole or each.about.key == section]
    if not chosen and request.method == "POST":
        return not_taken(request, case, off=True)
    if not chosen:
        raise Http404
    typed = request.POST if request.method == "POST" else None
    answers = Answers(case, chosen, typed)
    level = _level_form(typed, assessment, context["against"]) if whole else None
    if request.method == "POST":
        if request.headers.get(BY_ITSELF):
            if MEANWHILE in request.POST:
                before = QueryDict(request.POST[MEANWHILE])
                earlier = _level_form(before, assessment, context["against"]) if whole else None
                assessment = _after(request, assessment, (answers, level), (Answers(case, chosen, before), earlier))
            return _save_by_itself(request, assessment, answers, level)
        if request.POST.get("do") == "same":
            answers.as_last_time()
        if _saved(request, assessment, answers, level):
            return _go_on(request, case, assessment, context["sections"], chosen, whole=whole)
        context = on_page(case, being_written(case) or assessment, here=here)
        if level is not None:
            level.shows(context["against"])
    context |= {
        "answers": answers,
        "chosen": chosen,
        "whole": whole,
        "following": _following(context["sections"], chosen),
        "level_form": level,
        "mistakes": answers.mistakes(),
    }
    return render(request, "cram/answer.html", context)


def _level_form(typed: QueryDict | None, assessment: Assessment, against: list[str]) -> LevelForm:
    initial = {
        "level": assessment.level,
        "rationale": assessment.rationale,
        "challenge_answer": assessment.challenge_answer,
        "version": version_of(assessment),
    }
    return LevelForm(typed, against=against, initial=initial)


def _after(request: SignedIn, assessment: Assessment, typed: Typed, before: Typed) -> Assessment:
    """What was on its way is saved first, if it has not arrived yet, and what was typed since goes on from it. The
    assessment as it is then."""
    answers, level = typed
    _answers_saved(request, assessment, before[0])
    answers.go_on_from(before[0])
    level_saved = before[1] is not None and _level_saved(request, assessment, before[1])
    now = being_written(assessment.case) or assessment
    if level is not None and level_saved:
        open_on(level, version=version_of(now))
    return now


def _saved(request: SignedIn, assessment: Assessment, answers: Answers, level: LevelForm | None) -> bool:
    """Save what was typed and can be; what somebody else changed meanwhile stands beside it, and the page is shown
    again."""
    done = _answers_saved(request, assessment, answers)
    return (level is None or _level_saved(request, assessment, level)) and done


def _answers_saved(request: SignedIn, assessment: Assessment, answers: Answers) -> bool:
    """Whether everything that was answered is saved."""
    try:
        saved = actions.save_answers(assessment, answers=answers.typed(), by=request.user)
    except ValidationError as refused:
        answers.refused += refused.messages
        return False
    answers.stand_beside(saved.theirs, assessment)
    return answers.is_valid() and not saved.theirs


def _level_saved(request: SignedIn, assessment: Assessment, level: LevelForm) -> bool:
    """Whether level and rationale are as they were typed."""
    if not level.is_valid():
        return False
    typed = {
        name: level.cleaned_data[name] for name in ("level", "rationale", "challenge_answer") if name in level.fields
    }
    if all(said == getattr(assessment, name) for name, said in typed.items()):
        return True
    outcome = attempt(level, actions.set_level, assessment, by=request.user)
    if isinstance(outcome.refused, ChangedMeanwhile) and (now := being_written(assessment.case)):
        open_on(level, version=version_of(now))
    return outcome.done


def _save_by_itself(
    request: SignedIn, assessment: Assessment, answers: Answers, level: LevelForm | None
) -> JsonResponse:
    """What the script asks for: what was saved, with the versions from which it goes on, and what others changed."""
    _answers_saved(request, assessment, answers)
    # What was typed stands in the form still, and this is said after every save: in one sentence, without the text.
    left = [*answers.refused, *([GONE] if answers.gone else [])]
    told: dict[str, Any] = {}
    if level is not None:
        if _level_saved(request, assessment, level):
            now = being_written(assessment.case)
            told["version"] = version_of(now) if now else 0
        else:
            why = " ".join(str(each) for wrong in level.errors.values() for each in wrong)
            left.append(f"the level is not saved yet: {why}")
    return JsonResponse(
        {
            **told,
            "versions": {
                row.name: row.version for row in answers if not row.theirs and not row.is_fresh and not row.wrong
            },
            "fresh": {
                row.name: {"said": row.said, "note": row.note, "source": row.source, "version": row.version}
                for row in answers
                if row.is_fresh
            },
            "theirs": {
                row.name: f"{row.theirs.answered_by} answered meanwhile: {row.theirs.get_said_display()}. "
                f"{row.theirs.note}".strip()
                for row in answers
                if row.theirs
            },
            "wrong": {row.name: " ".join(row.wrong) for row in answers if row.wrong},
            "left": " ".join(left),
            "kept": not answers.refused,
            "saved": "Not saved" if answers.refused else f"Saved at {time_of_day(clock.moment())}",
        }
    )


def _following(sections: list[Section], chosen: list[Section]) -> Section | None:
    if len(chosen) != 1:
        return None
    keys = [each.about.key for each in sections]
    place = keys.index(chosen[0].about.key) + 1
    return sections[place] if place < len(sections) else None


def _go_on(
    request: SignedIn,
    case: Case,
    assessment: Assessment,
    sections: list[Section],
    chosen: list[Section],
    *,
    whole: bool,
) -> HttpResponse:
    do: Any = request.POST.get("do")
    if do == "same":
        messages.success(request, "Answered as last time. Read it through, and change what is no longer so.")
        return redirect("cram:answer", case.number, EVERYTHING if whole else chosen[0].about.key)
    if do == "leave":
        messages.success(request, "What you answered is saved. Go on with it when you like.")
        return redirect("cram:assess", case.number)
    if whole:
        return redirect("cram:send" if do == "send" else "cram:assess", case.number)
    following = _following(sections, chosen)
    if following is None:
        return redirect("cram:level", case.number)
    return redirect("cram:answer", case.number, following.about.key)
