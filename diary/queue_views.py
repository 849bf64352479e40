"""The queue: what is due, what is late first; and giving several duties to somebody at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from audit.recording import record_access
from deadlines import clock
from diary import forms, giving, queries
from diary.models import Duty
from diary.pairs import pairs_among
from diary.queries import Counts, QueueRow
from diary.whys import explained, with_told
from pages.paging import page_of
from pages.words import count
from team.acting import SignedIn, acting_team
from team.models import Team, User
from team.permissions import Permission, may, reaches_several_teams, require, teams_held

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
# So much of an address is kept while somebody gives duties away, to lead back to it.
LONGEST_WAY_BACK = 2000
NOTHING_TICKED = "Select the duties that you want to give"


@require_safe
def queues(request: SignedIn) -> HttpResponse:
    """What is due, for me and for my team: what is late first, then in the order in which it runs out."""
    return _queue(request, request.GET)


def _queue(
    request: SignedIn, address: QueryDict, typed: QueryDict | None = None, *, nothing_ticked: bool = False
) -> HttpResponse:
    """The queue as an address asks for it, with what was selected and typed to give away."""
    user = request.user
    require(user, Permission.SEE_RECORDS, team=None)
    team = acting_team(request)
    form = forms.QueueFilterForm.of(address, user=user, my_team=team)
    valid = form.is_valid()
    asked: dict[str, Any] = {**form.cleaned_data, "my_team": team} if valid else {}
    why = _pk(address.get("why", ""))
    # A wrong filter shows nothing, and counts nothing either.
    visible = Duty.objects.visible_to(user) if valid else Duty.objects.none()
    to_show = queries.rows_of_queue().visible_to(user) if valid else queries.rows_of_queue().none()
    with transaction.atomic():
        detail = {"filters": sorted(name for name, value in asked.items() if value and name != "my_team")}
        now = record_access(Duty, by=user, team_id=team.pk if team else None, detail=detail).at
        rows = queries.narrowed(to_show, user=user, now=now, **asked)
        rows = with_told(rows, why) if why else rows.only(*queries.IN_A_ROW)
        page = page_of(rows, key="late_from", descending=False, cursor=address.get("after", ""))
        held = teams_held(user, Permission.HOLD_CHASES)
        counts, trouble, apart, withheld = queries.counts_and_trouble(visible, held, user=user, now=now, **asked)
    lines = queries.queue_rows(page.rows, user=user, today=clock.london_date(now))
    _say_what_one_review_answers(lines)
    gives = teams_held(user, Permission.GIVE_DUTIES) or ()  # nobody of the command gives any
    several = reaches_several_teams(user, Permission.SEE_RECORDS)
    duties = [line.shown.duty for line in lines]
    opened = next((duty for duty in duties if duty.pk == why), None)
    of_giver = [duty for duty in duties if duty.team_id in gives]
    home = reverse("diary:queues")
    here = "" if request.path == home else home
    context = {
        "form": form,
        "here": here,
        "tags": _tags(address, form, here),
        "filtered": bool(form.errors) or bool(detail["filters"]),
        "groups": groups_of(lines, counts, now),
        "counts": counts,
        "dues": _dues(form, counts),
        "now": now,
        "why": opened.pk if opened else 0,
        "several_teams": several,
        "give": forms.GiveForm(initial=typed.dict() if typed else None, people=form.people, duties=of_giver)
        if gives
        else None,
        "giver_of": gives,
        "ticked": giving.picked(typed.getlist("duty") if typed else ()),
        # Beside the boxes and at the top, with a link to the first of them.
        "nothing_ticked": [(NOTHING_TICKED, f"pick-{of_giver[0].pk}" if of_giver else "")] if nothing_ticked else [],
        "columns": 6 + several + bool(gives),
        # Where they are not what is shown.
        "apart": [each for each in apart if each.kind.code not in asked.get("kind", ())],
        "of_team": _of_team(address),
        "withheld": withheld,
        "trouble": trouble,
        "may_approve": may(user, Permission.APPROVE_ADDRESSES, team=None),
        "links": {by: f"{here}?{_without(address, 'after', 'why', by=by)}" for by in ("late", "today", "week")},
        "asked": _without(address, "why"),
        **{name: f"{here}{url}" if url else "" for name, url in page.links(address).items()},
    }
    context["rows"] = _rows(context, opened, now)
    return render(request, "diary/queues.html", context)


def _of_team(address: QueryDict) -> str:
    """What the address asks of teams, for the lists of their own: they are counted so."""
    if team := address.get("team"):
        return f"&{urlencode({'team': team})}"
    return "&whose=my_team" if address.get("whose") == "my_team" else ""


def _rows(context: dict[str, Any], opened: Duty | None, now: datetime) -> SafeString:
    """The rows of the table, and among them why one date is that date. By Jinja2: fifty rows are most of the page."""
    why = {"duty": opened, "explained": explained(opened, now=now)} if opened else None
    addresses = {"give_address": reverse("diary:give_duties"), "queue_address": reverse("diary:queues")}
    why_row = render_to_string("diary/_queue_why.html", why) if why else ""
    rows = render_to_string("diary/_queue_rows.jinja", {**context, **addresses, "why_row": why_row}, using="rows")
    return mark_safe(rows)  # noqa: S308 - it has escaped everything itself


def _say_what_one_review_answers(lines: list[QueueRow]) -> None:
    """Of reviews on the page that are offered together with another of their record (HMIC 2010, AFI 4)."""
    pairs = pairs_among(line.shown.duty for line in lines)
    by = {duty.pk: pair.by for pair in pairs.values() for duty in (pair.first, pair.second)}
    for line in lines:
        line.one_review_by = by.get(line.shown.duty.pk)


def _pk(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else 0


class Group(NamedTuple):
    """Rows of a page under one heading, and how many there are in the whole list; None where that is not known."""

    name: str
    number: int | None
    rows: list[QueueRow]


def groups_of(lines: list[QueueRow], counts: Counts, now: datetime) -> list[Group]:
    """The rows of a page under what is late, due today, within a week, later: they come in that order already."""
    upto = {by: queries.until(by, now) for by in ("late", "today", "week")}
    sums = {"late": counts.late, "today": counts.today, "week": counts.week, "later": counts.all}
    names = {"late": "Late", "today": "Due today", "week": "Due within a week", "later": "Due later"}
    found: dict[str, list[QueueRow]] = {by: [] for by in names}
    for line in lines:
        late_from = line.shown.duty.late_from
        found[next((by for by, end in upto.items() if late_from <= end), "later")].append(line)
    groups, before = [], 0
    for by, rows in found.items():
        # Where counting stopped, what is left of it is no number of anything.
        known = sums[by] <= queries.MOST_COUNTED
        number = sums[by] - before if known else queries.MOST_COUNTED + 1 if not before else None
        before = sums[by]
        if rows:
            groups.append(Group(names[by], number, rows))
    return groups


class Choice(NamedTuple):
    value: str
    label: str
    number: int
    chosen: bool


def _dues(form: forms.QueueFilterForm, counts: Counts) -> list[Choice]:
    """By when something is due, as one chooses it: with how many each choice shows."""
    numbers = {"": counts.all, "late": counts.late, "today": counts.today, "week": counts.week}
    field: Any = form.fields["by"]
    now = form["by"].value() or ""
    return [Choice(value, label, numbers[value], value == now) for value, label in field.choices]


class Tag(NamedTuple):
    words: str
    url: str


def _tags(address: QueryDict, form: forms.QueueFilterForm, here: str) -> list[Tag]:
    """Each thing that was chosen, with the address of the list without it."""
    tags = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name) if name in form.cleaned_data else None
        if not value:
            continue
        labels = {str(code): str(label) for code, label in field.choices}  # type: ignore[attr-defined]
        if isinstance(value, list):
            tags += [Tag(labels[each], f"{here}?{_but_for(address, name, each)}") for each in dict.fromkeys(value)]
            continue
        said = value.code if isinstance(value, Team) else str(value)
        label = f"{field.label}: {labels[said].lower()}" if name == "level" else labels[said]
        tags.append(Tag(label, f"{here}?{_without(address, 'after', 'why', name)}"))
    return tags


def _without(address: QueryDict, *names: str, **new: str) -> str:
    """The query of the address without some names, and with others."""
    asked = address.copy()
    for name in names:
        asked.pop(name, None)
    for name, value in new.items():
        asked[name] = value
    return asked.urlencode()


def _but_for(address: QueryDict, name: str, value: str) -> str:
    """The query of the address without one of the values of a name."""
    asked = address.copy()
    asked.setlist(name, [each for each in asked.getlist(name) if each != value])
    for gone in ("after", "why"):
        asked.pop(gone, None)
    return asked.urlencode()


# --- giving several to somebody ------------------------------------------------------------------


@get_or_post
def give(request: SignedIn) -> HttpResponse:
    """Say what will follow when some duties are given to somebody; then, when that was read, do it."""
    user = request.user
    require(user, Permission.GIVE_DUTIES, team=None)
    sent = request.POST if request.method == "POST" else request.GET
    # For another person what the one before could not do is asked about again.
    names = ["duty", "other"] if "again" in sent else ["duty"]
    which = giving.picked(value for name in names for value in sent.getlist(name))
    others = giving.picked(sent.getlist("other"))
    too_many = len(which) > giving.MOST_GIVEN
    people = giving.colleagues(teams_held(user, Permission.GIVE_DUTIES) or ())
    form = forms.GiveForm(initial=sent.dict(), people=people)
    chosen = "" if "again" in sent else form.chosen
    sure = "sure" in sent and bool(chosen)
    # Who has not read yet what will follow has made no mistake either, but for not saying to whom.
    if request.method == "POST" and (sure or not (chosen or "again" in sent)):
        form = forms.GiveForm(sent, people=people)
    address = QueryDict(sent.get("back", "")[:LONGEST_WAY_BACK], mutable=True)
    back = f"{reverse('diary:queues')}?{address.urlencode()}".rstrip("?")
    if "open" in request.POST:  # "Why?", which must not lose what was selected and typed
        address["why"] = request.POST["open"]
        return _queue(request, address, sent)
    refused: list[str] = []
    with transaction.atomic():
        now = clock.now()
        today = clock.london_date(now)

        def planned() -> giving.Plan:
            to = form.person
            found = giving.plan({} if too_many else which, to, chosen=bool(chosen), user=user, today=today)
            form.offer_for([row.shown.duty for row in found.going + found.for_another])
            return found

        plan = planned()
        nothing = not (plan.going or plan.staying or too_many)
        if nothing and request.method == "POST":
            return _queue(request, address, sent, nothing_ticked=True)
        # What was sent is what was read: where one of them cannot go any more, nothing goes before that is read too.
        if sure and form.is_valid() and plan.going and len(plan.going) == len(which):
            duties = [row.shown.duty for row in plan.going]
            try:
                giving.give_all(duties, to=form.person, why=form.cleaned_data["why"], seen=which, by=user)
            except giving.NotGiven as wrong:
                refused = [
                    f"{giving.said(row)}: {' '.join(wrong.refused[row.shown.duty.pk].messages)}"
                    for row in plan.going
                    if row.shown.duty.pk in wrong.refused
                ]
                plan = planned()
            else:
                messages.success(request, _given(len(duties), form.person))
                return HttpResponseRedirect(back)
        records = sorted({row.shown.duty.case_id for row in plan.going + [each.row for each in plan.staying]})
        team = acting_team(request)
        detail = {"page": "diary:give_duties", "records": records}
        record_access(Duty, by=user, team_id=team.pk if team else None, detail=detail)
    context = {
        "form": form,
        "plan": plan,
        "chosen": chosen,
        "person": form.person if chosen else None,
        # Who can do none of them is chosen again on this page.
        "asks": not (chosen and plan.going),
        "carried": _carried(plan, which, others),
        "most": giving.MOST_GIVEN,
        "too_many": too_many,
        "nothing_yet": sure and form.is_valid(),
        # Where it was sent, what happened is said once, by what was refused.
        "meanwhile": refused or plan.meanwhile,
        "back": sent.get("back", "")[:LONGEST_WAY_BACK],
        "back_url": back,
        "now": now,
        "several_teams": reaches_several_teams(user, Permission.GIVE_DUTIES),
    }
    return render(request, "diary/give_duties.html", context)


def _carried(plan: giving.Plan, which: dict[int, int | None], others: dict[int, int | None]) -> dict[str, list[str]]:
    """What the form sends on, as it stands now: the duties that go, and those to be asked about for somebody else."""
    going = [giving.as_picked(row.shown.duty) for row in plan.going]
    stays = [giving.as_picked(row.shown.duty) for row in plan.for_another]
    stays += [f"{pk}-{owner or 0}" for pk, owner in others.items() if pk not in which]
    return {"duty": going, "other": stays} if going else {"duty": stays}


def _given(number: int, to: User | None) -> str:
    whom = f"to {to}" if to else "back to whoever holds the role"
    given = f"{count(number, 'duty is', 'duties are')} given {whom}."
    return f"{given} {'Its date stays as it is' if number == 1 else 'Their dates stay as they are'}."
