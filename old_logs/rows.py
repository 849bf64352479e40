"""One row of an old log: what it says, and what of it cannot be taken as it stands."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.core.exceptions import ValidationError

from deadlines.clock import london_midnight
from old_logs.children import SEXES, read_children
from old_logs.dates import DATES_LIKE, ISO, read_at, read_on
from old_logs.enums import Says
from old_logs.said import (
    LONGEST,
    LONGEST_TELEPHONE,
    LONGEST_URN,
    LONGEST_VALUE,
    Checked,
    Notes,
    OldReferral,
    Said,
    Wrong,
    known,
    line,
    shown,
    unseen,
)
from old_logs.wordings import (
    ASKS_NOT_TO_BE_NAMED,
    DITTO,
    ERRORS,
    NOT_KNOWN,
    NOT_YET,
    PROTECTED,
    read_categories,
    read_decision,
    read_method,
    read_source,
)
from pages.forms import in_london
from pages.validators import LONGEST_TEXT
from referrals.enums import Category, DecisionKind, Source
from referrals.models import read_urn
from referrals.policies import FIRST_YEAR, LONGEST_THAT_TELLS_NOTHING

# More than all teams of London together had in 2009.
MOST_IN_A_YEAR = 20_000


def urn_key(urn: str) -> str:
    """A URN as it is compared: 0598/09, 598/2009 and "598 / 09" are one."""
    urn = _without_its_name(urn)
    if number := read_urn(urn):
        return f"{number[1]}/{number[0]}"
    return "".join(urn.split()).casefold()


def _without_its_name(urn: str) -> str:
    """ "URN 0598/09" and "URN: 0598/09" are 0598/09."""
    return re.sub(r"^urn\b\W*(?:no\b\W*)?", "", urn, flags=re.I)


def check_row(said: Said, notes: Notes, *, today: date, now: datetime | None = None, where: str = "") -> Checked:
    """Read a row. `today`, in London, and `now`: nothing has been received after them. `where`: its sheet and row, in
    words, where the row is to be told of in a chronology."""
    checked = Checked()
    for says, text in said.items():
        if text in ERRORS:
            sentence = f"Excel could not work this out, and shows {text}. Write what is meant."
            checked.wrong.append(Wrong(says, text, sentence))
        elif says in (Says.URN, Says.CONTACT) and _SHORTENED.match(text):
            sentence = "Excel has shortened this number, and some of its figures are lost. Write it in full."
            checked.wrong.append(Wrong(says, text, sentence))
    _check_lengths(said, notes, checked)
    if checked.wrong:  # what is so long is looked through no further
        return checked
    urn = _urn(said, checked)
    received = _received(said, today, now, checked)
    decided = _decided(said, checked)
    circumstances = said.get(Says.CIRCUMSTANCES) or said.get(Says.ALLEGATION, "")
    if not circumstances:
        checked.wrong.append(
            Wrong(Says.CIRCUMSTANCES, "", "It is not said what happened. Write at least what is alleged.")
        )
    for says, most in LONGEST.items():
        if says in said and len(said[says]) > most:
            sentence = f"This is longer than {most} characters. Shorten it, or move it into what happened."
            checked.wrong.append(Wrong(says, said[says][:LONGEST_VALUE], sentence))
    on = received[1] if received else None
    children, because = read_children(said, on, checked)
    answered_at = _answered(said, decided, received, today, checked)
    referrer = known(said.get(Says.REFERRER, ""))
    protected = _asked_not_to_be_named(said, notes)
    contact = line(known(said.get(Says.CONTACT, "")))
    is_email = "@" in contact
    if len(contact) > LONGEST_TELEPHONE and not is_email and len(contact) <= LONGEST[Says.CONTACT]:
        sentence = f"This is longer than {LONGEST_TELEPHONE} characters. Write one telephone number or email address."
        checked.wrong.append(Wrong(Says.CONTACT, contact, sentence))
    if protected:
        _check_caller_is_left_out(said, notes, referrer, checked)
    if checked.wrong or received is None:
        return checked
    source_words = line(said.get(Says.SOURCE, ""))
    allegation = said.get(Says.ALLEGATION, "")
    received_at, on, day_alone = received
    checked.referral = OldReferral(
        urn=urn,
        key=urn_key(urn),
        number=_number(urn, on, today),
        received_at=received_at,
        received_on=on,
        day_alone=day_alone,
        source=read_source(source_words) if source_words else Source.OTHER,
        method=read_method(said.get(Says.METHOD, ""), source_words),
        referrer_name=line(referrer),
        referrer_job=source_words,
        telephone="" if is_email else contact,
        email=contact if is_email else "",
        protected=protected,
        children=children,
        no_child_because=because,
        circumstances=circumstances,
        categories=read_categories(allegation) if allegation else (Category.UNCLEAR,),
        told=_told(said, notes, where, len(children), checked.remarks) if where else "",
        decision=decided[0],
        decision_words=said.get(Says.DECISION, ""),
        passed_to=line(decided[1]),
        decided_by=line(known(said.get(Says.DECIDED_BY, ""))) or "not said",
        to_decide=decided[2],
        answered_at=answered_at,
    )
    return checked


def _urn(said: Said, checked: Checked) -> str:
    urn = " ".join(said.get(Says.URN, "").split())
    if not urn or urn.lower() in NOT_KNOWN or urn.lower() in DITTO:
        checked.wrong.append(
            Wrong(Says.URN, urn, "There is no URN. Write the number that the log gave the referral.")
        )
    elif ISO.match(urn) or _MADE_A_DATE.match(urn):
        sentence = "Excel has made a date of this URN. Write it as the log gave it, with an apostrophe before it."
        checked.wrong.append(Wrong(Says.URN, urn, sentence))
    elif urn.startswith("="):
        sentence = "This is a formula, not a URN. Write the number that the log gave the referral."
        checked.wrong.append(Wrong(Says.URN, urn[:LONGEST_VALUE], sentence))
    elif len(_A_URN.findall(urn)) > 1 or _NAMES_ANOTHER.match(urn):
        sentence = (
            "This names another referral, or several. Write the URN of this one alone; or, if all of it stands in "
            "another row, leave this row out."
        )
        checked.wrong.append(Wrong(Says.URN, urn[:LONGEST_VALUE], sentence))
    elif len(urn) > LONGEST_URN or unseen(urn):
        sentence = f"This is no URN: it is longer than {LONGEST_URN} characters, or holds some that cannot be seen."
        checked.wrong.append(Wrong(Says.URN, urn[:LONGEST_VALUE], sentence))
    return urn


# 3/09 and 12/03 as a CSV file has them, once Excel has opened it.
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MADE_A_DATE = re.compile(rf"^(?:(?:{_MONTHS})-\d\d|\d{{1,2}}-(?:{_MONTHS}))$", re.I | re.A)
_A_URN = re.compile(r"(?<![\d/])\d{1,6}\s*/\s*(?:20)?\d\d(?![\d/])", re.A)
_NAMES_ANOTHER = re.compile(r"^(?:see|same as|dup(?:licate)? of|linked to|refer to)\b", re.I)
# 2.07946E+11: what is left of a number of twelve figures.
_SHORTENED = re.compile(r"^\d(?:[.,]\d+)?E\+\d+$", re.I | re.A)


def _number(urn: str, on: date, today: date) -> tuple[int, int] | None:
    """The number that CAIT can take over as its own: one of the referral's own year or the one beside it."""
    number = number_of(urn, today)
    return number if number and abs(number[0] - on.year) <= 1 else None


