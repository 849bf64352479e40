"""The police report is begun, taken from the record, written; and it is said who gets it and who reads what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from audit.events import Event
from audit.recording import record
from cases.models import Entry
from cases.steps import locked
from conferences import report_policies as policies
from conferences.assembling import Drawn, draw, look_at_others, of_other_records
from conferences.enums import RecipientKind, ReportState, Section, Sharing, StepKind
from conferences.models import Conference, Item, KeptFrom, Recipient, Report
from conferences.queries import cram_for, steps_done
from conferences.report_queries import (
    FROM_CRAM,
    FROM_ENTRY,
    FROM_HOME,
    closed_off,
    drawn_keys,
    home_now,
    in_order,
    items_of,
    kept_state,
    newest,
    recipients_of,
    taken_off,
)
from conferences.steps import undo_steps
from deadlines import clock
from people.models import Person
from team.history import add_many, check_unchanged, delete_as, keep_lines, new_ids, save_as, version_of
from team.models import User
from team.permissions import Permission

# Places of items are so far apart that something can be put between two of them.
APART = 1000


def start_report(conference: Conference, *, by: User) -> Report:
    """Begin the police report to a conference; or its next version, as a copy of the last. One that was endorsed and
    not sent is overtaken by it. Raises ValidationError; ChangedMeanwhile where one is under way."""
    with transaction.atomic():
        conference = _conference(conference, by)
        last = newest(conference)
        policies.check_start(conference, last)
        if last is not None and last.state == ReportState.ENDORSED:
            last.state = ReportState.OVERTAKEN
            save_as(last, by)
            if StepKind.REPORT not in steps_done(conference):
                undo_steps(conference, [StepKind.ENDORSEMENT], by=by)
        report = Report(
            conference=conference,
            number=(last.number if last else 0) + 1,
            started_at=clock.moment(),
            started_by=by,
        )
        save_as(report, by)
        if last is not None:
            _copy_items(last, report, by)
        _record(Event.REPORT_STARTED, report, by)
        return report


def _copy_items(last: Report, report: Report, by: User) -> None:
    """Not what was taken from a record that is with another team by now (ADR 30), or is restricted (ADR 34)."""
    every = list(Item.objects.filter(report=last).order_by("pk"))
    left = closed_off(last, every).items
    items = [each for each in every if each.pk not in left]
    ids = new_ids(Item, len(items))
    of = {item.pk: pk for item, pk in zip(items, ids, strict=True)}
    add_many(
        Item,
        ITEM_COLUMNS,
        [
            (
                *(of[each.pk], report.pk, each.section, each.place, each.text, each.source, each.happened_on),
                *(each.about_id, each.sharing, each.why, each.drawn_from, each.left_out),
            )
            for each in items
        ],
    )
    keep_lines(Item, ids, by)
    # Also from whoever was taken off: they may get the report again.
    kept = list(KeptFrom.objects.filter(item__in=items).order_by("pk"))
    kept_ids = new_ids(KeptFrom, len(kept))
    rows = [(pk, of[each.item_id], each.recipient_id, each.why) for pk, each in zip(kept_ids, kept, strict=True)]
    add_many(KeptFrom, ("id", "item_id", "recipient_id", "why"), rows)
    keep_lines(KeptFrom, kept_ids, by)


ITEM_COLUMNS = (
    *("id", "report_id", "section", "place", "text", "source", "happened_on", "about_id", "sharing", "why"),
    *("drawn_from", "left_out"),
)


@dataclass(frozen=True)
class Taken:
    """How many items were taken into a report, and in words what of other records was left."""

    items: int
    more: str = ""


def assemble_report(report: Report, *, by: User) -> Taken:
    """Take from the record what is not in the version yet: what was taken before, and may have been edited or left
    out, stays as it is. Raises ValidationError, also where nothing is new."""
    with transaction.atomic():
        report = _written(report, by)
        known, conference = drawn_keys(report), report.conference
        others = of_other_records(conference, by)
        look_at_others(conference, others, by=by)
        drawn = [each for each in [*draw(conference), *others.drawn] if each.key not in known]
        if not drawn:
            raise ValidationError("Everything that the record holds for the report is in it already.")
        places = _next_places(report)
        ids, rows = new_ids(Item, len(drawn)), []
        for pk, each in zip(ids, drawn, strict=True):
            rows.append(_row(pk, report, each, places[each.section]))
            places[each.section] += APART
        add_many(Item, ITEM_COLUMNS, rows)
        keep_lines(Item, ids, by)
        _record(Event.REPORT_ASSEMBLED, report, by, rows=len(drawn))
        return Taken(len(drawn), others.more)


def _row(pk: int, report: Report, each: Drawn, place: int) -> tuple[Any, ...]:
    return (
        *(pk, report.pk, each.section, place, each.text, each.source, each.happened_on, each.about),
        *(each.sharing, each.why, each.drawn_from, False),
    )


def _next_places(report: Report) -> dict[Section, int]:
    rows = Item.objects.filter(report=report).values_list("section").annotate(last=Max("place"))
    last = dict(rows.order_by())
    return {section: last.get(section, 0) + APART for section in Section}


def add_item(
    report: Report,
    *,
    section: Section | str,
    text: str,
    source: str = "",
    happened_on: date | None = None,
    about: Person | None = None,
    sharing: Sharing | str = Sharing.SHARED,
    why: str = "",
    by: User,
) -> Item:
    """Add an item: a fact with its source, or an opinion, and who may read it. Raises ValidationError."""
    with transaction.atomic():
        report = _written(report, by)
        item = Item(
            report=report,
            section=section,
            text=text,
            source=source,
            happened_on=happened_on,
            about=about,
            sharing=sharing,
            why="" if sharing == Sharing.SHARED else why,
        )
        policies.check_item(item, today=clock.today())
        policies.check_sharing(sharing, why)
        policies.check_item_is_new(report, section, text)
        item.place = _next_places(report)[Section(section)]
        item.clean_fields(exclude=["report", "about"])
        save_as(item, by)
        _record(Event.REPORT_ITEM_ADDED, report, by, item=item.pk)
        return item


def change_item(
    item: Item,
    *,
    text: str | None = None,
    source: str = "",
    happened_on: date | None = None,
    sharing: Sharing | str | None = None,
    why: str = "",
    left_out: bool | None = None,
    after: int | None = None,
    version: int | None = None,
    by: User,
) -> Item:
    """Change an item: its words with their source and date (`text`; None leaves them), who may read it with the
    reason (`sharing`), whether it is left out of the report, and after which other item (id) of its part it stands,
    0 for the first. Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        item = _item(item, by)
        check_unchanged(item, version)
        if text is not None:
            item.text, item.source, item.happened_on = text, source, happened_on
            _take_up(item)
        if sharing is not None:
            policies.check_sharing(sharing, why)
            item.sharing, item.why = sharing, "" if sharing == Sharing.SHARED else why
        if left_out is not None:
            item.left_out = left_out
        policies.check_item(item, today=clock.today())
        if after is not None:
            _put_after(item, after, by)
        item.clean_fields(exclude=["report", "about"])
        save_as(item, by)
        _record(Event.REPORT_ITEM_CHANGED, item.report, by, item=item.pk)
        return item


