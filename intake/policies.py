"""Whether the state of an email allows an act; the message is the sentence the user reads."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from cases.models import Case
from intake.enums import State, UseKind
from intake.models import Message, Use
from pages.words import moment, uncapitalised
from team.history import ChangedMeanwhile


class UsedMeanwhile(ChangedMeanwhile):
    """A colleague has dealt with the email since the form was opened; the message says who, when and how."""


def check_seen(message: Message, uses: int | None, *, typed: bool = True) -> None:
    """Two at the desk with one email: the second is told what the first made of it. `uses`: how many uses of it
    whoever acts has seen; None: they did not look. `typed`: they have filled in a form, which is still there."""
    if uses is None:
        return
    made = list(Use.objects.filter(message=message).select_related("used_by", "case").order_by("pk"))
    if len(made) == uses:
        return
    since = " ".join(told(use) for use in made[uses:])
    still = "What you typed is still below. If that leaves something to do, send it again; otherwise cancel."
    raise UsedMeanwhile(since, still if typed else "Look at it again before you go on.")


def told(use: Use) -> str:
    """ "DS Frayne dealt with this email on 4 January 2010, 3:20pm: logged as a referral, 0012/10." """
    urn = f", {use.case.urn}" if use.case else ""
    why = f" ({use.reason})" if use.reason else ""
    what = uncapitalised(UseKind(use.kind).label)
    return f"{use.used_by} dealt with this email on {moment(use.used_at)}: {what}{urn}{why}."


def check_can_use(message: Message) -> None:
    """A second copy is dealt with as the first."""
    if message.state == State.COPY:
        raise ValidationError("This is a second copy of an email. Deal with the first; this one follows it.")


def check_same_team(message: Message, case: Case) -> None:
    """What came to one team's mailbox is not put on another's record."""
    if message.team_id != case.team_id:
        raise ValidationError(
            f"This email came to {message.team}, and the record is {case.team}’s. Forward the email to them."
        )


def check_another(message: Message, another: bool) -> None:
    """One email is logged once, unless whoever logs it says that it tells of another child or family too."""
    before = Use.objects.filter(message=message, kind=UseKind.REFERRAL).select_related("used_by", "case").first()
    if before is not None and before.case is not None and not another:
        sentence = (
            f"{before.used_by} logged this email as {before.case.urn} on {moment(before.used_at)}. Tick this only if "
            "it tells of another child or family too"
        )
        raise ValidationError({"another": ValidationError(sentence, code="whole")})


def check_not_twice(message: Message, kind: UseKind, case: Case) -> None:
    """The same is not made of it twice on one record: a form that is sent twice is recorded once."""
    same = Use.objects.filter(message=message, kind=kind, case=case).select_related("used_by", "case").first()
    if same is not None:
        raise ValidationError(told(same))


def check_set_aside(message: Message) -> None:
    """Only what waits is set aside."""
    check_can_use(message)
    if message.state != State.WAITING:
        last = Use.objects.filter(message=message).select_related("used_by", "case").latest("pk")
        raise ValidationError(told(last))


def check_put_back(message: Message) -> None:
    """Only what was dealt with is put back."""
    check_can_use(message)
    if message.state == State.WAITING:
        raise ValidationError("This email waits to be dealt with already.")