# What tells what happened may be long; a name, a date or a number that is longer is none.
_LONG = frozenset({Says.CIRCUMSTANCES, Says.ALLEGATION, Says.STRATEGY})
LONGEST_SHORT = 500


def _check_lengths(said: Said, notes: Notes, checked: Checked) -> None:
    for says, text in said.items():
        most = LONGEST_TEXT if says in _LONG else LONGEST_SHORT
        if len(text) > most:
            sentence = f"This is longer than the {most:,} characters that CAIT holds. Shorten it."
            checked.wrong.append(Wrong(says, text[:LONGEST_VALUE], sentence))
    if sum(len(text) for _, text in notes) > LONGEST_TEXT:
        sentence = (
            f"What is kept as a note is longer than {LONGEST_TEXT:,} characters. Shorten it, or leave a column out."
        )
        checked.wrong.append(Wrong(Says.NOTE, notes[0][1][:LONGEST_VALUE], sentence))


def number_of(urn: str, today: date) -> tuple[int, int] | None:
    """Year and serial of a URN that is written as CAIT writes one: of a year that there has been, and no more than a
    team has in a year. A slip of the pen must not move the team's numbering for good."""
    number = read_urn(_without_its_name(urn))
    if number is None or number[0] > today.year or not 1 <= number[1] <= MOST_IN_A_YEAR:
        return None
    return number


