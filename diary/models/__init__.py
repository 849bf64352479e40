"""What the diary keeps: every duty, whom it chases, who is told, what is written, when the sweep last looked."""

from diary.models.chases import Chase, ChaseState, Rung, Step, StepState, plain_address
from diary.models.duties import FIRST_DAY, LAST_DAY, Duty, DutyQuerySet, DutyState
from diary.models.outbox import Digest, Mail, MailState, Outgoing
from diary.models.sweeping import Check, Heartbeat, Waker
from diary.models.telling import Notice, NoticeKind, NoticeQuerySet, NoticesRead, Watch

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "Chase",
    "ChaseState",
    "Check",
    "Digest",
    "Duty",
    "DutyQuerySet",
    "DutyState",
    "Heartbeat",
    "Mail",
    "MailState",
    "Notice",
    "NoticeKind",
    "NoticeQuerySet",
    "NoticesRead",
    "Outgoing",
    "Rung",
    "Step",
    "StepState",
    "Waker",
    "Watch",
    "plain_address",
]
