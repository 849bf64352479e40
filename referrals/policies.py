"""Whether the state of a referral allows an act; the message is the sentence the user reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from cases.models import Case
from cases.policies import check_is_child
from deadlines import clock
from deadlines.clock import minute
from diary.models import Duty, DutyState
from intake.models import Message
from pages.validators import LONGEST_TEXT
from pages.words import moment
from people.given import shown_as_given
from people.said import PersonSaid
from referrals.enums import INVESTIGATED, Agency, Category, DecisionKind, Enquiry, Judgement, Method, Progress
from referrals.models import Answer, Decision, Draft, Referral, Strategy, Supervision
from referrals.restricted import logged_meanwhile
from team.history import ChangedMeanwhile
from team.models import User
from team.permissions import Permission, may

# Before it the calendar knows no working days; no team's log reaches so far back.
FIRST_YEAR = 2004
LONGEST_DRAFT = 200_000
# A shorter name, such as Li, is also a part of other words.
LONGEST_THAT_TELLS_NOTHING = 3


def check_received(received_at: datetime, *, now: datetime) -> None:
    """A referral has arrived before it is logged. Raises ValidationError."""
    if received_at > now:
        raise ValidationError(
            {"received_at": f"This is in the future: it is {moment(now)} now. Check the date and the time"}
        )
    if clock.london_date(received_at).year < FIRST_YEAR:
        raise ValidationError({"received_at": f"CAIT holds referrals from {FIRST_YEAR} on. Check the year"})


def check_method(method: Method) -> None:
    """Whoever logs a referral knows how it reached the team. Raises ValidationError."""
    if method == Method.NOT_SAID:
        raise ValidationError({"method": ValidationError("Select how it reached us", code="whole")})


def check_people(children: Sequence[PersonSaid], adults: Sequence[PersonSaid], no_child_because: str) -> None:
    """A child is named, or it is said why none can be: never neither. And nobody is there twice."""
    if not children and not no_child_because:
        sentence = "Name a child in part 2, or say why no child can be named"
        raise ValidationError({"no_child_because": ValidationError(sentence, code="whole")})
    if children and no_child_because:
        sentence = "You named a child in part 2. Empty this field, or take the child out"
        raise ValidationError({"no_child_because": ValidationError(sentence, code="whole")})
    chosen = [each.same_as for each in (*children, *adults) if each.same_as]
    if len(chosen) != len(set(chosen)):
        raise ValidationError("Two of the people are said to be the same known person. Check the matches.")


# What everybody on a record reads of its referral.
READ_BY_ALL = (
    *("circumstances", "who_has_child", "other_children", "whereabouts", "done_so_far", "will_be_lost"),
    "no_child_because",
)


def check_caller_is_left_out(referral: Referral, *, message: Message | None) -> None:
    """What is logged of a protected caller does not tell who they are: everybody on the record reads it, for ever."""
    if not referral.protected:
        return
    texts = {field: getattr(referral, field) for field in READ_BY_ALL}
    names = {
        referral.referrer_name,
        referral.referrer_email,
        *((message.from_name, message.from_address) if message else ()),
    }
    telling = [each.strip() for each in names if len(each.strip()) > LONGEST_THAT_TELLS_NOTHING]
    for field, text in texts.items():
        for each in telling:
            if " ".join(each.casefold().split()) in " ".join(text.casefold().split()):
                sentence = (
                    f"This tells who the caller is: “{each}”. Take it out, for everybody on the record reads it"
                )
                raise ValidationError({field: ValidationError(sentence, code="whole")})
    whole = (message.text.split(), message.text[:LONGEST_TEXT].split()) if message else ()
    if texts["circumstances"].split() in whole:
        sentence = (
            "This is the whole email. Take out whatever tells who the caller is, such as their signature: everybody "
            "on the record reads it"
        )
        raise ValidationError({"circumstances": ValidationError(sentence, code="whole")})


def check_are_children(children: Sequence[PersonSaid], *, on: date) -> None:
    """As `check_is_child`, for each of them."""
    for child in children:
        check_is_child(child.birth, on=on)


def check_categories(categories: Sequence[str]) -> None:
    """It is clear or it is not."""
    if Category.UNCLEAR in categories and len(categories) > 1:
        raise ValidationError("Take out “Not clear yet”, or the other kinds of harm", code="whole")


# By these it is seen whether two that were sent are one: whom it is about is compared beside them.
SAYS = (
    *("received_at", "method", "source", "circumstances", "categories", "urgent", "protected", "no_child_because"),
    *("referrer_name", "referrer_job", "referrer_telephone", "referrer_email", "rang_back", "will_be_lost"),
    *("who_has_child", "other_children", "whereabouts", "done_so_far"),
)


def check_says_the_same(referral: Referral, sent: Mapping[str, Any], *, people: Sequence[PersonSaid]) -> None:
    """What is sent again with the same token is the same referral, or what is new in it would be lost without a word.

    `sent`: its fields by name; what is left out is as the model has it.
    """
    on = clock.london_date(referral.received_at)
    shown = [each["shown"] for each in referral.as_given]
    empty = Referral()
    same = all(getattr(referral, name) == sent.get(name, getattr(empty, name)) for name in SAYS)
    if not same or shown != [shown_as_given(person, on=on) for person in people]:
        raise ChangedMeanwhile(
            f"This token was sent before, with {referral.urn}, which says something else. Nothing was logged now: "
            "for another referral make another token."
        )


def check_draft_size(typed: dict[str, list[str]]) -> None:
    """More than anybody types is not kept half typed."""
    if sum(len(value) for values in typed.values() for value in values) > LONGEST_DRAFT:
        raise ValidationError(
            f"What you typed is longer than the {LONGEST_DRAFT:,} characters that CAIT keeps of a half-typed "
            "referral. Shorten it, or log it."
        )


def check_triage(referral: Referral) -> None:
    """A referral is triaged once; the second who tries reads who did it, and how."""
    if referral.progress != Progress.LOGGED:
        if referral.triaged_at is None:
            raise ValidationError(
                "This referral was dealt with before CAIT. Decide what is done about it, or add what you know to the "
                "chronology."
            )
        urgent = "urgent" if referral.triage_urgent else "not urgent"
        raise ValidationError(
            f"{referral.triaged_by} triaged this referral on {moment(referral.triaged_at)} as {urgent}, because: "
            f"“{referral.triage_reason}”. Add what you know to the chronology."
        )


def check_reason(reason: str) -> None:
    """Nothing is decided without a reason."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why"})


