"""What somebody said about a person, before it is known whether CAIT has that person already."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from people.births import Birth
from people.enums import BirthKnown, Relation, Sex

# As the column in the database.
KEY_LENGTH = 200


@dataclass(frozen=True)
class PersonSaid:
    """One person as the caller described them. `same_as`: the id of the known person the desk says it is."""

    given_names: str = ""
    family_name: str = ""
    birth: Birth = field(default_factory=Birth)
    sex: str = Sex.UNKNOWN
    address: str = ""
    same_as: int | None = None
    # For an adult: what they are to the children of the referral, and whether they may have harmed one.
    relation: str = Relation.UNKNOWN
    may_have_harmed: bool = False

    @property
    def full_name(self) -> str:
        """As it is said."""
        return full_name(self.given_names, self.family_name, unborn=self.birth.known == BirthKnown.UNBORN)

    @property
    def name_key(self) -> str:
        """As it is searched and compared."""
        return name_key(self.given_names, self.family_name)


def full_name(given_names: str, family_name: str, *, unborn: bool = False) -> str:
    """As it is said: "Rhys Calloway"; "Martin (family name not known)"; "Unborn baby Aldous" where there is no first
    name before the birth."""
    if given_names and family_name:
        return f"{given_names} {family_name}"
    if given_names:
        return f"{given_names} (family name not known)"
    return f"Unborn baby {family_name}" if unborn else f"{family_name} (first name not known)"


def with_age(name: str, birth: Birth, on: date) -> str:
    """ "Rhys Calloway, 6"; the name alone where no age is known."""
    age = birth.age(on)
    return f"{name}, {age}" if name and age else name or age


_APOSTROPHES = str.maketrans(dict.fromkeys("‘’ʼ`´", "'"))


def name_key(*names: str) -> str:
    """Names as they are searched and compared: without capitals, one space between.

    Done here alone: Python and PostgreSQL differ about the small letters of some names. A telephone types O’Connor
    where a keyboard types O'Connor.
    """
    # First: some of these signs become a space and a mark when they are normalised.
    plain = unicodedata.normalize("NFKC", " ".join(names).translate(_APOSTROPHES)).casefold()
    return " ".join(plain.split())


# Written for want of an address: nothing is known, or there is none. No two people live there together.
_NO_PLACE = {"", "n k", "nk", "na", "n a", "not known", "unknown", "none", "nfa", "n f a", "no fixed abode"}
_NO_PLACE |= {"no fixed address", "homeless", "not given", "refused", "tbc", "as above"}


def is_a_place(text: str) -> bool:
    """Whether an address names one: "not known" and "no fixed abode" do not."""
    return address_key(text) not in _NO_PLACE


def address_key(text: str) -> str:
    """An address without what differs from one writing to the next: small letters and figures, one space between."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return " ".join("".join(each if each.isalnum() else " " for each in plain).split())[:KEY_LENGTH]


_INWARD = re.compile(r"\d[a-z]{2}")  # the second half of a postcode


def address_numbers(key: str) -> list[str]:
    """The house and flat numbers in an address's key: "flat 6 40b ermine road n17 6qx" gives 6 and 40."""
    tokens = (each for each in key.split() if not _INWARD.fullmatch(each))
    return sorted({found[0] for each in tokens if (found := re.match(r"\d{1,20}", each, re.A))})
