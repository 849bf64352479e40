"""Whether a version of the matrix can be drafted, changed and published as somebody asks; the message is the sentence
they read. A published version never changes: what was assessed on it is shown with it for ever (handbook section 3).
"""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError

from cram.enums import Category, VersionState
from cram.matrix import (
    LABELS,
    MOST_PLACES,
    WORDS,
    Comparison,
    last_change,
    newest_published,
    parts,
    published_category,
    the_draft,
)
from cram.models import Factor, Version
from deadlines.calendar import add_months
from pages.words import day, moment, uncapitalised
from team.history import ChangedMeanwhile

# How far ahead a version can be published, in months: what is published is never taken back (CAIT default).
FURTHEST_MONTHS = 12

READ_IT = "Read what it says now, then do it again if it is still right."


def check_can_draft() -> None:
    """One version is drafted at a time, so that each is compared with the one before."""
    if (draft := the_draft()) is not None:
        raise ChangedMeanwhile(
            f"{draft.drafted_by} drafted version {draft.number} on {moment(draft.drafted_at)}.",
            "Go on with that one.",
        )


def check_number(number: str, *, before: Version | None) -> None:
    """A version is numbered after every one that was published."""
    try:
        Version._meta.get_field("number").clean(number, None)
    except ValidationError:
        raise ValidationError(
            {"number": "The number of the version must be two numbers with a point between them, such as 1.1"}
        ) from None
    if before is not None and parts(number) <= parts(before.number):
        raise ValidationError({"number": f"Version {before.number} is published. Enter a number after it"})


def check_says(**said: str) -> None:
    """What must not be left empty."""
    missing = {"reason": "Say why there is a new version", "about": "Say what this matrix is, and whose"}
    if wrong := {name: missing[name] for name, text in said.items() if not text.strip()}:
        raise ValidationError(wrong)


def check_is_draft(draft: Version | None, *, was: Version) -> None:
    """Only what is a draft still can be changed. `draft`: as it is now; None where it was thrown away."""
    if draft is None:
        gone = Version.history.filter(id=was.pk, history_type="-").select_related("history_user").first()
        who = f"{gone.history_user} threw" if gone else "Somebody threw"
        when = f" on {moment(gone.history_date)}" if gone else ""
        raise ChangedMeanwhile(f"{who} this draft away{when}.", "Begin another from the list of versions.")
    if draft.state != VersionState.DRAFT:
        by = f" by {draft.published_by}" if draft.published_by else ""
        on = f" on {moment(draft.published_at)}" if draft.published_at else ""
        raise ChangedMeanwhile(
            f"Version {draft.number} was published{by}{on}: a published version never changes.",
            "Draft another version that follows it.",
        )


def check_whole_unchanged(draft: Version, seen: int | None) -> None:
    """What is published or thrown away is what was read. `seen`: the newest change that was; None: did not look."""
    line = last_change(draft)
    if seen is None or line is None or line.history_id <= seen:
        return
    raise ChangedMeanwhile(
        f"{line.history_user} changed “{line.name}” on {moment(line.history_date)}, while you had this open.", READ_IT
    )


def check_in_draft(factor: Factor | None) -> None:
    if factor is None:
        raise ValidationError("This factor was taken out of the draft meanwhile. Open the draft again.")


def check_code(code: str, *, draft: Version) -> None:
    """A code is of one factor of a version."""
    try:
        Factor._meta.get_field("code").clean(code, None)
    except ValidationError:
        raise ValidationError(
            {"code": "The code must be small letters, figures and _ only, begin with a letter, and be 40 at most"}
        ) from None
    if (there := Factor.objects.filter(version=draft, code=code).first()) is not None:
        raise ValidationError({"code": f"The draft has a factor with this code already: {there.name}"})


def check_category(code: str, category: str) -> None:
    """Answers of every version are laid side by side by the code, so it is for ever about the same kind of person."""
    was = published_category(code)
    if was is not None and was != category:
        label = uncapitalised(Category(was).label)
        raise ValidationError(
            {
                "category": f"A published version asks “{code}” of each {label}. Answers are compared by the code: "
                "give a factor about somebody else another code"
            }
        )


def check_factor(factor: Factor) -> None:
    """Every factor carries its question, definition, evidence base and source: the force was asked for them under
    Freedom of Information and could not answer (handbook section 3)."""
    missing = {name: f"Say it: {uncapitalised(LABELS[name])}" for name in WORDS if not getattr(factor, name)}
    if missing:
        raise ValidationError(missing)
    if not 0 < factor.place <= MOST_PLACES:
        raise ValidationError({"place": f"The place must be between 1 and {MOST_PLACES}"})


def check_publish(draft: Version, *, comparison: Comparison) -> None:
    """What is published differs from the version before it, and asks about children, suspects and households."""
    if not comparison.differs:
        raise ValidationError("Nothing in this draft differs from the version before. There is nothing to publish.")
    there = set(Factor.objects.filter(version=draft, definite=True).values_list("category", flat=True))
    for category in Category:
        if category not in there:
            raise ValidationError(
                f"This draft asks nothing definite about the {uncapitalised(category.label)}. Add a factor first."
            )


def check_from(from_on: date, *, today: date, last: Version | None) -> None:
    """From tomorrow on at the earliest: what is begun today is on today’s version. One after the other, and never so
    far ahead that a slip of the pen would stand in the way of the next."""
    if from_on <= today:
        raise ValidationError({"from_on": "The first day can be tomorrow at the earliest"})
    if last is not None and last.from_on is not None and from_on <= last.from_on:
        raise ValidationError(
            {"from_on": f"Version {last.number} begins on {day(last.from_on)}. Enter a day after that one"}
        )
    if from_on > (furthest := add_months(today, FURTHEST_MONTHS)):
        raise ValidationError({"from_on": f"Enter a day by {day(furthest)}: what is published is never taken back"})


def check_based_on_newest(draft: Version) -> None:
    """Nothing was published since it was drafted, as only one is drafted at a time."""
    newest = newest_published()
    if newest is not None and draft.based_on_id != newest.pk:
        raise ValidationError(f"Version {newest.number} was published since this was drafted. Draft it anew.")
