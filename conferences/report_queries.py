"""Reads of the police report to a conference: its versions and items, what each recipient reads, who wrote it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db.models import Max, Prefetch, Q, QuerySet, Value

from cases.learned import HOME, kept_off
from cases.models import Case, Entry
from cases.restricting import hidden_in
from conferences import duties
from conferences.dates import owner_of
from conferences.enums import Paper, RecipientKind, ReportState, Section, Sharing
from conferences.models import Conference, Copy, Item, KeptFrom, Recipient, Report
from conferences.queries import cram_for
from cram.models import Assessment, Search
from diary.models import Duty
from pages.words import count
from people.models import Residence
from team.history import with_version
from team.models import User

# Which row of the record an item was taken from: "entry-12", with the correction that it took up "entry-12-15".
FROM_ENTRY = re.compile(r"entry-(\d+)(?:-(\d+))?")
FROM_CRAM = re.compile(r"cram-(\d+)-")
# What was taken from one record, which may be another one of the children.
_FROM_A_RECORD = re.compile(r"(entry|search)-(\d+)(?:-\d+)?")
# Where a child lives, and by which residence.
FROM_HOME = re.compile(r"home-(\d+)-(\d+)")


def reports_of(conference: Conference) -> QuerySet[Report]:
    """The versions of the report to a conference, the newest first."""
    related = ("started_by", "submitted_by", "endorsed_by", "sent_by")
    return Report.objects.filter(conference=conference).select_related(*related).order_by("-number")


def newest(conference: Conference) -> Report | None:
    """The version that counts now: the one that is written, read or endorsed; else the last that was sent."""
    report = reports_of(conference).first()
    if report is not None:
        report.conference = conference
    return report


def items_of(report: Report) -> list[Item]:
    """The items of a version with from whom each is kept, section by section as they are read: the chronology by its
    dates. Not what came from a record of another team by now and nobody was to read (ADR 30); of one that is
    restricted by now, only what went out already (ADR 34). Three queries, however many."""
    return items_and_closed_off(report)[0]


def items_and_closed_off(report: Report) -> tuple[list[Item], ClosedOff]:
    """As `items_of`; and which of the version are not among these."""
    kept = KeptFrom.objects.select_related("recipient").order_by("pk")
    rows = Item.objects.filter(report=report).select_related("about").order_by("place", "pk")
    rows = rows.prefetch_related(Prefetch("kept_from", queryset=kept, to_attr="not_for"))
    items = in_order(with_version(rows))
    unread = {item.pk for item in items if item.left_out or item.sharing == Sharing.WITHHELD}
    found = closed_off(report, items)
    went_out = report.state == ReportState.SENT
    closed = ClosedOff(
        {pk: case for pk, case in found.of_another_team.items() if pk in unread},
        {pk: case for pk, case in found.restricted.items() if pk in unread or not went_out},
    )
    return [item for item in items if item.pk not in closed.items], closed


@dataclass(frozen=True)
class ClosedOff:
    """Items that were taken from other records which whoever reads this one may not open by now, each (id) with its
    record (id): those of another team, and those that are restricted."""

    of_another_team: Mapping[int, int] = field(default_factory=dict)
    restricted: Mapping[int, int] = field(default_factory=dict)

    @property
    def items(self) -> set[int]:
        return {*self.of_another_team, *self.restricted}


def closed_off(report: Report, items: Iterable[Item]) -> ClosedOff:
    """Which of some items were taken from a record that is with another team than that of the report, because one of
    the two was transferred since (ADR 30), or from another record that was restricted since, whoever reads this one
    (ADR 34). One query."""
    taken = {}
    for item in items:
        if found := _FROM_A_RECORD.fullmatch(item.drawn_from):
            taken[found[1], int(found[2])] = item.pk
    if not taken:
        return ClosedOff()
    of_report = Conference.objects.filter(pk=report.conference_id)
    of: dict[str, Any] = {"entry": Entry, "search": Search}
    entries, searches = (
        model.objects.filter(pk__in=[pk for kind, pk in taken if kind == name])
        .filter(~Q(case__team__in=of_report.values("case__team")) | _restricted_other(of_report))
        .order_by()
        .values_list(Value(name), "pk", "case", "case__restricted")
        for name, model in of.items()
    )
    closed = ClosedOff({}, {})
    for kind, pk, case, restricted in entries.union(searches):
        (closed.restricted if restricted else closed.of_another_team)[taken[kind, pk]] = case  # type: ignore[index]
    return closed


def taken_from_restricted(closed: ClosedOff) -> str:
    """How many items are not shown because they came from a record that is restricted by now, and whom to ask; empty
    where there are none."""
    if not closed.restricted:
        return ""
    cases = Case.objects.filter(pk__in=set(closed.restricted.values())).order_by("urn", "pk")
    words = "came from a restricted record, and {} not shown"
    one, several = f"item {words.format('is')}", f"items {words.format('are')}"
    return f"{count(len(closed.restricted), one, several)}. Ask {hidden_in(cases)}."


def _restricted_other(of_report: QuerySet[Conference]) -> Q:
    """What is on a restricted record other than that of a report's conference."""
    return Q(case__restricted=True) & ~Q(case__in=of_report.values("case"))


