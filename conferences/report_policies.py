"""Whether the state of a police report allows an act; the message is the sentence users read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from django.core.exceptions import ValidationError

from cases.enums import Basis, Way
from conferences.enums import FACTS, Attending, RecipientKind, ReportState, Section, Sharing, StepKind
from conferences.models import Conference, Item, Recipient, Report
from conferences.policies import check_booked
from conferences.queries import cram_for, had_cram, steps_done
from conferences.report_queries import Stale, authors_of, items_of, recipients_of, stale
from conferences.report_states import OVER, allows
from cram.enums import AssessmentState
from pages.words import count, day, moment
from team.history import ChangedMeanwhile
from team.models import User

# Why something that was taken from the record is not shared: until somebody has read it for this conference.
NOT_CLEARED = "Not cleared for sharing yet"
# Whoever reads one of these asks at once where it is known from.
WITH_SOURCE = (Section.CHRONOLOGY, Section.CONVICTIONS, Section.INTELLIGENCE)
WAYS_TO_SEND = (Way.EMAIL, Way.LETTER, Way.IN_PERSON)


def check_start(conference: Conference, last: Report | None) -> None:
    """One version is written at a time. What was sent, or is endorsed and has to be changed after all, has a next one
    after it."""
    check_booked(conference)
    if last is None or last.state in OVER or allows("start_report", last.state):
        return
    if last.state == ReportState.SUBMITTED:
        raise ChangedMeanwhile(
            f"{last.submitted_by} sent version {last.number} for endorsement on {moment(last.submitted_at)}.",  # type: ignore[arg-type]
            "Ask the supervisor to return it, if something has to be put right.",
        )
    raise ChangedMeanwhile(
        f"{last.started_by} began version {last.number} of the report on {moment(last.started_at)}.",
        "Go on with that one.",
    )


def check_being_written(report: Report) -> None:
    """Only what is still being written can be changed: what a supervisor reads, and what was sent, stays."""
    check_booked(report.conference)
    kept = "What you typed is still below."
    if report.state == ReportState.SUBMITTED:
        raise ChangedMeanwhile(
            f"{report.submitted_by} sent this version for endorsement on {moment(report.submitted_at)}.",  # type: ignore[arg-type]
            f"{kept} Ask the supervisor to return the report.",
        )
    if report.state == ReportState.ENDORSED:
        raise ChangedMeanwhile(
            f"{report.endorsed_by} endorsed this version on {moment(report.endorsed_at)}.",  # type: ignore[arg-type]
            f"{kept} Begin the next version to change something.",
        )
    if report.state == ReportState.SENT:
        raise ChangedMeanwhile(
            f"{report.sent_by} sent this version on {moment(report.sent_at)}.",  # type: ignore[arg-type]
            f"{kept} Begin the next version to change something.",
        )
    if report.state == ReportState.OVERTAKEN:
        raise ChangedMeanwhile("A newer version of the report was begun.", f"{kept} Put it into the newer one.")


# --- items ---------------------------------------------------------------------------------------


def check_item(item: Item, *, today: date) -> None:
    """An item says something, in one part of the report; a fact with a date and a source where it needs them."""
    wrong = {}
    if item.section not in Section.values:
        wrong["section"] = "Select the part of the report"
    if not item.text.strip():
        wrong["text"] = "Enter what the report says"
    if item.section in WITH_SOURCE and not item.source.strip():
        wrong["source"] = "Say where it is known from"
    if item.section == Section.CHRONOLOGY and item.happened_on is None:
        wrong["happened_on"] = "Enter when it happened"
    if item.happened_on is not None and item.happened_on > today:
        wrong["happened_on"] = f"This must be {day(today)} or before"
    if wrong:
        raise ValidationError(wrong)


def check_sharing(sharing: Sharing | str, why: str, *, key: str = "") -> None:
    """What is not for everybody says why (handbook section 4). `key`: what is added to the names of the fields, of
    one of many."""
    if sharing not in Sharing.values:
        raise ValidationError({f"sharing{key}": "Select who may read it"})
    if sharing != Sharing.SHARED and not why.strip():
        raise ValidationError({f"why{key}": "Say why it is not shared with everybody"})


def check_item_is_new(report: Report, section: Section | str, text: str) -> None:
    """A form that is sent twice adds one item."""
    if Item.objects.filter(report=report, section=section, text=text, left_out=False).exists():
        raise ValidationError({"text": "This stands in this part of the report already"})


def check_after(item: Item, after: int, others: Collection[int]) -> None:
    """An item is put first, or after another one of its part of the report."""
    if after and (after == item.pk or after not in others):
        raise ValidationError({"after": "Select after which item of this part it stands"})


def check_kept(kept: Mapping[int, str], recipients: Iterable[Recipient]) -> None:
    """An item is kept from somebody who gets the report, with the reason for each."""
    ids = {recipient.pk for recipient in recipients}
    if strangers := [pk for pk in kept if pk not in ids]:
        raise ValidationError({f"kept-{strangers[0]}": "They do not get the report any more. Open the page again"})
    silent = {f"why-{pk}": "Say why it is kept from them" for pk, why in kept.items() if not why.strip()}
    if silent:
        raise ValidationError(silent)


def check_kept_as_seen(seen: str | None, now: str) -> None:
    """Two who say at once from whom an item is kept: the second reads what the first has said."""
    if seen is not None and seen != now:
        raise ChangedMeanwhile(
            "Somebody changed from whom this item is kept while you had the page open.",
            "What you chose is still below. Look at it again, then save.",
        )


# --- recipients ----------------------------------------------------------------------------------


def check_recipients_may_change(conference: Conference, last: Report | None) -> None:
    """Whoever endorses a report has read what each recipient gets, and about which children: nobody comes to them
    behind their back."""
    check_booked(conference)
    if last is not None and last.state == ReportState.SUBMITTED:
        raise ValidationError(
            f"{last.submitted_by} sent the report for endorsement on {moment(last.submitted_at)}. "  # type: ignore[arg-type]
            "The supervisor reads what each recipient gets. Ask for it to be returned first."
        )
    if last is not None and last.state == ReportState.ENDORSED:
        raise ValidationError(
            f"{last.endorsed_by} endorsed the report for those who get it now. Begin the next version first."
        )


def check_chair(conference: Conference, chair: str) -> None:
    """Whoever takes the chair gets the report as the chair, and not a second time."""
    others = (each for each in recipients_of(conference) if each.kind != RecipientKind.CHAIR)
    if any(each.name.casefold() == chair.strip().casefold() for each in others):
        raise ValidationError(
            {"chair": "They get the police report already, but not as the chair. Take them off there first"}
        )


def check_attending_may_change(last: Report | None) -> None:
    """A report says whether police attend: what the supervisor reads, and has endorsed, says it as it is."""
    if last is not None and last.state == ReportState.SUBMITTED:
        raise ValidationError("The report waits for endorsement, and says whether police attend. Return it first.")
    if last is not None and last.state == ReportState.ENDORSED:
        raise ValidationError(
            "The report is endorsed, and says whether police attend. Begin the next version of the report first."
        )


def check_recipient(conference: Conference, kind: RecipientKind | str, name: str) -> None:
    """Each recipient is there once, and one of them is the chair."""
    if kind not in RecipientKind.values:
        raise ValidationError({"kind": "Select who they are"})
    if not name.strip():
        raise ValidationError({"name": "Enter their name and job"})
    there = recipients_of(conference)
    if any(each.name.casefold() == name.strip().casefold() for each in there):
        raise ValidationError({"name": "They get the report already"})
    if kind == RecipientKind.CHAIR and any(each.kind == RecipientKind.CHAIR for each in there):
        raise ValidationError({"kind": f"{conference.chair} chairs the conference. Change the conference instead"})


def check_take_off(recipient: Recipient) -> None:
    """The report goes to the chair in any case."""
    check_booked(recipient.conference)
    if recipient.taken_off_at is not None:
        raise ChangedMeanwhile(
            f"{recipient} was taken off on {moment(recipient.taken_off_at)}.", "Nothing is left to do."
        )
    if recipient.kind == RecipientKind.CHAIR:
        raise ValidationError(
            "The report goes to the chair of the conference. If somebody else chairs it, change the conference."
        )


# --- sending for endorsement ---------------------------------------------------------------------


def cram_is_missing(conference: Conference) -> str:
    """Why no report goes out yet, and what to do; empty where the CRAM before the conference is there (HMIC 2010,
    AFI 1: a report is not issued without its CRAM review)."""
    last = cram_for(conference)
    if StepKind.CRAM not in steps_done(conference) or last is None:
        return "The CRAM before this conference is not done. Send it for endorsement: without it no report goes out."
    if last.state == AssessmentState.RETURNED:
        return (
            f"CRAM {last.number}, the one before this conference, was returned to be put right. Put it right and "
            "send it again first."
        )
    return ""


def check_cram(conference: Conference) -> None:
    """Raises where the CRAM before the conference is missing."""
    if missing := cram_is_missing(conference):
        raise ValidationError(missing)


def missing_for_endorsement(
    report: Report, items: Sequence[Item], recipients: Sequence[Recipient], old: Stale
) -> list[str]:
    """What still stops a version from being sent for endorsement, in words; empty where nothing does."""
    found = [cram_is_missing(report.conference)]
    if report.conference.attending == Attending.UNDECIDED:
        found.append(
            "It is not decided whether police attend, and the report says it (HMIC 2010, AFI 8). Ask the supervisor."
        )
    readable = [item for item in items if not item.left_out and item.sharing != Sharing.WITHHELD]
    if not any(item.section in FACTS for item in readable):
        found.append("No fact may be read by anybody yet. Take the facts from the record, or add one.")
    if not any(item.section == Section.ANALYSIS for item in readable):
        found.append("What police make of it is missing. Add it under “What police make of it”.")
    if not any(each.kind == RecipientKind.CHAIR for each in recipients):
        found.append("Nobody chairs the conference. Enter the chair on the page of the conference.")
    if old.corrected:
        found.append(
            f"{count(len(old.corrected), 'item was', 'items were')} corrected in the chronology since. Look at what "
            "is marked, put the words right and save it, or leave it out."
        )
    if old.older_cram:
        found.append(
            f"{count(len(old.older_cram), 'item comes', 'items come')} from a CRAM before the last one. Look at what "
            "is marked, put the words right and save it, or leave it out."
        )
    if old.moved:
        found.append(
            f"{count(len(old.moved), 'item says', 'items say')} where a child lives, which was said anew since. Look "
            "at what is marked, put the words right and save it, or leave it out."
        )
    return [each for each in found if each]


def check_submit(report: Report) -> None:
    """A version is whole before a supervisor reads it."""
    check_being_written(report)
    items = items_of(report)
    if found := missing_for_endorsement(report, items, recipients_of(report.conference), stale(report, items)):
        raise ValidationError(found)


def check_cram_was_there(report: Report) -> None:
    """A version that was sent for endorsement rests on the CRAM before the conference; not where the conference was
    moved so far since that another one was needed."""
    check_cram(report.conference)
    if report.submitted_at is None or not had_cram(report.conference, by=report.submitted_at):
        raise ValidationError(
            "This report was written before the conference was moved, and a new CRAM was done since. "
            + (
                "Return it, so that it takes up what is new."
                if report.state == ReportState.SUBMITTED
                else "Begin the next version, which takes up what is new."
            )
        )


def check_still_so(report: Report) -> None:
    """What a supervisor reads, and what goes out, says what the record says: a correction that was made since the
    version was sent for endorsement is taken up first, and so is a newer CRAM, or that a child has moved."""
    items = items_of(report)
    old = stale(report, items).items
    changed = [item for item in items if item.pk in old]
    if not changed:
        return
    first = " ".join(changed[0].text.split())
    what = f"“{first if len(first) <= 80 else first[:79].rstrip() + '…'}”"
    if len(changed) > 1:
        what += f" and {count(len(changed) - 1, 'other item', 'other items')}"
    raise ValidationError(
        f"The record says something else since about {what}. "
        + (
            "Return it, so that it is put right."
            if report.state == ReportState.SUBMITTED
            else "Begin the next version, and put it right there."
        )
    )


def check_waits(report: Report) -> None:
    """Only what waits for endorsement is endorsed or returned."""
    check_booked(report.conference)
    if report.state == ReportState.ENDORSED:
        raise ChangedMeanwhile(
            f"{report.endorsed_by} endorsed this report on {moment(report.endorsed_at)}.",  # type: ignore[arg-type]
            "Nothing is left to do.",
        )
    if report.state == ReportState.RETURNED:
        raise ChangedMeanwhile("This report was returned to be put right.", "It comes back when it is sent again.")
    if report.state == ReportState.SENT:
        raise ChangedMeanwhile(
            f"{report.sent_by} sent this report on {moment(report.sent_at)}.",  # type: ignore[arg-type]
            "Nothing is left to do.",
        )
    if report.state == ReportState.OVERTAKEN:
        raise ChangedMeanwhile("A newer version of the report was begun.", "Nothing is left to do.")
    if report.state != ReportState.SUBMITTED:
        raise ValidationError("This report is still being written. It comes here when it is sent for endorsement.")


def check_another(report: Report, *, by: User) -> None:
    """A second person reads a report before it goes out (HMIC 2010, AFI 8: the detective sergeant endorses it).
    Nobody endorses what they began, sent for endorsement, or wrote a part of."""
    if by.pk in authors_of(report):
        raise ValidationError(
            "You began this report, sent it for endorsement or wrote a part of it yourself. Another sergeant or the "
            "inspector endorses it."
        )


def check_endorse(report: Report, *, by: User) -> None:
    """What waits is endorsed by another person, on the CRAM before the conference, as the record says it now."""
    check_waits(report)
    check_another(report, by=by)
    check_cram_was_there(report)
    check_still_so(report)


def check_return(report: Report, words: str, *, by: User) -> None:
    """Whoever returns a report says what must be put right."""
    check_waits(report)
    check_another(report, by=by)
    if not words.strip():
        raise ValidationError({"words": "Say what must be put right"})


# --- sending to the conference -------------------------------------------------------------------


def check_ready_to_send(report: Report, recipients: Sequence[Recipient]) -> None:
    """Nothing goes out without the endorsement of another person and the CRAM before the conference."""
    check_booked(report.conference)
    if report.state == ReportState.SENT:
        raise ChangedMeanwhile(
            f"{report.sent_by} sent this version on {moment(report.sent_at)}.",  # type: ignore[arg-type]
            "Begin the next version if something has to be added.",
        )
    if report.state == ReportState.OVERTAKEN:
        raise ChangedMeanwhile("A newer version of the report was begun.", "That one is sent.")
    if report.state != ReportState.ENDORSED:
        raise ValidationError(
            "This report is not endorsed. Send it for endorsement: it never goes out without another person’s yes."
        )
    check_cram_was_there(report)
    check_still_so(report)
    if StepKind.ENDORSEMENT not in steps_done(report.conference):
        raise ValidationError(
            "The conference was moved since this version was endorsed, so it has to be read again. Begin the next "
            "version and send it for endorsement."
        )
    if not any(each.kind == RecipientKind.CHAIR for each in recipients):
        raise ValidationError("Nobody chairs the conference. Enter the chair on the page of the conference.")


def check_ways(recipients: Iterable[Recipient], ways: Mapping[int, Way | str], basis: Basis | str) -> None:
    """Of each recipient it is said how the report goes to them, and on what ground."""
    wrong = {
        f"way-{each.pk}": f"Select how it goes to {each}"
        for each in recipients
        if ways.get(each.pk) not in [way.value for way in WAYS_TO_SEND]
    }
    if basis not in Basis.values:
        wrong["basis"] = "Select the ground on which it is shared"
    if wrong:
        raise ValidationError(wrong)
