"""What an audit event may be. One name for one act, in the past tense; the labels are what the auditor reads."""

from django.db.models import TextChoices


class Event(TextChoices):
    # signing in
    SIGNED_IN = "SIGNED_IN", "Signed in"
    SIGN_IN_FAILED = "SIGN_IN_FAILED", "Failed to sign in"
    SIGNED_OUT = "SIGNED_OUT", "Signed out"
    PASSWORD_CHANGED = "PASSWORD_CHANGED", "Changed their password"
    # accounts and roles
    TEAM_ADDED = "TEAM_ADDED", "Added a team"
    ACCOUNT_ADDED = "ACCOUNT_ADDED", "Added an account"
    ACCOUNT_CHANGED = "ACCOUNT_CHANGED", "Changed an account"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED", "Closed an account"
    ACCOUNT_REOPENED = "ACCOUNT_REOPENED", "Opened an account again"
    PASSWORD_RESET = "PASSWORD_RESET", "Gave somebody a new password"
    TOKEN_GIVEN = "TOKEN_GIVEN", "Gave a program a token for an account"
    TOKENS_WITHDRAWN = "TOKENS_WITHDRAWN", "Withdrew the tokens of an account"
    CALENDAR_ADDRESS_MADE = "CALENDAR_ADDRESS_MADE", "Made a private address for their calendar"
    CALENDAR_ADDRESS_ENDED = "CALENDAR_ADDRESS_ENDED", "Ended the private address of their calendar"
    ROLE_GIVEN = "ROLE_GIVEN", "Gave a role"
    ROLE_ENDED = "ROLE_ENDED", "Set the last day of a role"
    ROLE_WITHDRAWN = "ROLE_WITHDRAWN", "Took a role back at once"
    # referrals
    DRAFT_SAVED = "DRAFT_SAVED", "Kept a half-typed referral"
    DRAFT_TAKEN_OVER = "DRAFT_TAKEN_OVER", "Took over a colleague’s half-typed referral"
    DRAFT_DISCARDED = "DRAFT_DISCARDED", "Threw a half-typed referral away"
    REFERRAL_LOGGED = "REFERRAL_LOGGED", "Logged a referral"
    REFERRAL_CONFIRMED = "REFERRAL_CONFIRMED", "Recorded that a referral was confirmed in writing"
    REFERRAL_TRIAGED = "REFERRAL_TRIAGED", "Triaged a referral"
    STRATEGY_RECORDED = "STRATEGY_RECORDED", "Recorded a strategy discussion"
    REFERRAL_DECIDED = "REFERRAL_DECIDED", "Decided what is done about a referral"
    INVESTIGATION_SUPERVISED = "INVESTIGATION_SUPERVISED", "Supervised an investigation"
    UPDATE_RECORDED = "UPDATE_RECORDED", "Recorded an update from Social Services"
    UPDATE_JUDGED = "UPDATE_JUDGED", "Judged an update from Social Services"
    # logs that were kept before CAIT
    OLD_LOG_ADDED = "OLD_LOG_ADDED", "Had an old log read"
    OLD_LOG_COLUMNS_CHOSEN = "OLD_LOG_COLUMNS_CHOSEN", "Said what the columns of an old log say"
    OLD_LOG_DISCARDED = "OLD_LOG_DISCARDED", "Threw an old log away that was only read"
    OLD_LOG_BROUGHT_IN = "OLD_LOG_BROUGHT_IN", "Had an old log brought in"
    REFERRAL_BROUGHT_IN = "REFERRAL_BROUGHT_IN", "Brought in a referral of an old log"
    # the mailbox
    MAIL_RECEIVED = "MAIL_RECEIVED", "Took in an email from the mailbox"
    ATTACHMENT_SETTLED = "ATTACHMENT_SETTLED", "Checked an attachment for viruses and its kind"
    MAIL_SET_ASIDE = "MAIL_SET_ASIDE", "Set an email aside"
    MAIL_PUT_BACK = "MAIL_PUT_BACK", "Put an email back to be dealt with"
    MAIL_PASSED_ON = "MAIL_PASSED_ON", "Passed an email to conferences"
    MAIL_PUT_ON_RECORD = "MAIL_PUT_ON_RECORD", "Put an email on a record"
    # chasing partners
    UPDATE_ASKED = "UPDATE_ASKED", "Asked Social Services for an update"
    PARTNER_CHASED = "PARTNER_CHASED", "Chased Social Services"
    CHASES_HELD = "CHASES_HELD", "Held emails to Social Services back"
    CHASES_RELEASED = "CHASES_RELEASED", "Let emails to Social Services go again"
    ADDRESS_APPROVED = "ADDRESS_APPROVED", "Approved an address of Social Services"
    ADDRESS_ENDED = "ADDRESS_ENDED", "Ended an address of Social Services"
    # the diary
    CHASES_RAISED = "CHASES_RAISED", "Raised chases that had fallen due"
    LATENESS_TOLD = "LATENESS_TOLD", "Told people what is late"
    DIGEST_SENT = "DIGEST_SENT", "Sent somebody the daily email of what is due"
    DUTY_GIVEN = "DUTY_GIVEN", "Gave a duty to somebody"
    NOTICES_READ = "NOTICES_READ", "Marked what they were told as read"
    DUTIES_CHECKED = "DUTIES_CHECKED", "Checked which duties there should be"
    DUTIES_PUT_RIGHT = "DUTIES_PUT_RIGHT", "Put right what the check of duties found"
    # records
    CASE_ASSIGNED = "CASE_ASSIGNED", "Said who works on a record"
    ENTRY_ADDED = "ENTRY_ADDED", "Added to a chronology"
    ENTRY_CORRECTED = "ENTRY_CORRECTED", "Corrected an entry of a chronology"
    ACTION_ADDED = "ACTION_ADDED", "Added an action"
    ACTION_CHANGED = "ACTION_CHANGED", "Changed an action"
    ACTION_DONE = "ACTION_DONE", "Recorded an action as done"
    ACTION_CANCELLED = "ACTION_CANCELLED", "Recorded an action as not needed"
    INFORMATION_SHARED = "INFORMATION_SHARED", "Recorded what was shared"
    PERSON_ADDED = "PERSON_ADDED", "Added a person to a record"
    PERSON_CHANGED = "PERSON_CHANGED", "Changed what is known of a person"
    PERSON_TAKEN_OFF = "PERSON_TAKEN_OFF", "Took a person off a record"
    CLOSURE_ASKED = "CLOSURE_ASKED", "Asked to close a record"
    CLOSURE_REFUSED = "CLOSURE_REFUSED", "Did not agree to close a record"
    CLOSURE_WITHDRAWN = "CLOSURE_WITHDRAWN", "Withdrew a request to close a record"
    CASE_CLOSED = "CASE_CLOSED", "Agreed and closed a record"
    CASE_REOPENED = "CASE_REOPENED", "Opened a record again"
    TRANSFER_ASKED = "TRANSFER_ASKED", "Asked another team to take a record over"
    TRANSFER_WITHDRAWN = "TRANSFER_WITHDRAWN", "Withdrew a request that another team takes a record over"
    TRANSFER_DECLINED = "TRANSFER_DECLINED", "Did not accept a record that another team transfers"
    CASE_TRANSFERRED = "CASE_TRANSFERRED", "Accepted a record that another team transferred"
    CASE_RESTRICTED = "CASE_RESTRICTED", "Restricted a record to those named"
    OFFICER_NAMED = "OFFICER_NAMED", "Named somebody who may open a restricted record"
    OFFICER_TAKEN_OFF = "OFFICER_TAKEN_OFF", "Took somebody off those who may open a restricted record"
    RESTRICTION_ENDED = "RESTRICTION_ENDED", "Ended the restriction of a record"
    # assessing the risk
    LEAD_CHOSEN = "LEAD_CHOSEN", "Chose on which record the reviews of a child hang"
    ASSESSMENT_STARTED = "ASSESSMENT_STARTED", "Began an assessment"
    ASSESSMENT_ANSWERED = "ASSESSMENT_ANSWERED", "Answered factors of an assessment"
    ASSESSMENT_LEVEL_SET = "ASSESSMENT_LEVEL_SET", "Set the level in an assessment"
    ASSESSMENT_DECISION_ADDED = "ASSESSMENT_DECISION_ADDED", "Added a decision to an assessment"
    ASSESSMENT_ACTION_ADDED = "ASSESSMENT_ACTION_ADDED", "Added an action to an assessment"
    NEW_INFORMATION_ADDED = "NEW_INFORMATION_ADDED", "Recorded new information in a review"
    ASSESSMENT_SUBMITTED = "ASSESSMENT_SUBMITTED", "Sent an assessment for endorsement"
    ASSESSMENT_ENDORSED = "ASSESSMENT_ENDORSED", "Endorsed an assessment"
    ASSESSMENT_RETURNED = "ASSESSMENT_RETURNED", "Returned an assessment"
    ASSESSMENT_DISCARDED = "ASSESSMENT_DISCARDED", "Threw an assessment away"
    GAP_RAISED = "GAP_RAISED", "Raised an intelligence gap"
    GAP_CHANGED = "GAP_CHANGED", "Changed an intelligence gap"
    GAP_ENDED = "GAP_ENDED", "Ended an intelligence gap"
    RISK_IDENTIFIED = "RISK_IDENTIFIED", "Identified a risk"
    RISK_ENDED = "RISK_ENDED", "Recorded that a risk is no longer present"
    MEASURE_SET = "MEASURE_SET", "Set a control measure"
    MEASURE_CHANGED = "MEASURE_CHANGED", "Changed a control measure"
    MEASURE_CHECKED = "MEASURE_CHECKED", "Checked whether a control measure works"
    MEASURE_ENDED = "MEASURE_ENDED", "Ended a control measure"
    RESEARCH_ASKED = "RESEARCH_ASKED", "Asked for research"
    RESEARCH_NOT_NEEDED = "RESEARCH_NOT_NEEDED", "Recorded that research is not needed"
    SEARCHES_RECORDED = "SEARCHES_RECORDED", "Recorded searches of police systems"
    MATRIX_DRAFTED = "MATRIX_DRAFTED", "Drafted a version of the matrix"
    FACTOR_CHANGED = "FACTOR_CHANGED", "Changed a factor of a drafted matrix"
    FACTOR_TAKEN_OUT = "FACTOR_TAKEN_OUT", "Took a factor out of a drafted matrix"
    MATRIX_DISCARDED = "MATRIX_DISCARDED", "Threw a drafted version of the matrix away"
    MATRIX_PUBLISHED = "MATRIX_PUBLISHED", "Published a version of the matrix"
    # conferences, plans and core groups
    CONFERENCE_BOOKED = "CONFERENCE_BOOKED", "Booked a conference"
    CONFERENCE_CHANGED = "CONFERENCE_CHANGED", "Changed a booked conference"
    CONFERENCE_MOVED = "CONFERENCE_MOVED", "Moved a conference to another time"
    CONFERENCE_CANCELLED = "CONFERENCE_CANCELLED", "Cancelled a conference"
    CONFERENCE_EMAIL_SET_ASIDE = "CONFERENCE_EMAIL_SET_ASIDE", "Set an email to conferences aside"
    ATTENDANCE_DECIDED = "ATTENDANCE_DECIDED", "Decided whether police attend a conference"
    OFFICER_BRIEFED = "OFFICER_BRIEFED", "Briefed a conference officer"
    REPORT_STARTED = "REPORT_STARTED", "Began a police report, or its next version"
    REPORT_ASSEMBLED = "REPORT_ASSEMBLED", "Took items from the record into a police report"
    REPORT_ITEM_ADDED = "REPORT_ITEM_ADDED", "Added an item to a police report"
    REPORT_ITEM_CHANGED = "REPORT_ITEM_CHANGED", "Changed an item of a police report"
    REPORT_ITEM_KEPT_FROM = "REPORT_ITEM_KEPT_FROM", "Changed from whom an item of a police report is kept"
    REPORT_RECIPIENT_ADDED = "REPORT_RECIPIENT_ADDED", "Added a recipient of a police report"
    REPORT_RECIPIENT_TAKEN_OFF = "REPORT_RECIPIENT_TAKEN_OFF", "Took a recipient of a police report off"
    REPORT_SUBMITTED = "REPORT_SUBMITTED", "Sent a police report for endorsement"
    REPORT_ENDORSED = "REPORT_ENDORSED", "Endorsed a police report"
    REPORT_RETURNED = "REPORT_RETURNED", "Returned a police report"
    REPORT_SENT = "REPORT_SENT", "Sent a police report to a conference"
    ATTENDANCE_RECORDED = "ATTENDANCE_RECORDED", "Recorded who attended a conference"
    ATTENDANCE_CORRECTED = "ATTENDANCE_CORRECTED", "Put right who attended a conference"
    OUTCOME_RECORDED = "OUTCOME_RECORDED", "Recorded what a conference decided"
    OUTCOME_CORRECTED = "OUTCOME_CORRECTED", "Put right what a conference decided"
    POLICE_ACTION_ADDED = "POLICE_ACTION_ADDED", "Added a police action that a conference decided"
    OFFICER_DEBRIEFED = "OFFICER_DEBRIEFED", "Debriefed a conference officer"
    MINUTES_CHECKED = "MINUTES_CHECKED", "Checked the minutes of a conference"
    PLAN_RECORDED = "PLAN_RECORDED", "Recorded a child protection plan of before"
    PLAN_ENDED = "PLAN_ENDED", "Recorded that a child protection plan ended"
    PLAN_WITHDRAWN = "PLAN_WITHDRAWN", "Withdrew a child protection plan recorded by mistake"
    CORE_GROUP_PLANNED = "CORE_GROUP_PLANNED", "Recorded the date of a core group"
    CORE_GROUP_MOVED = "CORE_GROUP_MOVED", "Moved a core group"
    CORE_GROUP_RECORDED = "CORE_GROUP_RECORDED", "Recorded what a core group said"
    CORE_GROUP_CANCELLED = "CORE_GROUP_CANCELLED", "Cancelled a core group"
    # time limits
    LIMIT_CHANGED = "LIMIT_CHANGED", "Changed a time limit from a date on"
    LIMIT_WITHDRAWN = "LIMIT_WITHDRAWN", "Withdrew a change of a time limit before its date"
    BANK_HOLIDAYS_ENTERED = "BANK_HOLIDAYS_ENTERED", "Entered bank holidays"
    BANK_HOLIDAY_WITHDRAWN = "BANK_HOLIDAY_WITHDRAWN", "Withdrew a bank holiday before its day"
    # monthly reports
    MONTHLY_REPORT_MADE = "MONTHLY_REPORT_MADE", "Made a monthly report"
    MONTHLY_REPORT_COUNTED = "MONTHLY_REPORT_COUNTED", "Counted the figures of a monthly report again"
    MONTHLY_REPORT_COMMENTED = "MONTHLY_REPORT_COMMENTED", "Wrote the commentary of a monthly report"
    MONTHLY_REPORT_SIGNED = "MONTHLY_REPORT_SIGNED", "Signed a monthly report"