def in_order(items: Iterable[Item]) -> list[Item]:
    """Items as they are read."""
    sections = {section: number for number, section in enumerate(Section)}

    def key(item: Item) -> tuple[int, str, int, int]:
        dated = item.section == Section.CHRONOLOGY and item.happened_on is not None
        return sections[Section(item.section)], str(item.happened_on) if dated else "", item.place, item.pk

    return sorted(items, key=key)


def recipients_of(conference: Conference) -> list[Recipient]:
    """Who gets the report: the chair first, then in the order in which they were said."""
    rows = Recipient.objects.filter(conference=conference, taken_off_at=None).order_by("pk")
    return sorted(rows, key=lambda each: each.kind != RecipientKind.CHAIR)


def last_copies(conference: Conference) -> dict[int, Copy]:
    """The last copy of the report, without its file, that went to each recipient (by id)."""
    rows = Copy.objects.filter(conference=conference, paper=Paper.REPORT).select_related("report").defer("pdf")
    return {copy.recipient_id: copy for copy in rows.order_by("number")}


def without_copy(conference: Conference) -> list[Recipient]:
    """Who gets the report and has no copy of what was sent: they came to it afterwards. Nobody before one is sent."""
    copies = last_copies(conference)
    return [each for each in recipients_of(conference) if each.pk not in copies] if copies else []


def taken_off(conference: Conference, name: str) -> Recipient | None:
    """Who was taken off, of that name: where they get the report again, it is remembered what is kept from them."""
    rows = Recipient.objects.filter(conference=conference, taken_off_at__isnull=False).order_by("-pk")
    return next((each for each in rows if each.name.casefold() == name.strip().casefold()), None)


def reads(items: Iterable[Item], recipient: Recipient | None, paper: Paper = Paper.REPORT) -> list[Item]:
    """What of some items (`items_of`) stands on a paper for one recipient: the only place that decides it.

    The report holds what may be shared; the annex, which goes to the chair alone, what is for the chair only. Nothing
    that is left out, withheld, or kept from them. `recipient`: None for the open report as it is kept, for nobody.
    """
    wanted = Sharing.SHARED if paper == Paper.REPORT else Sharing.CHAIR_ONLY
    if paper == Paper.ANNEX and (recipient is None or recipient.kind != RecipientKind.CHAIR):
        return []
    return [
        item
        for item in items
        if item.sharing == wanted
        and not item.left_out
        and (recipient is None or all(kept.recipient_id != recipient.pk for kept in not_for(item)))
    ]


def not_for(item: Item) -> list[KeptFrom]:
    """From whom an item is kept, and why."""
    found: list[KeptFrom] = item.not_for  # type: ignore[attr-defined]  # by `items_of`
    return found


@dataclass(frozen=True)
class Goes:
    """What goes to one recipient: which papers, and how many items of the report they do not get."""

    recipient: Recipient
    papers: list[Paper]
    report: list[Item]
    annex: list[Item]
    kept: list[KeptFrom] = field(default_factory=list)


def goes_to(items: list[Item], recipients: Iterable[Recipient]) -> list[Goes]:
    """Which papers each recipient gets, and what of the report is kept from each."""
    found = []
    for recipient in recipients:
        report, annex = reads(items, recipient), reads(items, recipient, Paper.ANNEX)
        kept = [
            kept
            for item in items
            if not item.left_out and item.sharing != Sharing.WITHHELD
            for kept in not_for(item)
            if kept.recipient_id == recipient.pk
        ]
        papers = [Paper.REPORT, *([Paper.ANNEX] if annex else [])]
        found.append(Goes(recipient, papers, report, annex, kept))
    return found


@dataclass(frozen=True)
class Counts:
    """How many items may be read by whom."""

    shared: int
    chair_only: int
    withheld: int
    left_out: int


def counts(items: Iterable[Item]) -> Counts:
    items = list(items)
    by = Counter(item.sharing for item in items if not item.left_out)
    return Counts(
        by[Sharing.SHARED], by[Sharing.CHAIR_ONLY], by[Sharing.WITHHELD], sum(item.left_out for item in items)
    )


def kept_state(item: Item) -> str:
    """From whom an item is kept, as a form was opened on it: "12.45 13.46", each with its version."""
    rows = with_version(KeptFrom.objects.filter(item=item)).order_by("pk")
    return " ".join(f"{kept.pk}.{kept.version}" for kept in rows)


# --- who wrote it --------------------------------------------------------------------------------


