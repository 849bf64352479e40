"""The police report to a conference: the version that counts now, and everything that is done to it.

Only whoever writes or endorses reports reads it here: what is withheld stands in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.core import exceptions
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.resources import CREATED
from conferences import actions
from conferences.actions import Decision
from conferences.api import report_shapes as shapes
from conferences.api.conferences import OfConference
from conferences.models import Item, KeptFrom, Recipient, Report
from conferences.report_policies import missing_for_endorsement
from conferences.report_queries import items_of, last_copies, newest, recipients_of, stale
from people.models import Person
from team.history import with_version
from team.permissions import Permission, require

NO_ITEM = "The version that counts now has no item with this number."
NO_RECIPIENT = "Nobody with this number gets the report."


class OfReport(OfConference):
    """The report of a conference; its version that counts now."""

    writes = Permission.WRITE_REPORTS

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # What is withheld from everybody stands in it.
        require(self.user, Permission.WRITE_REPORTS, team=self.case.team)

    def report(self) -> Report:
        """Raises Http404 where none was begun."""
        report = newest(self.conference)
        if report is None:
            raise Http404
        return report

    def item(self, pk: int) -> Item:
        report = self.report()
        item = next((each for each in items_of(report) if each.pk == pk), None)
        if item is None:
            raise Http404
        item.report = report
        return item

    def whole(self, *, status: int = 200) -> Response:
        report, recipients = self.report(), recipients_of(self.conference)
        items, missing = items_of(report), []
        if report.is_being_written:
            missing = missing_for_endorsement(report, items, recipients, stale(report, items))
        said = {"items": items, "recipients": recipients, "missing": missing, "kept": _kept(report)}
        said["last_copies"] = last_copies(self.conference)
        return self.shown(shapes.ReportOut, report, status=status, **said)

    def done_to(self, act: Callable[..., Any], on: Any, *, status: int = 200, **sent: Any) -> Response:
        act(on, **sent, by=self.user)
        return self.whole(status=status)


def _kept(report: Report) -> dict[int, str]:
    """From whom each item (id) is kept, as `report_queries.kept_state` says it of one."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in with_version(KeptFrom.objects.filter(item__report=report)).order_by("pk"):
        found[row.item_id].append(f"{row.pk}.{row.version}")
    return {item: " ".join(rows) for item, rows in found.items()}


def _by_place(refused: exceptions.ValidationError, name: str, ids: list[int], fields: dict[str, str]) -> Exception:
    """What is wrong with some of what was sent in a list, "why-12" of the one with that id, by its place there.
    `fields`: how a field is called there."""
    if not hasattr(refused, "error_dict"):
        return refused
    wrong: dict[str, Any] = {}
    for key, errors in refused.message_dict.items():
        field, _, pk = key.rpartition("-")
        if field not in fields or not pk.isdigit() or int(pk) not in ids:
            return refused
        wrong.setdefault(str(ids.index(int(pk))), {})[fields[field]] = errors
    return ValidationError({name: wrong})


class OneReport(OfReport):
    @extend_schema(responses=shapes.ReportOut)
    def get(self, request: Any, pk: int) -> Response:
        """The version that is written, read or endorsed now, or the last that was sent: each item with who may read
        it, and who gets the report."""
        return self.whole()

    @extend_schema(request=None, responses={CREATED: shapes.ReportOut})
    def post(self, request: Any, pk: int) -> Response:
        """Begin the report, or its next version as a copy of the last."""
        self.sent(shapes.NothingIn)
        return self.done_to(actions.start_report, self.conference, status=CREATED)


class AssembleReport(OfReport):
    @extend_schema(request=None, responses=shapes.ReportOut)
    def post(self, request: Any, pk: int) -> Response:
        """Take from the record what is not in it yet. Who the children and their family are, why the conference is
        held and the level of risk may be shared; all else is not for everybody until somebody has said so."""
        self.sent(shapes.NothingIn)
        return self.done_to(actions.assemble_report, self.report())


class AddItem(OfReport):
    @extend_schema(request=shapes.ItemIn, responses={CREATED: shapes.ReportOut})
    def post(self, request: Any, pk: int) -> Response:
        """Add an item: a fact with its source, or an opinion, and who may read it."""
        sent = self.sent(shapes.ItemIn)
        sent["about"] = self.somebody(sent["about"])
        return self.done_to(actions.add_item, self.report(), status=CREATED, **sent)

    def somebody(self, pk: int | None) -> Person | None:
        if pk is None:
            return None
        try:
            (person,) = self.people([pk])
        except ValidationError as wrong:
            raise ValidationError({"about": wrong.detail["people"]}) from None  # type: ignore[call-overload]
        return person


class ChangeItem(OfReport):
    @extend_schema(request=shapes.ChangeItemIn, responses=shapes.ReportOut)
    def patch(self, request: Any, pk: int, item: int) -> Response:
        """Change an item: its words, who may read it, its place, or that it is left out."""
        found, sent = self.item(item), self.sent(shapes.ChangeItemIn)
        if {"text", "source", "happened_on"} & set(sent):
            sent = {"text": found.text, "source": found.source, "happened_on": found.happened_on, **sent}
        if {"sharing", "why"} & set(sent):
            sent = {"sharing": found.sharing, "why": found.why, **sent}
        return self.done_to(actions.change_item, found, **sent)