class Look(TextChoices):
    """How something was looked at."""

    PAGE = "page", "Opened the page"
    EXPORT = "export", "Downloaded"
    PRINT = "print", "Printed"
    API = "api", "Read by a program"
    CALENDAR = "calendar", "Read by a calendar program"


# What stands in the `detail` of an event or a look, by its key, in the order in which it is read; None for what only
# programs read. A key that is not here fails the tests: what was recorded must be readable by whoever audits it.
DETAILS: dict[str, str | None] = {
    "code": "code",
    "fields": "changed",
    "why": "because",
    "role": "role",
    "from_on": "first day",
    "to_on": "last day",
    "last_day_before": "last day before",
    "person": "person (number of the account)",
    "team": "team (number)",
    "asked_from": "from",
    "asked_to": "to",
    "urn": "URN",
    "message": "email (number)",
    "messages": "emails (numbers)",
    "record": "record",
    "urgent": "urgent",
    "kind": "kind",
    "kinds": "kinds",
    "step": "step",
    "judgement": "judgement",
    "held": "emails held back",
    "part": "part",
    "owner": "owner (number of the account)",
    "due_on": "due date",
    "officer_in_case": "officer in case (number of the account)",
    "supervisor": "supervisor (number of the account)",
    "partner": "partner",
    "people": "people (numbers)",
    "records": "records (numbers)",
    "restricted": "restricted records of which it was told that there is one (numbers)",
    "rows": "rows",
    "filters": "narrowed by",
    "membership": None,
    "page": "page",
    "draft": None,
    "old_log": "old log (number)",
    "attachment": "attachment (number)",
    "state": "state",
    "row": "row (number)",
    "rule": "rule",
    "value_before": "value before",
    "value": "value",
    "counted_from_before": "counted before from",
    "counted_from": "counted from",
    "effective_from": "for events from",
    "days": "days",
    "since": "months from",
    "month": "month from",
    "moved": "figures that came out otherwise",
    "which": "which of them",
    "calendar_address": "calendar address (number)",
    "assessment": "assessment (number)",
    "child": "child (number)",
    "level": "level",
    "answers": "answers",
    "gaps": "gaps (numbers)",
    "risk": "risk (number)",
    "works": "does it work",
    "systems": "systems",
    "version": "version",
    "factor": "factor",
    "conference": "conference (number)",
    "core_group": "core group (number)",
    "plan": "plan (number)",
    "report": "version of the report (number)",
    "item": "item (number)",
    "recipient": "recipient (number)",
    "copies": "copies",
    "attended": "police attended",
    "outcomes": "outcomes",
    "starts_at": "date and time",
    "from_team": "from team (number)",
    "to_team": "to team (number)",
}

# By what a list was narrowed, which stands under "filters" as the names of what its page or address asks. A name that
# is not here fails the tests as well.
FILTERS: dict[str, str] = {
    "team": "team",
    "whose": "whose it is",
    "by": "when it is due",
    "kind": "what has to be done",
    "cram": "kind of CRAM",
    "which": "what is asked of CRAMs",
    "met": "whether it was so",
    "level": "level",
    "officer": "officer",
    "began": "old logs",
    "case": "record",
    "q": "words searched for",
    "progress": "state of the referral",
    "source": "source",
    "category": "kind of harm",
    "urgent": "urgent when logged",
    "decision": "decision",
    "unconfirmed": "written confirmation outstanding",
    "from": "week",
    "group": "group of children",
    "figure": "figure",
    "way": "moved on or off",
    "how": "in time or late",
    "from_on": "received from",
    "to_on": "received until",
    "state": "open or closed",
    "on": "register as at",
    "running": "whether a plan runs",
    "child": "child",
}