def authors_of(report: Report) -> set[int]:
    """Who made a version (ids): whoever began it, ever sent it for endorsement, or put in or changed one of its
    items; and who did so of a version before it, whose words it took over. None of them endorses it."""
    versions = Report.objects.filter(conference=report.conference_id, number__lte=report.number)
    lines = Report.history.filter(id__in=versions.values("pk")).values_list("started_by_id", "submitted_by_id")
    items = Item.objects.filter(report__in=versions).values("pk")
    wrote = Item.history.filter(id__in=items).values_list("history_user_id", flat=True)
    return {report.started_by_id, *chain.from_iterable(lines), *wrote} - {None}


def authors_waiting(duty: Duty) -> set[int]:
    """Of the duty to endorse a version: who wrote it (ids)."""
    return authors_of(Report.objects.get(pk=duty.subject))


def endorser_of(report: Report) -> User | None:
    """To whom the endorsement falls by name: the record's supervisor, unless it is their own work."""
    person = owner_of(duties.ENDORSE, report.conference)
    return None if person is None or person.pk in authors_of(report) else person


# --- what has changed on the record since --------------------------------------------------------


def corrected_since(report: Report, items: Iterable[Item]) -> dict[int, Entry]:
    """Of each item (id) whose entry of the chronology was corrected since it was taken: what it says now. Of a record
    that is with another team by now, or of another that is restricted, nothing is told."""
    taken = {}
    for item in items:
        if not item.left_out and (found := FROM_ENTRY.fullmatch(item.drawn_from)):
            taken[int(found[1])] = (item, int(found[2] or 0))
    last = Entry.objects.filter(corrects__in=taken).values("corrects").annotate(last=Max("pk")).values("last")
    of_report = Conference.objects.filter(pk=report.conference_id)
    rows = Entry.objects.filter(pk__in=last, case__team__in=of_report.values("case__team"))
    rows = rows.exclude(_restricted_other(of_report))
    return {taken[now.corrects_id][0].pk: now for now in rows if now.pk > taken[now.corrects_id][1]}  # type: ignore[index]


def of_an_older_cram(items: Iterable[Item], cram: Assessment | None) -> set[int]:
    """The items (ids) that were taken from another CRAM than the one before the conference, as they were taken."""
    now = 0 if cram is None else cram.pk
    found = set()
    for item in items:
        taken = FROM_CRAM.match(item.drawn_from)
        if taken and int(taken[1]) != now and not item.left_out:
            found.add(item.pk)
    return found


def home_now(child: int, case: Case) -> int | None:
    """By which residence (id) it is known on a record where a child (id) lives."""
    rows = Residence.objects.exclude(kept_off(case, HOME)).filter(person=child).order_by("-from_on", "-pk")
    return rows.values_list("pk", flat=True).first()


def moved_since(items: Iterable[Item], case: Case) -> set[int]:
    """The items (ids) that say where a child lives, and of whom it was said anew since. One query."""
    taken = {
        item.pk: (int(found[1]), int(found[2]))
        for item in items
        if not item.left_out and (found := FROM_HOME.fullmatch(item.drawn_from))
    }
    if not taken:
        return set()
    rows = Residence.objects.exclude(kept_off(case, HOME)).filter(person__in={child for child, _ in taken.values()})
    now = dict(rows.order_by("from_on", "pk").values_list("person_id", "pk"))
    return {pk for pk, (child, residence) in taken.items() if now.get(child) != residence}


@dataclass(frozen=True)
class Stale:
    """What of a version does not fit the record any more."""

    corrected: Mapping[int, Entry] = field(default_factory=dict)
    older_cram: frozenset[int] = frozenset()
    moved: frozenset[int] = frozenset()

    @property
    def items(self) -> frozenset[int]:
        """All of them (ids)."""
        return frozenset(self.corrected) | self.older_cram | self.moved


def stale(report: Report, items: list[Item]) -> Stale:
    """What of a version that is being written does not fit the record any more. Four queries."""
    cram = cram_for(report.conference)
    older = of_an_older_cram(items, cram) if cram else ()
    moved = moved_since(items, report.conference.case)
    return Stale(corrected_since(report, items), frozenset(older), frozenset(moved))


def drawn_keys(report: Report) -> dict[str, int]:
    """What of the record stands in a version already, by its key without the correction; with the item's id."""
    rows = Item.objects.filter(report=report).exclude(drawn_from="").values_list("drawn_from", "pk")
    return {_key(drawn): pk for drawn, pk in rows}


def _key(drawn_from: str) -> str:
    found = FROM_ENTRY.fullmatch(drawn_from)
    return f"entry-{found[1]}" if found else drawn_from


def waiting_for_endorsement(case_id: int) -> QuerySet[Report]:
    """The versions of a record's reports that a supervisor has to read."""
    rows = Report.objects.filter(Q(conference__case=case_id), state=ReportState.SUBMITTED)
    return rows.select_related("conference").order_by("pk")


def by_section(items: Iterable[Item]) -> dict[Section, list[Item]]:
    """Items by the part of the report in which they stand."""
    found: dict[Section, list[Item]] = defaultdict(list)
    for item in items:
        found[Section(item.section)].append(item)
    return dict(found)