def check_confirm(referral: Referral) -> None:
    """Only what was telephoned is confirmed in writing, and once."""
    if referral.method != Method.TELEPHONE:
        raise ValidationError("This referral did not come by telephone, so it needs no written confirmation.")
    if referral.confirmed_at is not None:
        raise ValidationError(
            f"{referral.confirmed_by} recorded that this referral was confirmed on {moment(referral.confirmed_at)}: "
            f"{referral.confirmed_how}."
        )


def check_confirmed_at(confirmed_at: datetime, *, referral: Referral, now: datetime) -> None:
    """The confirmation came after the call, and is here."""
    if confirmed_at > now:
        raise ValidationError({"confirmed_at": f"This is in the future: it is {moment(now)} now"})
    if confirmed_at < referral.received_at:
        raise ValidationError({"confirmed_at": f"This is before the telephone call, {moment(referral.received_at)}"})


def check_not_logged(key: UUID, *, by: User) -> None:
    """A draft that became a referral is one no more, also where a late save of it arrives afterwards."""
    referral = Referral.objects.select_related("logged_by", "case").filter(token=key).first()
    if referral is not None:
        raise ChangedMeanwhile(logged_meanwhile(referral, user=by))


def check_begin_draft(version: int) -> None:
    """A draft that was built on and is there no more was thrown away by a colleague."""
    if version:
        raise ChangedMeanwhile(
            "A colleague has thrown this half-typed referral away. What you type here is not kept: copy it into a "
            "new one."
        )


def check_still_there(draft: Draft | None) -> Draft:
    """Of two who take over or throw away one draft at once, the second may find it gone."""
    if draft is None:
        raise ChangedMeanwhile("A colleague has thrown this half-typed referral away.")
    return draft


def check_save_draft(draft: Draft, *, version: int | None, by: User) -> None:
    """A draft is typed by one person in one window: whoever else saves or logs it reads who goes on with it."""
    if draft.owner != by:
        raise ChangedMeanwhile(
            f"{draft.owner} has gone on with this referral since {moment(draft.saved_at)}. "
            "What you typed here is not kept: tell them what you know."
        )
    if draft.version != version:
        raise ChangedMeanwhile(
            f"You went on with this referral in another window on {moment(draft.saved_at)}. Go on there: what you "
            "type here is not kept."
        )


# --- strategy discussions and decisions ----------------------------------------------------------


