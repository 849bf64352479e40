"""What became of the duties of a record: done or not, by whom, how late, and who was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.models import Case
from cases.queries import heading
from cases.reading import case_page
from diary.models import Duty, Notice, NoticeKind
from diary.queries import as_shown, ended_of
from diary.whys import whoever
from pages.paging import page_of
from pages.words import days_away
from team.acting import SignedIn


@dataclass(frozen=True)
class Ended:
    """A duty that has ended. `late`: how late it was then, in words; empty where it was in time."""

    duty: Duty
    label: str
    when: date | datetime
    late: str
    # Each who was told that it was late, and when.
    told: list[tuple[str, datetime]]


@require_safe
@case_page
def ended(request: SignedIn, case: Case) -> HttpResponse:
    """The duties of a record that have ended, what ended last first."""
    late = Notice.objects.filter(kind=NoticeKind.LATE).select_related("to_person").order_by("number")
    rows = ended_of(case).select_related("ended_by", "owner").prefetch_related(Prefetch("notices", late))
    page = page_of(rows, key="over_at", descending=True, cursor=request.GET.get("after", ""))
    context = {
        **heading(case),
        "tab": "overview",
        "ended": [_said(duty) for duty in page.rows],
        **page.links(request.GET),
    }
    return render(request, "diary/ended.html", context)


def _said(duty: Duty) -> Ended:
    shown = as_shown(duty)
    return Ended(
        duty,
        shown.label,
        shown.when,
        days_away(shown.when, duty.ended_at) if duty.ended_at and duty.late_by else "",
        [(str(each.to_person or whoever(each.to_role)), each.raised_at) for each in duty.notices.all()],
    )