class DecideSharing(OfReport):
    @extend_schema(request=shapes.DecisionsIn, responses=shapes.SharingDecidedOut)
    def post(self, request: Any, pk: int) -> Response:
        """Say of several items at once who may read them."""
        report, sent = self.report(), self.sent(shapes.DecisionsIn)["decisions"]
        there = {each.pk for each in items_of(report)}
        if strange := {str(place): each for place, each in enumerate(sent) if each["item"] not in there}:
            raise ValidationError({"decisions": {place: {"item": [NO_ITEM]} for place in strange}})
        decisions = [Decision(**each) for each in sent]
        try:
            done = actions.decide_sharing(report, decisions=decisions, by=self.user)
        except exceptions.ValidationError as refused:
            ids = [each.item for each in decisions]
            raise _by_place(refused, "decisions", ids, {"why": "why", "sharing": "sharing"}) from None
        return self.shown(shapes.SharingDecidedOut, done)


class KeepFrom(OfReport):
    @extend_schema(request=shapes.KeepFromIn, responses=shapes.ReportOut)
    def put(self, request: Any, pk: int, item: int) -> Response:
        """Say from which recipients an item is kept, and why; from nobody else."""
        found, sent = self.item(item), self.sent(shapes.KeepFromIn)
        ids = [each["recipient"] for each in sent["kept"]]
        kept = {each["recipient"]: each["why"] for each in sent["kept"]}
        try:
            return self.done_to(actions.keep_from, found, kept=kept, seen=sent["seen"])
        except exceptions.ValidationError as refused:
            raise _by_place(refused, "kept", ids, {"kept": "recipient", "why": "why"}) from None


class AddRecipient(OfReport):
    @extend_schema(request=shapes.RecipientIn, responses={CREATED: shapes.RecipientOut})
    def post(self, request: Any, pk: int) -> Response:
        """Add somebody who gets a copy of the report."""
        sent = self.sent(shapes.RecipientIn)
        added = actions.add_recipient(self.conference, **sent, by=self.user)
        return self.shown(shapes.RecipientOut, added, status=CREATED, last_copies=last_copies(self.conference))


class TakeOffRecipient(OfReport):
    @extend_schema(request=None, responses=shapes.RecipientOut)
    def post(self, request: Any, pk: int, recipient: int) -> Response:
        """Take somebody off who was to get a copy; what went to them stays."""
        self.sent(shapes.NothingIn)
        rows = Recipient.objects.filter(conference=self.conference)
        found = get_object_or_404(rows, pk=recipient)
        found.conference = self.conference
        gone = actions.take_off_recipient(found, by=self.user)
        return self.shown(shapes.RecipientOut, gone, last_copies=last_copies(self.conference))


class SubmitReport(OfReport):
    @extend_schema(request=shapes.VersionIn, responses=shapes.ReportOut)
    def post(self, request: Any, pk: int) -> Response:
        """Send it for endorsement: its items stay as they are from now on."""
        return self.done_to(actions.submit_report, self.report(), **self.sent(shapes.VersionIn))


class EndorseReport(OfReport):
    writes = Permission.ENDORSE_REPORTS

    @extend_schema(request=shapes.EndorseReportIn, responses=shapes.ReportOut)
    def post(self, request: Any, pk: int) -> Response:
        """Endorse it, so that it can be sent. Nobody endorses their own."""
        return self.done_to(actions.endorse_report, self.report(), **self.sent(shapes.EndorseReportIn))


class ReturnReport(OfReport):
    writes = Permission.ENDORSE_REPORTS

    @extend_schema(request=shapes.ReturnReportIn, responses=shapes.ReportOut)
    def post(self, request: Any, pk: int) -> Response:
        """Return it to be put right, with reasons."""
        return self.done_to(actions.return_report, self.report(), **self.sent(shapes.ReturnReportIn))


class SendReport(OfReport):
    @extend_schema(request=shapes.SendReportIn, responses=shapes.ReportOut)
    def post(self, request: Any, pk: int) -> Response:
        """Send it: a numbered copy for each recipient, without what is kept from them, kept as it was sent."""
        sent = self.sent(shapes.SendReportIn)
        there = {each.pk for each in recipients_of(self.conference)}
        strange = [place for place, each in enumerate(sent["ways"]) if each["recipient"] not in there]
        if strange:
            raise ValidationError({"ways": {str(place): {"recipient": [NO_RECIPIENT]} for place in strange}})
        sent["ways"] = {each["recipient"]: each["way"] for each in sent["ways"]}
        try:
            return self.done_to(actions.send_report, self.report(), **sent)
        except exceptions.ValidationError as refused:
            raise _who_is_missing(refused) from None


def _who_is_missing(refused: exceptions.ValidationError) -> Exception:
    """For which recipients it was not said how it goes to them."""
    if not hasattr(refused, "error_dict") or not all(name.startswith("way-") for name in refused.message_dict):
        return refused
    return ValidationError({"ways": [each for errors in refused.message_dict.values() for each in errors]})
