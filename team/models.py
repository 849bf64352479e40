"""Who works here. A person holds roles in a team, from a date, to a date; a loan is a membership with an end."""

from __future__ import annotations

import hashlib
from functools import cache, cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower

from deadlines.clock import CaitMoment, CaitNow, CaitToday
from pages.validators import one_line
from team.enums import COMMAND_ROLES, Posting, Rank, Role, TeamKind
from team.history import tracked

SYSTEM_USERNAME = "cait"


class Team(models.Model):
    """A borough's Child Abuse Investigation Team, or the command above them."""

    code = models.CharField(max_length=3, unique=True)  # as in the record number: HGY-2009-1187
    name = models.CharField(max_length=80, unique=True, validators=[one_line])
    kind = models.CharField(max_length=10, choices=TeamKind, default=TeamKind.CAIT)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z]{3}$"), name="team_code_is_three_capitals"),
            models.CheckConstraint(condition=Q(kind__in=TeamKind.values), name="team_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class UserQuerySet(models.QuerySet["User"]):
    def people(self) -> UserQuerySet:
        """Without CAIT itself."""
        return self.exclude(username=SYSTEM_USERNAME)

    def by_name(self) -> UserQuerySet:
        return self.order_by("family_name", "given_names", "id")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> User:
        # Officers type their user name as they like.
        return self.get(username__iexact=username)

    def system(self) -> User:
        """CAIT itself: what the sweep does and what stands before the first account is by this user.

        It has no password and cannot sign in.
        """
        user, _ = self.get_or_create(
            username=SYSTEM_USERNAME, defaults={"family_name": "CAIT", "is_active": False, "password": "!"}
        )
        return user


class User(AbstractBaseUser):
    """An account. Never deleted: what a person did must keep their name."""

    # When somebody last signed in stands in the audit; here each sign-in would be a line of history.
    last_login = None

    username = models.CharField(
        "user name",
        max_length=150,
        # ASCII, so that "whatever its capitals" is the same for Python, lower() and upper().
        validators=[
            ASCIIUsernameValidator(message="Use only letters a to z, figures and the signs . - _ + @, without spaces")
        ],
    )
    rank = models.CharField(max_length=10, choices=Rank, blank=True, default="")
    given_names = models.CharField(max_length=80, blank=True, validators=[one_line])
    family_name = models.CharField(max_length=80, validators=[one_line])
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    # Set when somebody else chose the password: nothing else can be done before it is changed.
    must_change_password = models.BooleanField(default=False)
    added_at = models.DateTimeField(db_default=CaitNow())

    history = tracked(leave_out=("password",))
    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "account"
        indexes = [models.Index(fields=["family_name", "given_names", "id"], name="user_by_name")]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_name_is_unique",
                violation_error_message="Another account has this user name. Choose another.",
            ),
            models.CheckConstraint(condition=Q(username__regex=r"^[A-Za-z0-9_.@+-]+$"), name="user_name_is_ascii"),
            models.CheckConstraint(condition=Q(rank__in=Rank.values), name="user_rank_is_known"),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """As officers write it: "DS Priya Nandra"; police staff without a rank."""
        return " ".join(part for part in (self.rank, self.given_names, self.family_name) if part)

    def get_short_name(self) -> str:
        """For a narrow column: "DS Nandra", "D Whitlock"."""
        return " ".join(part for part in (self.rank or self.given_names[:1], self.family_name) if part)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is the password. One hashed in an older way is hashed anew: no change of the account."""

        def hash_anew(raw: str) -> None:
            old = self.password
            self.set_password(raw)
            # Unless somebody has given or chosen another one meanwhile.
            type(self).objects.filter(pk=self.pk, password=old).update(password=self.password)

        return check_password(raw_password, self.password, hash_anew)

    @property
    def is_system(self) -> bool:
        """True for CAIT itself."""
        return self.username == SYSTEM_USERNAME

    @cached_property
    def roles_today(self) -> list[Membership]:
        """Memberships in force today, the newest first; none of a closed account. Read once for each page."""
        found = list(Membership.objects.raw(_roles_asked(), [self.pk]))
        for membership in found:
            told = [getattr(membership, f"team_{name}") for name in TEAM_FIELDS]
            membership.team = Team.from_db(membership._state.db, TEAM_FIELDS, told)
            membership.user = self
        return found

    def forget_roles(self) -> None:
        """Have `roles_today` read anew: what was so when the page began may have changed since."""
        self.__dict__.pop("roles_today", None)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def today(self) -> MembershipQuerySet:
        """In force on today's date in London, by the one clock."""
        begun = self.not_withdrawn().filter(from_on__lte=CaitToday())
        return begun.filter(Q(to_on__isnull=True) | Q(to_on__gte=CaitToday()))

    def not_withdrawn(self) -> MembershipQuerySet:
        return self.filter(withdrawn_at__isnull=True)


