"""What is written to Social Services. It carries the URN, never a name or circumstances: an email may be misread."""

from __future__ import annotations

from deadlines import clock
from diary.kinds import Letter, Sent
from diary.models import Duty
from pages.words import day

ASKED = """{team} asks for an update on referral {urn}.

On {decided} we decided that Social Services deal with this referral alone. Please tell us by {due}:

- what you have done, and what you have found
- whether anything has changed, so that the police may be needed after all
"""

# Where nothing could be sent before it was due.
ASKED_LATE = """{team} asks for an update on referral {urn}. It was due by {due}.

On {decided} we decided that Social Services deal with this referral alone. Please tell us today:

- what you have done, and what you have found
- whether anything has changed, so that the police may be needed after all
"""

# The first reminder goes on the day itself (handbook: chases fall on day 14 and every 7 days after).
DUE_TODAY = """{team} still needs an update on referral {urn}. It is due today, {due}.

On {decided} we decided that Social Services deal with this referral alone. Please tell us today:

- what you have done, and what you have found
- whether anything has changed, so that the police may be needed after all

We go on asking, and tell your managers, until we have your answer.
"""

CHASED = """{team} still needs an update on referral {urn}. It was due by {due}. This is reminder {number}.

On {decided} we decided that Social Services deal with this referral alone. Please tell us today:

- what you have done, and what you have found
- whether anything has changed, so that the police may be needed after all

We go on asking, and tell your managers, until we have your answer.
"""

ENDED = """
Answer this email and keep {urn} in its subject. Ring the referral desk if you would rather speak to somebody.

If a child is in danger now, ring 999. Do not wait for an answer to an email.
"""


def update_letter(duty: Duty, number: int, sent: Sent) -> Letter:
    """The request for an update on a referral (0), or the chase of that number; `sent`: what they had before.
    Dates come from the duty itself."""
    urn, team = duty.case.urn, duty.team
    due = duty.reckoned
    said = {
        "team": team,
        "urn": urn,
        "due": day(due.due_on),
        "decided": day(due.why.started),
        "number": sent.chases + 1,
    }
    if not number:
        words, title = ASKED, "Social Services asked for an update"
        subject = f"{urn}: update asked for by {day(due.due_on)}"
    elif sent.asked and clock.today() <= due.due_on:
        words, title = DUE_TODAY, f"Social Services chased, chase {number}"
        subject = f"{urn}: update due today, reminder {sent.chases + 1}"
    elif sent.asked:
        words, title = CHASED, f"Social Services chased, chase {number}"
        subject = f"{urn}: update overdue, reminder {sent.chases + 1}"
    else:
        words, title = ASKED_LATE, f"Social Services asked for an update, at chase {number}"
        subject = f"{urn}: update asked for, overdue"
    return Letter(subject, (words + ENDED).format(**said), title)
