"""When somebody was born, as well as it is known: a date, a span of dates, or when a birth is expected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError

from deadlines.ages import (
    age_in_words,
    born_if_months_old,
    born_if_weeks_old,
    days_before,
    in_the_middle,
    months_old,
    years_old,
)
from deadlines.calendar import add_months
from pages.forms import read_day, read_month
from pages.words import day as in_words
from people.enums import BirthKnown

OLDEST = 120
# Days between which a child is born, before and after the day on which the birth was expected.
BORN_BEFORE_EXPECTED, BORN_AFTER_EXPECTED = 20 * 7, 4 * 7
# An expected date further back than this, or further ahead, is a slip of the pen: 6 weeks; 10 months.
OVERDUE, CARRIED = 6 * 7, 310
# An age whose span is as wide as this was said in years, and is told back in years.
SAID_IN_MONTHS = 6
LIKE = "like 6/6/2003, 6 years, 9 months, 2003, or “due 9/6/2010” for an unborn child"


@dataclass(frozen=True)
class Birth:
    """`earliest` and `latest`: the days between which somebody was born, equal where the date is known.

    For an unborn child `expected` alone; where nothing is known all three are None.
    """

    known: BirthKnown = BirthKnown.UNKNOWN
    earliest: date | None = None
    latest: date | None = None
    expected: date | None = None

    @classmethod
    def on(cls, day: date) -> Birth:
        return cls(BirthKnown.EXACT, day, day)

    @classmethod
    def between(cls, earliest: date, latest: date) -> Birth:
        return cls(BirthKnown.APPROXIMATE, earliest, latest)

    @classmethod
    def due(cls, expected: date) -> Birth:
        return cls(BirthKnown.UNBORN, expected=expected)

    def age(self, on: date) -> str:
        """The age on a day: "6", "9 months", "about 6"; "due 9 June 2010" for the unborn; empty where not known."""
        if self.expected:
            return f"due {in_words(self.expected)}"
        if self.earliest is None or self.latest is None:
            return ""
        if self.known == BirthKnown.EXACT:
            return age_in_words(self.earliest, on)
        middle = min(in_the_middle(self.earliest, self.latest), on)
        if months_old(self.earliest, self.latest) < SAID_IN_MONTHS:
            return f"about {age_in_words(middle, on)}"
        return f"about {years}" if (years := years_old(middle, on)) else "under 1"

    def words(self) -> str:
        """The birth itself: "6 June 2003", "between 15 January 2003 and 14 January 2004", "due 9 June 2010"."""
        if self.expected:
            return f"due {in_words(self.expected)}"
        if self.earliest is None or self.latest is None:
            return "not known"
        if self.known == BirthKnown.EXACT:
            return in_words(self.earliest)
        return f"between {in_words(self.earliest)} and {in_words(self.latest)}"

    def fits(self, other: Birth) -> bool:
        """Whether both can be true of one person: the days overlap, or a birth lies about when it was expected."""
        if BirthKnown.UNKNOWN in (self.known, other.known):
            return True
        if self.earliest and self.latest and other.earliest and other.latest:
            return self.earliest <= other.latest and other.earliest <= self.latest
        if self.expected and other.expected:
            return abs((self.expected - other.expected).days) <= BORN_BEFORE_EXPECTED
        expected, born = (self, other) if self.expected else (other, self)
        if expected.expected is None or born.earliest is None or born.latest is None:
            return False
        first = days_before(BORN_BEFORE_EXPECTED, expected.expected)
        last = days_before(-BORN_AFTER_EXPECTED, expected.expected)
        return born.earliest <= last and born.latest >= first

    def better_than(self, other: Birth) -> bool:
        """Whether it says more than the other and does not contradict it: a date more than a span, a narrower span
        more than a wider one, a birth more than the expectation of one."""
        if self.known == BirthKnown.UNKNOWN or not self.fits(other):
            return False
        if other.known == BirthKnown.UNKNOWN:
            return True
        if not (self.earliest and self.latest):
            return False
        if not (other.earliest and other.latest):
            return True
        return other.earliest <= self.earliest <= self.latest <= other.latest and self != other


def check_birth(birth: Birth, *, on: date) -> None:
    """Whether it makes sense on a day, such as that of the referral. Raises ValidationError with the sentence."""
    if birth.latest and birth.latest > on:
        late = birth.earliest if birth.earliest and birth.earliest > on else birth.latest
        raise ValidationError(
            f"{in_words(late)} is after {in_words(on)}, the day this was said. "
            f"For an unborn child write “due {in_words(late)}”"
        )
    if birth.latest and years_old(birth.latest, on) > OLDEST:
        raise ValidationError(f"Check the year: somebody born in {birth.latest.year} would be over {OLDEST}")
    if birth.expected and (on - birth.expected).days > OVERDUE:
        raise ValidationError(
            f"The birth was expected more than 6 weeks before {in_words(on)}: write the date of birth"
        )
    if birth.expected and (birth.expected - on).days > CARRIED:
        raise ValidationError(f"The birth is expected more than 10 months after {in_words(on)}: check the date")


_NOT_KNOWN = re.compile(r"^(n/?k|not known|unknown|\?+|-+|unk)\.?$", re.I)
_DUE = re.compile(r"^(?:(?:due|edd|expected|unborn)\b[\s:,]*)+(?:on\s+)?(?P<day>.*)$", re.I)
_ABOUT = re.compile(r"^(?:(?:about|abt|approximately|approx|circa|aged|age|c)(?![a-z])\.?|~)\s*", re.I)
_AGE = re.compile(
    r"^(?P<number>\d{1,3})\s*(?P<unit>years?|yrs?|y|months?|mths?|mos?|m|weeks?|wks?|w|days?|d)?(?:\s*old|\s*/?\s*o)?\.?$",
    re.I | re.A,
)
_ROUGHLY = re.compile(r"^(?P<number>\d{1,2})\s*(?P<how>s|ish)\.?$", re.I | re.A)
_YEAR = re.compile(r"^(?:18|19|20|21)\d\d$", re.A)


def read_birth(text: str, *, on: date) -> Birth:
    """What somebody typed about a birth, a bare number being an age in years on the day of the referral.

    Raises ValidationError with the sentence to show beside the field.
    """
    plain = re.sub(r"\s+", " ", text).strip()
    if not plain or _NOT_KNOWN.match(plain):
        return Birth()
    if due := _DUE.match(plain):
        if not due["day"]:
            raise ValidationError("Add when the birth is expected, like “due 9/6/2010”", code="invalid")
        return Birth.due(read_month(due["day"]) or read_day(due["day"]))
    if plain.lower() == "newborn":
        return Birth.between(days_before(6, on), on)
    said = plain
    while (shorter := _ABOUT.sub("", said)) != said:
        said = shorter
    if found := _ROUGHLY.match(said):
        return _roughly(int(found["number"]), found["how"].lower(), on)
    if month := read_month(said):
        return Birth.between(month, min(add_months(month, 1), max(on, month)))
    if _YEAR.match(said):
        first, last = date(int(said), 1, 1), date(int(said), 12, 31)
        return Birth.between(first, last if first > on else min(last, on))
    if found := _AGE.match(said):
        number, unit = int(found["number"]), (found["unit"] or "y")[:1].lower()
        return _aged(number, unit, on)
    try:
        birth = Birth.on(read_day(said))
    except ValidationError as wrong:
        if re.match(r"^[\d\s/.\-]{5,}$|\d", said):
            raise
        raise ValidationError(f"Write the birth {LIKE}", code="invalid") from wrong
    if said != plain and birth.earliest:  # "about 6/6/2003": a month to either side, but not after the referral
        about = birth.earliest
        return Birth.between(
            add_months(about, -1), add_months(about, 1) if about > on else min(add_months(about, 1), on)
        )
    return birth


def reread_birth(text: str, *, known: Birth, on: date) -> Birth:
    """As `read_birth`, of somebody whose birth is known in some way: its own words, which say more than can be typed,
    leave it as it is."""
    if text == known.words():
        return known
    birth = read_birth(text, on=on)
    check_birth(birth, on=on)
    return birth


def _roughly(number: int, how: str, on: date) -> Birth:
    """ "30s" is 30 to 39; "30ish" from 27 to 33."""
    first, years = (number, 10) if how == "s" else (max(number - 3, 0), 7)
    return Birth.between(*born_if_months_old(first * 12, on, span=years * 12))


def _aged(number: int, unit: str, on: date) -> Birth:
    if unit == "y" and number > OLDEST:
        raise ValidationError(f"Check the age: {number} years", code="invalid")
    if unit == "d":
        born = days_before(number, on)
        return Birth.between(born, born)
    if unit == "w":
        return Birth.between(*born_if_weeks_old(number, on))
    if unit == "m":
        return Birth.between(*born_if_months_old(number, on))
    return Birth.between(*born_if_months_old(number * 12, on, span=12))
