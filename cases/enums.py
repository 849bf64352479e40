"""States of a record and of what stands on it, as officers say them."""

from django.db.models import TextChoices

from team.enums import Role


class State(TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class Court(TextChoices):
    """What has become of a court case, as whoever asks for closure says (HMIC 2010, AFI 2)."""

    NONE = "none", "There was none"
    CONCLUDED = "concluded", "It is concluded"
    UNDER_WAY = "under_way", "It is not concluded yet"


class ClosureState(TextChoices):
    """What has become of a request to close a record."""

    ASKED = "asked", "Waiting for an answer"
    AGREED = "agreed", "Agreed"
    REFUSED = "refused", "Not agreed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class TransferState(TextChoices):
    """What has become of a request that another borough's team takes a record over."""

    ASKED = "asked", "Waiting for an answer"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Not accepted"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Level(TextChoices):
    """Level of risk, set by judgement with a written rationale (HMIC 2010, AFI 1), never by counting."""

    STANDARD = "standard", "Standard"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class Part(TextChoices):
    """What a person is to one record."""

    CHILD = "child", "Child it is about"
    OTHER_CHILD = "other_child", "Other child there"
    ADULT = "adult", "Adult"
    SUSPECT = "suspect", "May have harmed the child"


# Who is a child on the record, whatever their age is today.
CHILDREN = (Part.CHILD, Part.OTHER_CHILD)


class Kind(TextChoices):
    """What an entry of the chronology is."""

    REFERRAL = "referral", "Referral"
    NOTE = "note", "Note"
    CONTACT = "contact", "Contact or visit"
    INFORMATION = "information", "Information received"
    INCIDENT = "incident", "Incident"
    DECISION = "decision", "Decision"
    ACTION = "action", "Action"
    SHARED = "shared", "Shared or asked"
    PEOPLE = "people", "People"
    RECORD = "record", "The record itself"


# What somebody writes by hand; the others are written by CAIT with the act they tell of.
BY_HAND = (Kind.NOTE, Kind.CONTACT, Kind.INFORMATION, Kind.INCIDENT, Kind.DECISION)


class Happened(TextChoices):
    """How exactly it is known when something happened."""

    AT = "at", "at this time"
    ABOUT = "about", "about this time"
    ON = "on", "on this day"


# Whose something is that is nobody's by name, in words.
ANYBODY = f"Any {Role.INVESTIGATOR.short}"


class ActionState(TextChoices):
    OPEN = "open", "To do"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Not needed"


class Partner(TextChoices):
    """With whom information is shared."""

    SOCIAL_SERVICES = "social_services", "Social Services"
    HEALTH = "health", "Health"
    SCHOOL = "school", "School or nursery"
    PROBATION = "probation", "Probation"
    HOUSING = "housing", "Housing"
    POLICE = "police", "Another police unit"
    VOLUNTARY = "voluntary", "Voluntary organisation"
    OTHER = "other", "Another organisation or person"


class Way(TextChoices):
    """How something was passed on."""

    TELEPHONE = "telephone", "By telephone"
    EMAIL = "email", "By email"
    MEETING = "meeting", "At a meeting"
    LETTER = "letter", "By letter or form"
    IN_PERSON = "in_person", "In person"
    # Of an old log alone; never offered.
    NOT_SAID = "not_said", "Not said in the old log"


# What whoever records something today can say.
WAYS = [(value, label) for value, label in Way.choices if value != Way.NOT_SAID]


class Basis(TextChoices):
    """On what ground information about people is passed on (Data Protection Act 2018, Children Act 2004)."""

    SAFEGUARDING = "safeguarding", "To protect a child (Children Act 2004, section 11)"
    ENQUIRY = "enquiry", "For a section 47 enquiry"
    CRIME = "crime", "To prevent or detect crime"
    CONSENT = "consent", "The person agreed"
    COURT = "court", "A court ordered it"


class Series(TextChoices):
    """What is numbered in sequence, per team and year."""

    RECORD = "record"
    URN = "urn"
