"""What is due, in one's own calendar: a private address that a calendar program reads.

It carries what is to be done and the number of the record, never a name or a word about a child: whoever has the
address can read it. Source: CAIT default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from icalendar import Calendar as ICalendar
from icalendar import Event as ICalendarEvent

from audit.events import Look
from audit.recording import record_access
from deadlines import clock
from diary import queries
from diary.models import Duty
from pages.addresses import record_address
from team.acting import SignedIn
from team.actions import end_calendar_address, make_calendar_address
from team.models import User
from team.permissions import Permission, require
from team.queries import calendar_address_of, calendar_read_with

# Of each kind; nobody reads more of them in a calendar.
MOST_EVENTS = 500
# What is due at a moment takes a little room in the day, so that it can be seen and clicked.
SHOWN_FOR = timedelta(minutes=15)
ASKED_AGAIN = timedelta(hours=1)


# --- what stands in it ---------------------------------------------------------------------------


@dataclass(frozen=True)
class CalendarEvent:
    """One thing that is due: on a day or, on a clock of hours, at a moment in UTC.

    `uid` stays the same for as long as it is due, so that a program knows it again. `title`: never a name. `view`:
    the page of the record on which it is seen. `ends_at`: of a meeting, for which whoever goes there is busy.
    """

    uid: str
    title: str
    record: str
    due: date | datetime
    changed_at: datetime
    late: bool = False
    view: str = "workbench:case"
    ends_at: datetime | None = None


Events = Callable[[User, datetime], Iterable[CalendarEvent]]
_EVENTS: dict[str, Events] = {}


def register_events(name: str, events: Events) -> None:
    """Put more into everybody's calendar: what `events` finds for somebody at a moment, of what they may see then.

    Called by a room in its AppConfig.ready(). Raises ValueError where two are called the same.
    """
    if _EVENTS.setdefault(name, events) != events:
        raise ValueError(f"Two kinds of events are called {name}.")


def my_duties(user: User, now: datetime) -> Iterator[CalendarEvent]:
    """Somebody's open duties, what is late first. Not those that an old log brought: they have been late for years,
    and there may be tens of thousands."""
    rows = queries.narrowed(Duty.objects.visible_to(user), user=user, now=now, whose="mine", began="cait")
    for duty in rows.select_related("case").order_by("late_from", "id")[:MOST_EVENTS]:
        late = duty.late_from <= now
        yield CalendarEvent(
            uid=f"duty-{duty.pk}",
            title=queries.as_shown(duty).label,
            record=duty.case.number,
            due=duty.due_at or duty.due_on,
            # Its date never changes, but its title does when it is late.
            changed_at=max(duty.raised_at, duty.late_from) if late else duty.raised_at,
            late=late,
        )


# --- as a calendar program reads it (RFC 5545) ---------------------------------------------------


def written(events: Iterable[CalendarEvent], *, now: datetime, site: str) -> bytes:
    """A calendar of the events. `site`: the address of CAIT itself, without a path."""
    host = settings.MAIL_FROM.rpartition("@")[2]
    calendar = ICalendar()
    calendar.add("prodid", "-//CAIT//Duties//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "CAIT duties")
    # How often to ask again: Outlook reads the second.
    calendar.add("refresh-interval", ASKED_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for event in events:
        calendar.add_component(_event(event, now=now, site=site, host=host))
    content: bytes = calendar.to_ical()
    return content


def _event(event: CalendarEvent, *, now: datetime, site: str, host: str) -> ICalendarEvent:
    shown = ICalendarEvent()
    shown.add("uid", f"{event.uid}@{host}")
    shown.add("dtstamp", clock.utc(now))
    if isinstance(event.due, datetime):
        shown.add("dtstart", clock.utc(event.due))
        shown.add("dtend", clock.utc(event.ends_at or event.due + SHOWN_FOR))
    else:
        shown.add("dtstart", event.due)  # without an end it takes the whole of its day
    shown.add("summary", f"{'Late: ' if event.late else ''}{event.title}: {event.record}")
    shown.add("url", f"{site}{record_address(event.view, event.record)}")
    shown.add("last-modified", clock.utc(event.changed_at))
    # Whoever has something due is not busy all day, and it is nobody else's business.
    shown.add("transp", "OPAQUE" if event.ends_at else "TRANSPARENT")
    shown.add("class", "PRIVATE")
    return shown


# --- pages ---------------------------------------------------------------------------------------


@login_not_required
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What a calendar program reads: it signs in nowhere, so the secret in the address says whose calendar it is.

    One and the same 404 for an address that never was, has ended or may not be read today. Each reading is a look.
    """
    with transaction.atomic():
        address = calendar_read_with(secret)
        if address is None:
            raise Http404
        user = address.user
        detail = {"calendar_address": address.pk}
        team = user.roles_today[0].team_id  # as for whoever has chosen no team
        now = record_access(Duty, by=user, how=Look.CALENDAR, team_id=team, detail=detail).at
        events = [event for found in _EVENTS.values() for event in found(user, now)]
    answer = HttpResponse(
        written(events, now=now, site=f"{request.scheme}://{request.get_host()}"),
        content_type="text/calendar; charset=utf-8",
    )
    answer["Cache-Control"] = "private, no-store"
    # Opened in a browser it is kept under this name, not under one with the secret in it.
    answer["Content-Disposition"] = 'attachment; filename="cait-duties.ics"'
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: SignedIn) -> HttpResponse:
    """Make a private address, or another in its place. It stands on the page that answers, once, and nowhere else."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    made, address = "", calendar_address_of(request.user)
    in_place_of_another = address is not None
    if request.method == "POST":
        secret = make_calendar_address(by=request.user)
        made = request.build_absolute_uri(reverse("calendar_feed", args=[secret]))
        address = calendar_address_of(request.user)
    context = {"made": made, "in_place_of_another": in_place_of_another, "address": address, "most": MOST_EVENTS}
    return render(request, "diary/calendar.html", context)


def end_calendar(request: SignedIn) -> HttpResponse:
    """Nobody can read it any more."""
    require(request.user, Permission.SEE_RECORDS, team=None)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        end_calendar_address(by=request.user)
        messages.success(request, "The address of your calendar has ended. Nobody can read it any more.")
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("diary:calendar")
