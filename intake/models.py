"""The teams' mailboxes, every email that arrived in one, and what was made of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from cases.models import Case
from deadlines.clock import CaitMoment
from diary.models import Mail
from intake.enums import ON_A_RECORD, WITH_A_REASON, FileState, Looks, State, UseKind
from intake.looks import looks_like
from pages.validators import one_line
from team.models import Team, User
from team.permissions import Permission, teams_held

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


AN_HOUR = 3600


class Mailbox(models.Model):
    """A folder on a mail server that CAIT reads for a team, and how far it has come with it.

    `validity` and `last_uid` are IMAP's: within one UIDVALIDITY a message keeps its UID, and a later one has a
    greater. Where the server begins anew with another UIDVALIDITY, everything is read again and known again.
    """

    team = models.ForeignKey(Team, models.PROTECT, related_name="mailboxes")
    # User, host, port and folder; never the password.
    place = models.CharField(max_length=700)
    validity = models.BigIntegerField(null=True, blank=True)
    last_uid = models.BigIntegerField(default=0)
    # UIDs of what could not be fetched or kept; tried again in each pass.
    left_behind = ArrayField(models.BigIntegerField(), default=list)
    # The UID that is being read just now; where a pass begins and finds one, the last pass died of it.
    reading = models.BigIntegerField(null=True, blank=True)
    added_at = models.DateTimeField(db_default=CaitMoment())
    # When it was last read to its end, and what stood in the way of the last try: a word of the program.
    read_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "mailbox"
        verbose_name_plural = "mailboxes"
        constraints = [models.UniqueConstraint(fields=["team", "place"], name="mailbox_once_for_a_team")]

    def __str__(self) -> str:
        return f"{self.team}: {self.place}"


# What a room above has made of an email (`OuterRef`) on some records, such as what was booked from it. Each registers
# its own, in its AppConfig.ready().
MadeOn = Callable[[OuterRef, models.QuerySet[Case]], Sequence[models.QuerySet[Any]]]
_made: dict[str, MadeOn] = {}


def register_made(room: str, made_on: MadeOn) -> None:
    """Say how emails are found that a room has put to a use of its own on some records."""
    _made[room] = made_on


def about(cases: models.QuerySet[Case], path: str = "pk") -> list[Q | Exists]:
    """Each way in which an email is about one of some records: it is on it, or what it is a second copy of is, or it
    answers what was asked about it. `path` leads to the email."""
    on_one, prefix = list[models.QuerySet[Any]](), "" if path == "pk" else f"{path}__"
    for email in (OuterRef(path), OuterRef(f"{prefix}copy_of")):
        on_one.append(Use.objects.filter(message=email, case__in=cases))
        for made_on in _made.values():
            on_one += made_on(email, cases)
    # The ids of what was asked are read once, and not for each email.
    asked = Mail.objects.filter(case__in=cases).values("message_id")
    return [*map(Exists, on_one), Q(**{f"{prefix}answers__overlap": asked})]


def seen_of(user: User | AnonymousUser, path: str = "pk") -> Q:
    """Emails that are about no restricted record on which the user is not named, also where nobody has made anything
    of them yet. `path` leads to the email."""
    return Q(*(~each for each in about(Case.objects.hidden_from(user), path)))


def kept_of(cases: models.QuerySet[Case]) -> Q:
    """Emails that are about one of some records: those that `seen_of` leaves out, where these are hidden."""
    return reduce(or_, map(Q, about(cases)))


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User | AnonymousUser) -> MessageQuerySet:
        """The emails a user may read: whoever handles a team's mailbox, all of it; whoever sees records, what is on
        one they may open or was passed to conferences. Of another team's mailbox, what is on records alone that they
        may open: it came with a record that was transferred (ADR 30), and tells of no family that stayed. What tells
        who a protected caller is, those alone who may know: in its team, or in each that has a record it is on. What
        is on a restricted record, those alone who are named on that."""
        handled = teams_held(user, Permission.HANDLE_MAIL)
        read = teams_held(user, Permission.SEE_RECORDS)
        callers = teams_held(user, Permission.SEE_CALLERS)
        mine = Case.objects.visible_to(user)
        uses = Use.objects.filter(message=OuterRef("pk"))
        on_records = uses.filter(case__isnull=False)
        on_record = Exists(uses.filter(case__in=mine))
        used = on_record | Exists(uses.conferences())
        here = Q() if read is None else Q(team__in=read)
        if handled is not None:
            here &= Q(team__in=handled) | used if handled else used
        # Record by record: where it said NOT IN, every record of the teams would be read.
        came = Q(on_record, ~Exists(on_records.filter(~Exists(mine.filter(pk=OuterRef("case"))))))
        if callers is not None:
            here &= Q(protected=False) | Q(team__in=callers)
            came &= Q(protected=False) | Q(~Exists(on_records.exclude(case__team__in=callers)))
        # Apart, so that it is asked of each email once. And an empty Q, of whoever reads every mailbox, would be left
        # out of the OR.
        seen = self.filter(seen_of(user))
        return seen.filter(here | came) if here else seen

    def handled_by(self, user: User | AnonymousUser, *, kept_back: bool = False) -> MessageQuerySet:
        """The emails of the mailboxes that a user handles: as `visible_to` has it for these, without asking of each
        email what was made of it. `kept_back`: those alone that are left out, to be counted and not to be read."""
        handled, read = teams_held(user, Permission.HANDLE_MAIL), teams_held(user, Permission.SEE_RECORDS)
        callers = teams_held(user, Permission.SEE_CALLERS)
        rows = self.filter(kept_of(Case.objects.hidden_from(user)) if kept_back else seen_of(user))
        for teams in (handled, read):
            rows = rows if teams is None else rows.filter(team__in=teams)
        return rows if callers is None else rows.filter(Q(protected=False) | Q(team__in=callers))


class Message(models.Model):
    """An email that arrived in a team's mailbox. What it says is never changed, which the database sees to; how far
    the desk has come, is.

    Received when the server received it, whatever date the email claims.
    """

    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="messages", db_index=False)
    validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    team = models.ForeignKey(Team, models.PROTECT, related_name="messages", db_index=False)
    received_at = models.DateTimeField()
    taken_in_at = models.DateTimeField(db_default=CaitMoment())

    from_name = models.CharField(max_length=500, blank=True, default="")
    from_address = models.CharField(max_length=500, blank=True, default="")
    to = models.CharField(max_length=500, blank=True, default="")
    subject = models.CharField(max_length=500, blank=True, default="")
    # As the email itself claims.
    sent_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=310, blank=True, default="")
    # Ids of the emails that it answers.
    answers = ArrayField(models.CharField(max_length=310), default=list)
    text = models.TextField(blank=True, default="")
    # What came with it: name, type and size in bytes of each.
    attachments = models.JSONField(default=list)
    # What could not be read of it, in sentences.
    problems = ArrayField(models.CharField(max_length=200), default=list)
    # The same for two deliveries of one email.
    fingerprint = models.CharField(max_length=64)

    # Whoever wrote it says that it is urgent.
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    copy_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="copies")
    # It tells who a protected caller is.
    protected = models.BooleanField(default=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "email in the mailbox"
        verbose_name_plural = "emails in the mailbox"
        indexes = [
            models.Index(fields=["team", "received_at", "id"], name="message_waiting", condition=Q(state="waiting")),
            models.Index(
                fields=["team", "received_at", "id"],
                name="message_urgent",
                condition=Q(state="waiting", urgent=True),
            ),
            models.Index(fields=["team", "-received_at", "-id"], name="message_by_team"),
            models.Index(fields=["team", "fingerprint"], name="message_by_fingerprint"),
        ]
        constraints = [
            # A second reading finds what the first one kept.
            models.UniqueConstraint(fields=["mailbox", "validity", "uid"], name="message_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.COPY, copy_of__isnull=False)
                | (~Q(state=State.COPY) & Q(copy_of__isnull=True)),
                name="copy_says_of_what",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or "(no subject)"

    @property
    def sent_another_time(self) -> bool:
        """Whether the email claims to have been sent long before, or after, it was received."""
        return self.sent_at is not None and abs((self.received_at - self.sent_at).total_seconds()) > AN_HOUR

    @property
    def looks(self) -> Looks:
        """What it looks like; the desk decides."""
        return looks_like(self.subject, self.attachments)

    @property
    def sender(self) -> str:
        """ "Gillian Teasdale, g.teasdale@fernley.example" """
        return ", ".join(filter(None, (self.from_name, self.from_address))) or "sender not known"


class Source(models.Model):
    """An email byte for byte as the server gave it; of one too large, its beginning. Rows are only ever added: it is
    evidence."""

    message = models.OneToOneField(Message, models.PROTECT, primary_key=True, related_name="source")
    raw = models.BinaryField()
    # SHA-256 of it, and how many bytes it has.
    digest = models.CharField(max_length=64)
    size = models.BigIntegerField()

    class Meta:
        verbose_name = "source of an email"

    def __str__(self) -> str:
        return f"source of {self.message_id}"


class Attachment(models.Model):
    """A file that came with an email. It waits until its kind is known and the virus scanner has passed it; then it
    lies in the folder of attachments under a name that says nothing, and can be downloaded."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="files", db_index=False)
    # Its place among the email's attachments, from 0.
    number = models.PositiveSmallIntegerField()
    # As the email calls it.
    name = models.CharField(max_length=500)
    size = models.BigIntegerField("size in bytes")
    state = models.CharField(max_length=10, choices=FileState, default=FileState.HELD)
    # Why it waits, or is not opened.
    why = models.CharField(max_length=300, blank=True, default="")
    # By its bytes: its media type, and SHA-256.
    kind = models.CharField(max_length=100, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")
    # Its name in the folder.
    stored = models.UUIDField(null=True, blank=True, unique=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=CaitMoment())

    class Meta:
        verbose_name = "attachment"
        ordering = ["number"]
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="attachment_held", condition=Q(state="held")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="attachment_once"),
            models.CheckConstraint(condition=Q(state__in=FileState.values), name="attachment_state_is_known"),
            models.CheckConstraint(
                name="kept_attachment_is_stored",
                condition=Q(state=FileState.KEPT, stored__isnull=False, settled_at__isnull=False)
                & ~Q(digest="")
                & ~Q(kind="")
                | Q(state=FileState.REFUSED, stored__isnull=True, settled_at__isnull=False) & ~Q(why="")
                | Q(state=FileState.HELD, stored__isnull=True, settled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UseQuerySet(models.QuerySet["Use"]):
    def conferences(self) -> UseQuerySet:
        """What was passed to conferences and not put back since."""
        back = Use.objects.filter(message=OuterRef("message"), kind=UseKind.PUT_BACK, pk__gt=OuterRef("pk"))
        return self.filter(~Exists(back), kind=UseKind.CONFERENCE)

    def passed_to_conferences(self, user: User | AnonymousUser) -> UseQuerySet:
        """The emails that were passed to conferences, of those that a user may read: as `Message.visible_to` has it
        for these in its own teams' mailboxes, said so that their index is read."""
        read, callers = teams_held(user, Permission.SEE_RECORDS), teams_held(user, Permission.SEE_CALLERS)
        rows = self.conferences().filter(seen_of(user, "message"))
        if read is not None:
            rows = rows.filter(message__team__in=read)
        return rows if callers is None else rows.filter(Q(message__protected=False) | Q(message__team__in=callers))


class Use(models.Model):
    """What was made of an email, by whom. Rows are only ever added; one email may tell of two families."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="uses")
    kind = models.CharField(max_length=12, choices=UseKind)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="emails")
    reason = models.CharField(max_length=300, blank=True, default="", validators=[one_line])
    used_at = models.DateTimeField(db_default=CaitMoment())
    used_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = UseQuerySet.as_manager()

    class Meta:
        verbose_name = "use of an email"
        indexes = [
            models.Index(fields=["-used_at", "-id"], name="passed_to_conferences", condition=Q(kind="conference"))
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=UseKind.values), name="use_kind_is_known"),
            # A form that is sent twice is recorded once.
            models.UniqueConstraint(
                fields=["message", "kind", "case"], name="use_once_on_a_record", condition=Q(case__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ON_A_RECORD, case__isnull=False)
                | (~Q(kind__in=ON_A_RECORD) & Q(case__isnull=True)),
                name="use_on_a_record_says_which",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=WITH_A_REASON) | ~Q(reason=""), name="use_set_aside_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.message_id}"
