"""States and words of the Child Risk Assessment Matrix (HMIC 2010, AFI 1), as officers say them."""

from django.db.models import TextChoices


class Category(TextChoices):
    """About whom or what a factor is asked: each child, each suspect, each household."""

    VICTIM = "victim", "Victim"
    SUSPECT = "suspect", "Suspect"
    HOUSEHOLD = "household", "Household"


class VersionState(TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class AssessmentKind(TextChoices):
    FIRST = "first", "First CRAM"
    REVIEW = "review", "CRAM review"
    CONFERENCE = "conference", "CRAM before a conference"


class AssessmentState(TextChoices):
    """Where an assessment is between being begun and being endorsed."""

    UNDER_WAY = "under_way", "Under way"
    SUBMITTED = "submitted", "Waiting for endorsement"
    RETURNED = "returned", "Returned to be put right"
    ENDORSED = "endorsed", "Endorsed"
    DISCARDED = "discarded", "Thrown away"


# Its answers can still be changed.
BEING_WRITTEN = (AssessmentState.UNDER_WAY, AssessmentState.RETURNED)
# It has been submitted once, and counts as the record's last CRAM.
IN_FORCE = (AssessmentState.SUBMITTED, AssessmentState.ENDORSED)
# It was never sent for endorsement.
NEVER_SENT = (AssessmentState.UNDER_WAY, AssessmentState.DISCARDED)


class Said(TextChoices):
    """The answer to a factor. “Not known”: asked, and there is no answer; “not yet asked” raises nothing."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_KNOWN = "not_known", "Not known"
    NOT_ASKED = "not_asked", "Not yet asked"


class Outcome(TextChoices):
    """What a supervisor does with an assessment that was sent for endorsement."""

    ENDORSED = "endorsed", "Endorsed"
    RETURNED = "returned", "Returned"


class GapState(TextChoices):
    OPEN = "open", "Not known yet"
    ANSWERED = "answered", "Answered"
    NOT_NEEDED = "not_needed", "No longer needed"


class Approach(TextChoices):
    """What a control measure does with a risk."""

    REMOVE = "remove", "Removes the risk"
    AVOID = "avoid", "Keeps the child away from the risk"
    REDUCE = "reduce", "Reduces the risk"
    ACCEPT = "accept", "The risk is accepted, with a reason"


class Works(TextChoices):
    """Whether a control measure still works, as it was found when it was checked last."""

    YES = "yes", "It works"
    DOUBT = "doubt", "In doubt"
    NO = "no", "It does not work"
    UNCHECKED = "unchecked", "Not checked yet"


class RequestState(TextChoices):
    ASKED = "asked", "To do"
    DONE = "done", "Done"
    NOT_NEEDED = "not_needed", "Not needed"


class System(TextChoices):
    """The police systems that are searched (handbook section 3)."""

    CRIS = "cris", "CRIS (crime reports)"
    MERLIN = "merlin", "MERLIN (children who came to notice)"
    CRIMINT = "crimint", "CRIMINT (intelligence)"
    PNC = "pnc", "PNC (Police National Computer)"
    PND = "pnd", "INI / PND (other forces)"
    VISOR = "visor", "ViSOR (dangerous offenders)"
    CAD = "cad", "CAD (calls to the police)"

    @property
    def short(self) -> str:
        """As officers call it: "CRIS"."""
        return self.label.partition(" (")[0]
