"""The invented emails of the demonstration: what waits in the mailboxes when it is begun, and what was dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

HGY, ENF = "HGY", "ENF"


@dataclass(frozen=True)
class Email:
    """One email. `minutes`: how long before the demonstration was loaded it came.

    In the words `{Borowska}` stands for the URN of the latest referral of a child of that name, and `{born:6}` for a
    date of birth that makes a child 6 now. `answers`: it answers what CAIT last wrote about that child.
    `then`: "conference" or "set aside", where it was dealt with already; `twice`: it was delivered twice.
    """

    minutes: int
    sender: str
    address: str
    subject: str
    text: str = ""
    html: str = ""
    attached: str = ""
    answers: str = ""
    team: str = HGY
    then: str = ""
    why: str = ""
    twice: bool = False


EMAILS = [
    Email(
        38,
        "Imogen Farr",
        "imogen.farr@social-services.example",
        "Referral - Okell, Temi ({born:6}) URGENT",
        """Dear colleague,

Please find a referral for Temi OKELL, DOB {born:6}, of Flat 9
Osier House, Marsh Lane, London N17 0ZZ.

Temi told her teaching assistant this morning that her uncle "does the belt" when she wets the bed. There is a
linear mark on the back of her left thigh. Her uncle, name not known to us, collects her at 3.15pm.

A strategy discussion is requested today.

Imogen Farr
Social worker, First Response
""",
        twice=True,
    ),
    Email(
        95,
        "Children's Ward, Lea Valley Hospital",
        "ward.c4@lea-valley-hospital.example",
        "Girl of 2 on the ward, burn to the hand",
        html="""<html><head><style>td {color: navy}</style></head><body><p>Dear team,</p>
<p>Please see the child below. The burn is to the back of the hand; her father says she touched an iron. The
consultant is <b>not satisfied</b> with the account.</p>
<table><tr><td>Child</td><td>Orla Finnerty</td></tr><tr><td>Born</td><td>{born:2}</td></tr>
<tr><td>Mother</td><td>Aisling Finnerty</td></tr></table>
<p>She stays on the ward tonight.<br>Sister Joan Maddox</p>
<img src="http://tracker.invalid/seen.gif"><script>alert(1)</script></body></html>""",
        attached="Body map Finnerty.docx",
    ),
    Email(
        170,
        "S Arikan",
        "duty.desk@social-services.example",
        "RE: {Borowska}: update overdue",
        """We have seen Kasia twice, at school and at home, with her mother and alone. A neighbour is with her on the nights
when her mother works. She is well and says she is not frightened. We close our side.

S Arikan
Social worker, First Response
""",
        answers="Borowska",
    ),
    Email(
        300,
        "First Response duty desk",
        "duty.desk@social-services.example",
        "Written confirmation of telephone referral - Blunt",
        """This confirms in writing what we told DS Frayne by telephone about Corey BLUNT.

First Response duty desk
""",
        attached="Form 87A Blunt.docx",
    ),
    Email(
        26 * 60,
        "Little Acorns Nursery",
        "office@little-acorns.example",
        "Ellis Brannock, record of attendance",
        """As DC Osei asked: Ellis has been in each day this week, collected by his grandmother. No new marks were seen
when he changed for water play. Tia was not with her on Thursday.

Denise Holt, manager
""",
    ),
    Email(
        28 * 60,
        "Estates",
        "estates@police.example",
        "Car park closure",
        "The rear car park is closed on Saturday from 7am for resurfacing. Please use the street.\n",
    ),
    Email(
        50,
        "Duty team",
        "duty.team@enfield-services.example",
        "Referral - Delgado, Rosa, further information",
        "Rosa's aunt has rung again. She can be reached after 4pm.\n",
        team=ENF,
    ),
    Email(
        3 * 24 * 60,
        "Safeguarding and Quality Assurance",
        "conferences@social-services.example",
        "Invitation to Review Child Protection Conference - Sobczak family",
        """A review conference will be held in three weeks, on a Thursday at 10am, at the Civic Centre, Wood Green.
Chair: Mrs P Ravenscroft. Please send your report five working days before.
""",
        then="conference",
    ),
    Email(
        5 * 24 * 60,
        "Safeguarding and Quality Assurance",
        "conferences@social-services.example",
        "Invitation to Initial Child Protection Conference - Brannock family",
        """An initial conference will be held within 15 working days of the strategy discussion, at the Civic Centre, Wood
Green. Chair: Mr D Olubayo. The date follows.
""",
        then="conference",
    ),
    Email(
        6 * 24 * 60,
        "Learning and Development",
        "learning@police.example",
        "Mandatory e-learning",
        "Please complete the module on manual handling. See the intranet for details.\n",
        then="set aside",
        why="Training; nothing about a child",
    ),
]


def as_sent(email: Email, *, to: str, at: datetime, words: dict[str, str], answers: str = "") -> bytes:
    """The bytes of an email as a mail program would send it. `words`: what stands for each {name} in it."""

    def said(text: str) -> str:
        for name, word in words.items():
            text = text.replace(f"{{{name}}}", word)
        return text

    message = EmailMessage(policy=SMTP)
    message["From"] = f'"{email.sender}" <{email.address}>'
    message["To"] = to
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{email.minutes}.{at:%Y%m%d%H%M}@{email.address.partition('@')[2]}>"
    message["Subject"] = said(email.subject)
    if answers:
        message["In-Reply-To"] = answers
    if email.html:
        message.set_content(said(email.html), subtype="html")
    else:
        message.set_content(said(email.text))
    if email.attached:
        message.add_attachment(
            f"Invented contents of {email.attached}.".encode(),
            maintype="application",
            subtype="vnd.openxmlformats-officedocument.wordprocessingml.document",
            filename=email.attached,
        )
    return message.as_bytes()
