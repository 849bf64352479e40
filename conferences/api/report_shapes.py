"""What a program sends and gets of the police report to a conference."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import Day, Id, Line, Number, OfficerOut, Sent, SentOfModel, Shown, Text, YesNo, several
from cases.api.shapes import EARLIER, Version
from cases.enums import Basis
from conferences.enums import Sharing
from conferences.models import Copy, Item, KeptFrom, Recipient, Report, ReportEndorsement
from conferences.report_policies import WAYS_TO_SEND
from conferences.report_queries import not_for
from pages.validators import LONGEST_REASON

WAYS = [(each.value, each.label) for each in WAYS_TO_SEND]
# A report with more on it is none that anybody reads.
MOST_ITEMS, MOST_RECIPIENTS = 1000, 100


class KeptFromOut(Shown):
    """From which recipient an item is kept, and why."""

    class Meta:
        model = KeptFrom
        fields = ["recipient", "why"]


class ItemOut(Shown):
    """One paragraph: a fact with its source, or an opinion, and who may read it. `kept_seen`: to be sent back with a
    change of from whom it is kept."""

    kept_from = serializers.SerializerMethodField()
    kept_seen = serializers.SerializerMethodField()
    version = Version()

    class Meta:
        model = Item
        fields = ["id", "section", "text", "source", "happened_on", "about", "sharing", "why", "left_out"]
        fields += ["kept_from", "kept_seen", "version"]

    @extend_schema_field(KeptFromOut(many=True))
    def get_kept_from(self, item: Item) -> Any:
        return KeptFromOut(not_for(item), many=True).data

    def get_kept_seen(self, item: Item) -> str:
        return str(self.context["kept"].get(item.pk, ""))


class RecipientOut(Shown):
    """Who gets the report. `copy`: the number of the last copy of it that went to them; null where none has."""

    copy = serializers.SerializerMethodField()

    class Meta:
        model = Recipient
        fields = ["id", "kind", "name", "email", "copy"]

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_copy(self, recipient: Recipient) -> int | None:
        copy = self.context["last_copies"].get(recipient.pk)
        return copy.number if copy else None


class ReportEndorsementOut(Shown):
    given_by = OfficerOut()

    class Meta:
        model = ReportEndorsement
        fields = ["outcome", "words", "given_at", "given_by"]


class CopyOut(Shown):
    """One numbered copy that was sent; the paper itself is on its page."""

    recipient = serializers.CharField(source="recipient.name", read_only=True)

    class Meta:
        model = Copy
        fields = ["number", "recipient", "paper", "sent_at", "digest"]


class ReportOut(Shown):
    """The version of the report that counts now. `missing`: what still stops one that is being written from being
    sent for endorsement, in words."""

    started_by = OfficerOut()
    submitted_by = OfficerOut(allow_null=True)
    endorsed_by = OfficerOut(allow_null=True)
    sent_by = OfficerOut(allow_null=True)
    version = Version()
    missing = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()
    recipients = serializers.SerializerMethodField()
    endorsements = serializers.SerializerMethodField()
    copies = serializers.SerializerMethodField()

    class Meta:
        model = Report
        fields = ["id", "conference", "number", "state", "started_at", "started_by", "submitted_at", "submitted_by"]
        fields += ["endorsed_at", "endorsed_by", "sent_at", "sent_by", "on_time", "missing", "items", "recipients"]
        fields += ["endorsements", "copies", "version"]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, report: Report) -> Any:
        return self.context["missing"]

    @extend_schema_field(ItemOut(many=True))
    def get_items(self, report: Report) -> Any:
        return ItemOut(self.context["items"], many=True, context=self.context).data

    @extend_schema_field(RecipientOut(many=True))
    def get_recipients(self, report: Report) -> Any:
        return RecipientOut(self.context["recipients"], many=True, context=self.context).data

    @extend_schema_field(ReportEndorsementOut(many=True))
    def get_endorsements(self, report: Report) -> Any:
        return ReportEndorsementOut(report.endorsements.select_related("given_by").order_by("pk"), many=True).data

    @extend_schema_field(CopyOut(many=True))
    def get_copies(self, report: Report) -> Any:
        copies = report.copies.defer("pdf").select_related("recipient").order_by("number")
        return CopyOut(copies, many=True).data


# --- what is sent --------------------------------------------------------------------------------


class NothingIn(Sent):
    """Nothing has to be said."""


class ItemIn(SentOfModel):
    text = Text()
    about = Id(allow_null=True, default=None, help_text="The number of somebody on the record.")
    why = Line(most=300, allow_blank=True, default="", help_text="Why it is not shared with everybody.")

    class Meta:
        model = Item
        fields = ["section", "text", "source", "happened_on", "about", "sharing", "why"]


class ChangeItemIn(Sent):
    """What is to be changed; what is left out stays."""

    text = Text(required=False)
    source = Line(most=200, allow_blank=True, required=False)  # type: ignore[assignment]  # the name of the field of ours
    happened_on = Day(allow_null=True, required=False)
    sharing = serializers.ChoiceField(Sharing.choices, required=False)
    why = Line(most=300, allow_blank=True, required=False)
    left_out = YesNo(required=False)
    after = Id(min_value=0, required=False, help_text="After which item of its part it stands, 0 for the first.")
    version = Number(help_text=EARLIER)


class SharingDecisionIn(Sent):
    """Who may read one item, or that it is left out."""

    item = Id(help_text="Its `id`.")
    sharing = serializers.ChoiceField(Sharing.choices)
    why = Line(most=300, allow_blank=True, default="")
    left_out = YesNo(default=False)
    version = Number(help_text=EARLIER)


class DecisionsIn(Sent):
    decisions = several(SharingDecisionIn, most=MOST_ITEMS, allow_empty=False)


class SharingDecidedOut(serializers.Serializer[Any]):
    """How many items were changed; and in `theirs` those (ids) that somebody changed after you read them: what you
    sent of these is not saved."""

    saved = serializers.IntegerField()
    theirs = serializers.ListField(child=serializers.IntegerField())


class KeptIn(Sent):
    recipient = Id(help_text="Their `id`.")
    why = Line(most=300)


class KeepFromIn(Sent):
    """From whom the item is kept, and from nobody else."""

    kept = several(KeptIn, most=MOST_RECIPIENTS, allow_empty=True)
    seen = Line(most=4000, allow_blank=True, help_text="The item’s `kept_seen` as you read it.")


class RecipientIn(SentOfModel):
    class Meta:
        model = Recipient
        fields = ["kind", "name", "email"]


class VersionIn(Sent):
    version = Number(help_text=EARLIER)


class EndorseReportIn(Sent):
    words = Text(most=LONGEST_REASON, allow_blank=True, default="")
    version = Number(help_text=EARLIER)


class ReturnReportIn(Sent):
    words = Text(most=LONGEST_REASON, help_text="What must be put right.")
    version = Number(help_text=EARLIER)


class WayIn(Sent):
    recipient = Id(help_text="Their `id`.")
    way = serializers.ChoiceField(WAYS)


class SendReportIn(Sent):
    """How it goes to each recipient, and on what ground."""

    ways = several(WayIn, most=MOST_RECIPIENTS, allow_empty=False)
    basis = serializers.ChoiceField(Basis.choices)
    version = Number(help_text=EARLIER)