def check_when(when: datetime, *, referral: Referral, field: str) -> None:
    """What is done about a referral is done after it was received, and not in the future."""
    now = clock.moment()
    if when > now:
        raise ValidationError({field: f"This is in the future: it is {moment(now)} now. Check the date and the time"})
    if when < minute(referral.received_at):
        raise ValidationError({field: f"This is before the referral was received, {moment(referral.received_at)}"})


def check_took_part(took_part: Mapping[str, str], supervisor: User | None, *, case: Case) -> None:
    """Police and Social Services decide together, or it is no strategy discussion (Working Together)."""
    for agency in (Agency.POLICE, Agency.SOCIAL_SERVICES):
        if not took_part.get(agency, "").strip():
            who = agency.label if agency != Agency.POLICE else "the police"
            sentence = (
                f"Name who took part for {who}. Without them it is no strategy discussion: add it to the chronology "
                "as a contact"
            )
            raise ValidationError({agency: ValidationError(sentence, code="whole")})
    if supervisor is not None:
        supervisor.forget_roles()
        if not may(supervisor, Permission.SUPERVISE_RECORDS, team=case.team):
            raise ValidationError({"supervisor": f"{supervisor} is no sergeant or inspector in {case.team} today"})


def check_strategy_is_new(case: Case, *, held_at: datetime, decided: str) -> None:
    """A form that is sent twice is recorded once."""
    same = Strategy.objects.filter(case=case, held_at=held_at, decided=decided).select_related("recorded_by").first()
    if same is not None:
        raise ValidationError(f"{same.recorded_by} recorded this discussion on {moment(same.recorded_at)}.")


def check_decide(referral: Referral) -> None:
    """First look, then decide."""
    if referral.progress == Progress.LOGGED:
        raise ValidationError("Triage the referral first: nobody has looked yet whether urgent action is needed.")


def check_decision_is_seen(last: Decision | None, *, seen: int | None) -> None:
    """Two who decide at once: the second reads what the first decided before theirs is taken."""
    if seen is not None and last is not None and last.number != seen:
        raise ChangedMeanwhile(
            f"{last.by_whom} recorded a decision on {moment(last.recorded_at)}, while you had this open: "
            f"{last.get_kind_display()}, because: “{last.reason}”",
            "What you typed is still below. If yours is to take its place, send it again; otherwise cancel.",
        )


def check_decision_is_new(kind: DecisionKind, passed_to: str, *, referral: Referral, last: Decision | None) -> None:
    """The same is not decided twice: that would only ask Social Services anew, and let what is late look punctual.

    Where they have answered, they can be asked again.
    """
    same = last and referral.progress == Progress.DECIDED and (last.kind, last.passed_to) == (kind, passed_to)
    if same and kind == DecisionKind.SOCIAL_SERVICES:
        same = Duty.objects.filter(case=referral.case_id, kind="update", state=DutyState.OPEN).exists()
    if last and same:
        sentence = (
            f"{last.by_whom} decided so on {moment(last.decided_at)} already. Add what is new to the chronology"
        )
        raise ValidationError({"kind": ValidationError(sentence, code="whole")})


def check_decision(
    kind: DecisionKind, *, referral: Referral, last: Decision | None, decided_at: datetime, passed_to: str
) -> None:
    """A joint enquiry is agreed with Social Services; what is passed on, is passed to somebody."""
    check_when(decided_at, referral=referral, field="decided_at")
    if last is not None and decided_at < minute(last.decided_at):
        raise ValidationError({"decided_at": f"This is before the last decision, {moment(last.decided_at)}"})
    if kind == DecisionKind.JOINT and not _agreed(referral, last=last, by=decided_at):
        sentence = (
            "A joint enquiry is agreed in a strategy discussion with Social Services, and none before it that agreed "
            "one is recorded. Record it first"
        )
        raise ValidationError({"kind": ValidationError(sentence, code="whole")})
    if kind == DecisionKind.PASSED_ON and not passed_to.strip():
        sentence = "Enter the unit or team it is passed to"
        raise ValidationError({"passed_to": ValidationError(sentence, code="whole")})
    if kind != DecisionKind.PASSED_ON and passed_to.strip():
        sentence = "You named a unit or team, but not “Passed to another unit or team”. Choose it, or empty this"
        raise ValidationError({"passed_to": ValidationError(sentence, code="whole")})


