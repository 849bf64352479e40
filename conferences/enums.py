"""States and words of case conferences, police reports and child protection plans, as officers say them."""

from django.db.models import TextChoices


class ConferenceKind(TextChoices):
    """What is called by Social Services (HMIC 2010, AFI 8; Working Together)."""

    INITIAL = "initial", "Initial conference"
    PRE_BIRTH = "pre_birth", "Pre-birth conference"
    TRANSFER_IN = "transfer_in", "Transfer-in conference"
    REVIEW = "review", "Review conference"


# The first conference here about a child: police attend every one (HMIC 2010, AFI 8).
INITIALS = (ConferenceKind.INITIAL, ConferenceKind.PRE_BIRTH, ConferenceKind.TRANSFER_IN)


class ConferenceState(TextChoices):
    BOOKED = "booked", "Booked"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Cancelled"


class Attending(TextChoices):
    """Whether police go: every initial conference, and reviews case by case (HMIC 2010, AFI 8)."""

    UNDECIDED = "undecided", "Not decided yet"
    GOING = "going", "Police attend"
    REPORT_ONLY = "report_only", "A report is sent instead"


class Missed(TextChoices):
    """Why nobody from the police was there."""

    DECIDED = "decided", "A report was sent instead, as decided"
    LATE_NOTICE = "late_notice", "The invitation came too late"
    NOT_INVITED = "not_invited", "We were not told the right date, time or place"
    CLASH = "clash", "Another conference was at the same time"
    NOBODY_FREE = "nobody_free", "Nobody was free to go"
    SICKNESS = "sickness", "Whoever was to go was sick"
    COURT = "court", "Whoever was to go was at court"
    EMERGENCY = "emergency", "An emergency came first"
    OTHER = "other", "Another reason"


class StepKind(TextChoices):
    """The preparation of a conference, in its order (HMIC 2010, AFI 1 and 8)."""

    RESEARCH = "research", "Research"
    CRAM = "cram", "CRAM before the conference"
    REPORT = "report", "Police report"
    ENDORSEMENT = "endorsement", "Endorsement of the report"
    BRIEFING = "briefing", "Briefing"


class ReportState(TextChoices):
    """Where one version of the police report is between being written and being sent."""

    DRAFT = "draft", "Being written"
    SUBMITTED = "submitted", "Waiting for endorsement"
    RETURNED = "returned", "Returned to be put right"
    ENDORSED = "endorsed", "Endorsed, not sent"
    SENT = "sent", "Sent"
    OVERTAKEN = "overtaken", "Overtaken by a newer version"


# Its items can still be changed.
BEING_WRITTEN = (ReportState.DRAFT, ReportState.RETURNED)


class Section(TextChoices):
    """The parts of the report, in the order in which it is read. Facts stand apart from opinion (AFI 8)."""

    CHILDREN = "children", "The children"
    HOUSEHOLD = "household", "The household and family"
    REASON = "reason", "Why the conference is called"
    CHRONOLOGY = "chronology", "What police know, in order of time"
    CONVICTIONS = "convictions", "Relevant convictions"
    INTELLIGENCE = "intelligence", "Relevant intelligence cleared for sharing"
    RISK = "risk", "What puts the children at risk"
    STRENGTHS = "strengths", "What protects the children"
    ANALYSIS = "analysis", "What police make of it"
    VIEW = "view", "The police view of a plan"


# What somebody thinks, apart from what is known.
OPINIONS = (Section.RISK, Section.STRENGTHS, Section.ANALYSIS, Section.VIEW)
FACTS = tuple(section for section in Section if section not in OPINIONS)


class Sharing(TextChoices):
    """Who may read an item of the report."""

    SHARED = "shared", "May be shared"
    CHAIR_ONLY = "chair_only", "With the chair only"
    WITHHELD = "withheld", "Withheld"


class RecipientKind(TextChoices):
    """Who gets a copy of the report."""

    CHAIR = "chair", "Chair"
    FAMILY = "family", "Parent or carer"
    CHILD = "child", "Child"
    PROFESSIONAL = "professional", "Professional"


class Paper(TextChoices):
    """What one copy holds."""

    REPORT = "report", "Police report"
    ANNEX = "annex", "Confidential annex"


class ReportOutcome(TextChoices):
    """What a supervisor does with a report that was sent for endorsement."""

    ENDORSED = "endorsed", "Endorsed"
    RETURNED = "returned", "Returned"


class Outcome(TextChoices):
    """What a conference decided about one child."""

    PLAN = "plan", "A child protection plan begins"
    CONTINUES = "continues", "The plan continues"
    ENDS = "ends", "The plan ends"
    NO_PLAN = "no_plan", "No plan"
    ADJOURNED = "adjourned", "Adjourned without a decision"


class PoliceView(TextChoices):
    """Whether police agreed with what was decided about a child (HMIC 2010, AFI 8)."""

    AGREED = "agreed", "Police agreed"
    DISSENTED = "dissented", "Police did not agree"
    NOT_GIVEN = "not_given", "Police gave no view"


class PlanCategory(TextChoices):
    """The category of a child protection plan (Working Together)."""

    PHYSICAL = "physical", "Physical abuse"
    EMOTIONAL = "emotional", "Emotional abuse"
    SEXUAL = "sexual", "Sexual abuse"
    NEGLECT = "neglect", "Neglect"


class PlanEnd(TextChoices):
    """Why a child is no longer on a plan."""

    CONFERENCE = "conference", "A review conference ended it"
    ADULT = "adult", "The child turned 18"
    MOVED = "moved", "Another area has taken it over"
    DIED = "died", "The child has died"


class CoreGroupState(TextChoices):
    PLANNED = "planned", "Planned"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Cancelled"


class EmailUse(TextChoices):
    """What came of an email to conferences from which nothing was booked."""

    MOVED = "moved", "Moved"
    CANCELLED = "cancelled", "Cancelled"
    MINUTES = "minutes", "Minutes"
    NOTHING = "nothing", "Nothing to do"