def _take_up(item: Item) -> None:
    """Whoever saves the words of an item has seen what the chronology says now, or where the child lives; what came
    from an older CRAM is theirs from now on."""
    if found := FROM_ENTRY.fullmatch(item.drawn_from):
        last = Entry.objects.filter(corrects=int(found[1])).aggregate(last=Max("pk"))["last"]
        item.drawn_from = f"entry-{found[1]}-{last}" if last else item.drawn_from
    elif found := FROM_CRAM.match(item.drawn_from):
        cram = cram_for(item.report.conference)
        if cram is not None and cram.pk != int(found[1]):
            item.drawn_from = ""
    elif found := FROM_HOME.fullmatch(item.drawn_from):
        now = f"home-{found[1]}-{home_now(int(found[1]), item.report.conference.case)}"
        if now != item.drawn_from:
            item.drawn_from = "" if Item.objects.filter(report=item.report, drawn_from=now).exists() else now


def _put_after(item: Item, after: int, by: User) -> None:
    """Give an item its place; where there is no room left between two, all of its part are numbered anew."""
    rows = Item.objects.filter(report=item.report, section=item.section).exclude(pk=item.pk)
    others = in_order(rows)
    policies.check_after(item, after, [each.pk for each in others])
    at = next((number for number, each in enumerate(others, 1) if each.pk == after), 0)
    before = others[at - 1].place if at else 0
    behind = others[at].place if at < len(others) else before + 2 * APART
    if behind - before < 2:
        for number, each in enumerate(others, 1):
            place = number * 2 * APART
            if each.place != place:
                each.place = place
                save_as(each, by)
        before, behind = at * 2 * APART, (at + 1) * 2 * APART
    item.place = (before + behind) // 2


@dataclass(frozen=True)
class Decision:
    """Who may read an item (id), and why not everybody; or that it is left out of the report, where it keeps what was
    said of it. `version`: of the item as the page showed it."""

    item: int
    sharing: Sharing | str
    why: str = ""
    left_out: bool = False
    version: int | None = None


@dataclass(frozen=True)
class Decided:
    """What became of some decisions: how many were saved, and the items that somebody else changed meanwhile (ids).
    What was decided about these is not saved yet."""

    saved: int
    theirs: list[int] = field(default_factory=list)