def _agreed(referral: Referral, *, last: Decision | None, by: datetime) -> bool:
    """Whether a discussion by then agreed a joint enquiry; where it is to be decided again, one since the last."""
    joint = Strategy.objects.filter(case=referral.case_id, enquiry=Enquiry.JOINT)
    if last and referral.progress != Progress.DECIDED:
        joint = joint.filter(held_at__gte=minute(last.decided_at))
    return any(minute(held_at) <= by for held_at in joint.values_list("held_at", flat=True))


def check_hold_at_once(kind: DecisionKind, hold_why: str) -> None:
    """Emails are held back only where some would be sent."""
    if hold_why.strip() and kind != DecisionKind.SOCIAL_SERVICES:
        sentence = "An email is sent for “Social Services only” alone. Choose it, or empty this"
        raise ValidationError({"hold_why": ValidationError(sentence, code="whole")})


# --- the supervision of an investigation ---------------------------------------------------------


def check_supervise(case: Case, referral: Referral, *, is_due: bool, by: User) -> None:
    """What is investigated and has an officer is supervised, and by another than that officer. `is_due`: whether a
    supervision is; then it goes on too while it is decided again what is done."""
    if referral.decision not in INVESTIGATED or not (is_due or referral.progress == Progress.DECIDED):
        raise ValidationError("The police do not investigate this referral now, so there is nothing to supervise.")
    if case.officer_in_case is None:
        raise ValidationError(
            "Nobody has this investigation yet, so there is nothing to supervise. Give it to an officer first."
        )
    if case.officer_in_case == by:
        raise ValidationError("You are the officer in case: another sergeant supervises your investigation.")


def check_supervision_is_new(case: Case, *, reviewed_at: datetime, found: str, directions: str) -> None:
    """A form that is sent twice is recorded once."""
    rows = Supervision.objects.filter(case=case, reviewed_at=reviewed_at, found=found, directions=directions)
    same = rows.select_related("reviewed_by").first()
    if same is not None:
        raise ValidationError(f"{same.reviewed_by} recorded this supervision on {moment(same.recorded_at)}.")


def check_supervision_is_seen(last: Supervision | None, *, seen: int | None) -> None:
    """Two who supervise at once: the second reads what the first found before theirs is taken."""
    if seen is not None and last is not None and last.pk != seen:
        raise ChangedMeanwhile(
            f"{last.reviewed_by} recorded a supervision on {moment(last.recorded_at)}, while you had this open. They "
            f"found: “{last.found}” Their directions: “{last.directions}”",
            "What you typed is still below. If yours is another one, send it again; otherwise cancel.",
        )


def check_reviewed_at(
    reviewed_at: datetime, *, referral: Referral, allocated: datetime, last: datetime | None
) -> None:
    """An investigation is reviewed once somebody has it, and reviews follow each other: each counts from the last."""
    check_when(reviewed_at, referral=referral, field="reviewed_at")
    if reviewed_at < minute(allocated):
        sentence = f"This is before the investigation was given to an officer, {moment(allocated)}"
        raise ValidationError({"reviewed_at": sentence})
    if last is not None and reviewed_at < minute(last):
        raise ValidationError({"reviewed_at": f"This is before the last supervision, {moment(last)}"})


def check_says_what_is_to_be_done(found: str, directions: str) -> None:
    """Both are written, also where nothing is to be done."""
    if not found.strip():
        raise ValidationError({"found": "Enter what you found"})
    if not directions.strip():
        raise ValidationError({"directions": "Enter what is to be done, by whom and by when, or that nothing is"})


# --- updates from Social Services ----------------------------------------------------------------


def check_update_is_new(case: Case, *, received_at: datetime, text: str) -> None:
    """A form that is sent twice is recorded once."""
    same = Answer.objects.filter(case=case, received_at=received_at, text=text).select_related("recorded_by").first()
    if same is not None:
        raise ValidationError(f"{same.recorded_by} recorded this update on {moment(same.recorded_at)}.")


def check_judge(answer: Answer) -> None:
    """Judged once; the second who tries reads who judged it, and how."""
    if answer.judged_at is not None:
        raise ValidationError(
            f"{answer.judged_by} judged this update on {moment(answer.judged_at)}: {answer.get_judgement_display()}, "
            f"because: “{answer.reason}”"
        )


def check_judgement(judgement: Judgement, answer: Answer) -> None:
    """What nobody asked for can be no answer to be chased further."""
    if judgement == Judgement.NO_ANSWER and answer.duty_id is None:
        raise ValidationError(
            {"judgement": "We asked for nothing that could be chased. Say whether circumstances have changed"}
        )