def _received(said: Said, today: date, now: datetime | None, checked: Checked) -> tuple[datetime, date, bool] | None:
    """The moment, its London date, and whether the log gives the day alone."""
    text = said.get(Says.RECEIVED_ON, "")
    if not text or text.lower() in NOT_KNOWN:
        sentence = f"The date received is missing. {DATES_LIKE}"
        checked.wrong.append(Wrong(Says.RECEIVED_ON, text, sentence))
        return None
    read = read_on(text)
    if isinstance(read, str):
        sentence = f"The date received cannot be read. {read}"
        checked.wrong.append(Wrong(Says.RECEIVED_ON, text[:LONGEST_VALUE], sentence))
        return None
    on, with_it = read
    if on > today:
        checked.wrong.append(Wrong(Says.RECEIVED_ON, text, "The date received is in the future. Check the year."))
        return None
    if on.year < FIRST_YEAR:
        sentence = f"CAIT holds referrals from {FIRST_YEAR} on. Check the year; leave older ones out."
        checked.wrong.append(Wrong(Says.RECEIVED_ON, text, sentence))
        return None
    at = said.get(Says.RECEIVED_TIME, "") or with_it
    if (found := ISO.match(at)) and found[4] and at[:10] == on.isoformat():  # the day stands in both columns
        at = found[4]
    if not at or at.lower() in NOT_KNOWN:
        return london_midnight(on), on, True
    clock_time = read_at(at)
    if clock_time is None:
        sentence = "The time received cannot be read. Write it like 15:20, or leave it empty."
        checked.wrong.append(Wrong(Says.RECEIVED_TIME, at[:LONGEST_VALUE], sentence))
        return None
    try:
        received_at = in_london(on, clock_time, "")
    except ValidationError as wrong:
        checked.wrong.append(Wrong(Says.RECEIVED_TIME, at, f"{wrong.messages[0]}."))
        return None
    if now is not None and received_at > now:
        checked.wrong.append(Wrong(Says.RECEIVED_TIME, at, "The time received is in the future. Check it."))
        return None
    return received_at, on, False


def _decided(said: Said, checked: Checked) -> tuple[DecisionKind | None, str, bool]:
    """The kind, whom it was passed to, and whether somebody looked at it and it is still to be decided."""
    text = said.get(Says.DECISION, "")
    if not text or text.lower() in NOT_KNOWN:
        return None, "", False
    decided = read_decision(text)
    if decided is None:
        sentence = (
            "CAIT does not know this decision. Write one of: Joint s47; Single agency police; SS only; Transfer "
            "to …; "
            "Info only; Strat meeting; or leave it empty, and it is decided in CAIT."
        )
        checked.wrong.append(Wrong(Says.DECISION, text[:LONGEST_VALUE], sentence))
        return None, "", False
    return decided.kind, decided.passed_to, decided.kind is None


def _answered(
    said: Said,
    decided: tuple[DecisionKind | None, str, bool],
    received: tuple[datetime, date, bool] | None,
    today: date,
    checked: Checked,
) -> datetime | None:
    """When Social Services answered, where they alone were to deal with it and the log says that they did."""
    text = said.get(Says.UPDATE_RECEIVED, "")
    if decided[0] != DecisionKind.SOCIAL_SERVICES or not text or text.lower() in NOT_YET:
        return None
    read = read_on(text)
    if isinstance(read, str):
        sentence = (
            "It cannot be read when Social Services’ update came. Write the date; or leave it empty if it has "
            "not come, "
            "and CAIT asks for it."
        )
        checked.wrong.append(Wrong(Says.UPDATE_RECEIVED, text[:LONGEST_VALUE], sentence))
        return None
    if read[0] > today:
        sentence = "The date of Social Services’ update is in the future. Check the year."
        checked.wrong.append(Wrong(Says.UPDATE_RECEIVED, text, sentence))
        return None
    if received is None:
        return None
    if read[0] < received[1]:
        sentence = "Social Services’ update is dated before the referral was received. Check both dates."
        checked.wrong.append(Wrong(Says.UPDATE_RECEIVED, text, sentence))
        return None
    return max(received[0], london_midnight(read[0]))