TEAM_FIELDS = [field.attname for field in Team._meta.concrete_fields]


@cache
def _roles_asked() -> str:
    """The statement for somebody's memberships of today with their teams, put together once: every page asks it, and
    to put it together takes three times as long as to ask. Its one parameter is whose they are."""
    team = {f"team_{name}": F(f"team__{name}") for name in TEAM_FIELDS if name != "id"}
    rows = Membership.objects.today().filter(user__is_active=True, user=0).annotate(**team)
    statement, values = rows.order_by("-from_on", "-id").query.sql_with_params()
    if values != (0,):
        raise RuntimeError(f"Whose roles they are is not all that is asked: {values}.")
    return statement


class DaysOf(Func):
    """The days of a membership as PostgreSQL's date range, both ends included."""

    function = "daterange"
    output_field = DateRangeField()


class Membership(models.Model):
    """One role of one person in one team, from a date to a date (both included)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    posting = models.CharField(max_length=10, choices=Posting, default=Posting.POSTED)
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)  # last day; empty: no end is known
    reason = models.CharField(max_length=200, blank=True, validators=[one_line])  # why it was given
    # Why its last day was set or it was taken back.
    end_reason = models.CharField(max_length=200, blank=True, validators=[one_line])
    # Taken back: from this moment on it carries nothing, whatever its days. It was held until then.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    history = tracked()
    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "role"
        indexes = [models.Index(fields=["team", "role"], name="membership_by_team")]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_is_known"),
            models.CheckConstraint(condition=Q(posting__in=Posting.values), name="membership_posting_is_known"),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")),
                name="membership_ends_after_it_begins",
                violation_error_message="The last day must not be before the first.",
            ),
            models.CheckConstraint(
                condition=~Q(posting=Posting.LOAN) | Q(to_on__isnull=False),
                name="loan_has_an_end",
                violation_error_message="A loan must have a last day.",
            ),
            ExclusionConstraint(
                name="no_role_twice_at_once",
                expressions=[
                    (F("user"), RangeOperators.EQUAL),
                    (F("team"), RangeOperators.EQUAL),
                    (F("role"), RangeOperators.EQUAL),
                    (DaysOf(F("from_on"), F("to_on"), RangeBoundary(True, True)), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
                violation_error_message="This person already has this role in this team on some of these days.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.team}"

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def is_of_command(self) -> bool:
        """True for a role that reaches every team."""
        return Role(self.role) in COMMAND_ROLES


class CalendarAddress(models.Model):
    """A private address at which a calendar program reads somebody's duties, without signing in.

    What makes it private is a secret in it that is shown once and kept nowhere: here is its digest alone, as with the
    tokens of programs. An address is never changed; another is made in its place.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=CaitMoment())
    ended_at = models.DateTimeField(null=True, blank=True)

    history = tracked(leave_out=("digest",))

    class Meta:
        verbose_name = "calendar address"
        verbose_name_plural = "calendar addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], name="one_calendar_address_each", condition=Q(ended_at__isnull=True)
            ),
            # So that nothing can be kept there from which the address could be put together.
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="calendar_digest_is_one"),
        ]

    def __str__(self) -> str:
        return f"calendar address of {self.user}"

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()