def decide_sharing(report: Report, *, decisions: Sequence[Decision], by: User) -> Decided:
    """Say of several items at once who may read them, or leave them out. One that somebody else has changed since the
    page was opened is left as it is. Raises ValidationError, with the errors of each item under "why-12", its id
    after the field."""
    with transaction.atomic():
        report = _written(report, by)
        items = {item.pk: item for item in items_of(report)}
        asked = [each for each in decisions if each.item in items and _is_news(items[each.item], each)]
        wrong: dict[str, Any] = {}
        for each in asked:
            if each.left_out:
                continue
            try:
                policies.check_sharing(each.sharing, each.why, key=f"-{each.item}")
            except ValidationError as refused:
                wrong |= refused.message_dict
        if wrong:
            raise ValidationError(wrong)
        theirs, changed = [], []
        for each in asked:
            item = items[each.item]
            if each.version is not None and version_of(item) != each.version:
                theirs.append(item.pk)
                continue
            item.left_out = each.left_out
            if not each.left_out:
                item.sharing, item.why = each.sharing, "" if each.sharing == Sharing.SHARED else each.why
            item.clean_fields(exclude=["report", "about"])
            save_as(item, by)
            changed.append(item.pk)
        if changed:
            _record(Event.REPORT_ITEM_CHANGED, report, by, item=changed)
        return Decided(len(changed), theirs)


def _is_news(item: Item, each: Decision) -> bool:
    if each.left_out or item.left_out:
        return each.left_out != item.left_out
    why = "" if each.sharing == Sharing.SHARED else each.why
    return (item.sharing, item.why) != (each.sharing, why)


def keep_from(item: Item, *, kept: Mapping[int, str], seen: str | None = None, by: User) -> Item:
    """Say from which recipients (ids) an item is kept, and why; from nobody else. `seen`: as `kept_state` was when
    the page was opened. Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        item = _item(item, by)
        policies.check_kept_as_seen(seen, kept_state(item))
        recipients = recipients_of(item.report.conference)
        policies.check_kept(kept, recipients)
        there = {each.recipient_id: each for each in item.kept_from.all()}
        asked = {each.pk for each in recipients}
        for recipient, row in there.items():
            # Nobody was asked about who was taken off: they may get the report again.
            if recipient in asked and recipient not in kept:
                delete_as(row, by)
        for recipient, why in kept.items():
            row = there.get(recipient) or KeptFrom(item=item, recipient_id=recipient)
            if row.why != why:
                row.why = why
                row.clean_fields(exclude=["item"])
                save_as(row, by)
        # Whoever keeps something from somebody has written a part of the report.
        save_as(item, by)
        _record(Event.REPORT_ITEM_KEPT_FROM, item.report, by, item=item.pk)
        return item


def add_recipient(
    conference: Conference, *, kind: RecipientKind | str, name: str, email: str = "", by: User
) -> Recipient:
    """Add somebody who gets a copy of the report; who was taken off comes back, with what is kept from them. Raises
    ValidationError."""
    with transaction.atomic():
        conference = _conference(conference, by)
        policies.check_recipients_may_change(conference, newest(conference))
        policies.check_recipient(conference, kind, name)
        recipient = taken_off(conference, name) or Recipient(conference=conference)
        recipient.kind, recipient.name, recipient.email, recipient.taken_off_at = kind, name.strip(), email, None
        recipient.clean_fields(exclude=["conference"])
        save_as(recipient, by)
        _record_of(Event.REPORT_RECIPIENT_ADDED, conference, by, recipient=recipient.pk)
        return recipient


def take_off_recipient(recipient: Recipient, *, by: User) -> Recipient:
    """Take somebody off who was to get a copy; what went to them stays. Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        conference = _conference(recipient.conference, by)
        recipient = Recipient.objects.get(pk=recipient.pk)
        recipient.conference = conference
        policies.check_take_off(recipient)
        recipient.taken_off_at = clock.moment()
        save_as(recipient, by)
        _record_of(Event.REPORT_RECIPIENT_TAKEN_OFF, conference, by, recipient=recipient.pk)
        return recipient


def _conference(conference: Conference, by: User) -> Conference:
    case = locked(conference.case, Permission.WRITE_REPORTS, by)
    conference = Conference.objects.select_related("team", "pclo", "attendance_by").get(pk=conference.pk)
    conference.case = case
    policies.check_booked(conference)
    return conference


def _written(report: Report, by: User) -> Report:
    """A version that is being written, as it is now; its record is locked."""
    conference = _conference(report.conference, by)
    report = Report.objects.select_related("submitted_by", "endorsed_by", "sent_by").get(pk=report.pk)
    report.conference = conference
    policies.check_being_written(report)
    return report


def _item(item: Item, by: User) -> Item:
    report = _written(item.report, by)
    item = Item.objects.get(pk=item.pk)
    item.report = report
    return item


def _record(event: Event, report: Report, by: User, **detail: Any) -> None:
    case = report.conference.case
    detail = {"conference": report.conference.number, "report": report.number, **detail}
    record(event, by=by, on=report, case_id=case.pk, team_id=case.team_id, detail=detail)


def _record_of(event: Event, conference: Conference, by: User, **detail: Any) -> None:
    case = conference.case
    detail = {"conference": conference.number, **detail}
    record(event, by=by, on=conference, case_id=case.pk, team_id=case.team_id, detail=detail)