_TOLD = (
    *(Says.RECEIVED_BY, Says.METHOD, Says.ALLEGATION, Says.STRATEGY, Says.DECISION, Says.DECIDED_BY),
    *(Says.UPDATE_DUE, Says.UPDATE_RECEIVED, Says.BIRTH, Says.SEX),
)
# What is told where no child is named, on whom it would stand.
_OF_A_CHILD = (Says.FAMILY_NAME, Says.GIVEN_NAMES, Says.CHILD, Says.ADDRESS, Says.POSTCODE)
_LABELS = {says: str(says.label) for says in Says}


def _told(said: Said, notes: Notes, where: str, children: int, remarks: list[Wrong]) -> str:
    """Whatever else the row says, a line each, for the chronology; never who called, or where they work: they may
    have to be protected later, and an entry is never changed."""
    left_out: set[str] = set()
    if children == 1:
        left_out |= {Says.BIRTH} - {each.says for each in remarks}
        left_out |= {Says.SEX} if said.get(Says.SEX, "").lower() in SEXES.keys() | NOT_KNOWN else set()
    told = _TOLD if children else (*_TOLD, *_OF_A_CHILD)
    if Says.CHILD in said and Says.GIVEN_NAMES in said and children:
        told = (*told, Says.CHILD)
    lines = [f"{_LABELS[says]}: {shown(said[says])}" for says in told if says in said and says not in left_out]
    lines += [f"{heading or 'Without a heading'}: {shown(text)}" for heading, text in notes]
    return "\n".join([f"From the old log, {where}.", *lines])


# One of them is in whatever the patterns find: most rows have none, and are not looked through any further.
_TELLING = ("anon", "confidential", "disclose", "protect", "named", "identified", "withh")


def _asked_not_to_be_named(said: Said, notes: Notes) -> bool:
    caller = " ".join((said.get(Says.REFERRER, ""), said.get(Says.CONTACT, ""), said.get(Says.SOURCE, ""))).lower()
    if any(each in caller for each in _TELLING) and PROTECTED.search(caller):
        return True
    told = " ".join((said.get(Says.CIRCUMSTANCES, ""), *(text for _, text in notes))).lower()
    return any(each in told for each in _TELLING) and bool(ASKS_NOT_TO_BE_NAMED.search(told))


def _check_caller_is_left_out(said: Said, notes: Notes, referrer: str, checked: Checked) -> None:
    """What everybody on the record reads does not tell who a protected caller is."""
    name = " ".join(PROTECTED.sub("", referrer).split()).strip(" -–,:;()")
    contact = said.get(Says.CONTACT, "")
    # The family name alone tells it too; and so does the number or address by which they are reached.
    telling = [name, name.rpartition(" ")[2], *re.findall(r"[^\s<>;,]+@[^\s<>;,]+", contact)]
    telling = [each for each in telling if len(each) > LONGEST_THAT_TELLS_NOTHING]
    number = re.sub(r"\D", "", contact)[-9:]
    read = [(says, said[says]) for says in (Says.CIRCUMSTANCES, *_TOLD) if says in said]
    for says, text in [*read, *((Says.NOTE, text) for _, text in notes)]:
        plain = " ".join(text.split()).casefold()
        found = next((each for each in telling if each.casefold() in plain), "")
        if not found and len(number) == 9 and number in re.sub(r"\D", "", text):
            found = contact
        if found:
            sentence = f"This tells who the caller is, who asked not to be named: “{found}”. Take it out."
            checked.wrong.append(Wrong(says, text[:LONGEST_VALUE], sentence))
