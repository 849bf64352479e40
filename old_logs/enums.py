"""What an old log and its rows can be, and what a column of one can say."""

from django.db.models import TextChoices


class State(TextChoices):
    READING = "reading", "Being read"
    READ = "read", "Checked, nothing is brought in yet"
    REFUSED = "refused", "Could not be read"
    BRINGING_IN = "bringing_in", "Being brought in"
    DONE = "done", "Brought in"


# A worker has something to do with it.
AT_WORK = (State.READING, State.BRINGING_IN)


class RowState(TextChoices):
    READY = "ready", "Can be brought in"
    FLAWED = "flawed", "Needs a person"
    HERE = "here", "Here already"
    BROUGHT_IN = "brought_in", "Brought in"
    # A title, a heading, a total: what is in the sheet and is no referral.
    NO_REFERRAL = "no_referral", "Not a referral"


class Says(TextChoices):
    """What a column of an old log says. The labels are those of the page on which it is chosen."""

    URN = "urn", "URN"
    RECEIVED_ON = "received_on", "Date received"
    RECEIVED_TIME = "received_time", "Time received"
    RECEIVED_BY = "received_by", "Received by"
    METHOD = "method", "How it reached the team"
    SOURCE = "source", "Where it comes from"
    REFERRER = "referrer", "Referrer’s name"
    CONTACT = "contact", "Referrer’s telephone or email"
    FAMILY_NAME = "family_name", "Child’s family name"
    GIVEN_NAMES = "given_names", "Child’s first names"
    CHILD = "child", "Child’s whole name"
    BIRTH = "birth", "Child’s date of birth or age"
    SEX = "sex", "Child’s sex"
    ADDRESS = "address", "Child’s address"
    POSTCODE = "postcode", "Child’s postcode"
    ALLEGATION = "allegation", "Allegation"
    CIRCUMSTANCES = "circumstances", "What happened"
    STRATEGY = "strategy", "Strategy discussion"
    DECISION = "decision", "Decision"
    DECIDED_BY = "decided_by", "Who decided"
    UPDATE_DUE = "update_due", "Social Services’ update due"
    UPDATE_RECEIVED = "update_received", "Social Services’ update received"
    NOTE = "note", "Something else: keep it as a note"
    LEFT_OUT = "left_out", "Leave it out"


# Without these no row of the log can be brought in.
NEEDED = (Says.URN, Says.RECEIVED_ON)
# Of which one is enough.
NAMES = (Says.FAMILY_NAME, Says.GIVEN_NAMES, Says.CHILD)
# Several columns of a log may say these.
SEVERAL = (Says.NOTE, Says.LEFT_OUT)
