"""The administrator's pages: what was typed stays, what is wrong stands beside its field, nobody's work is lost."""

from __future__ import annotations

import threading
from io import StringIO
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from deadlines import clock
from deadlines.calendar import ONE_DAY
from pages import words
from team import actions
from team.enums import Posting, Role
from team.history import version_of
from team.models import Team, User
from team.permissions import Permission, may, teams_where
from team.queries import teams_with_people
from tests.factories.rows import everything
from tests.factories.team import a_team, a_user, an_officer
from tests.integration.team.sending import post

pytestmark = pytest.mark.django_db


def test_an_account_from_nothing_to_a_role(client: Client, administrator: User) -> None:
    page = post(client, "add_account", username="j.smee", rank="DC", given_names="Jude", family_name="Smee", email="")
    user = User.objects.get(username="j.smee")
    assert "The account of DC Jude Smee is added" in page
    shown = page.split("cait-read-out")[1].split(">")[1].split("<")[0]
    assert user.check_password(shown)
    today = words.day(clock.today())
    page = post(
        client, "give_role", user.pk, role="pclo", team=a_team().pk, posting="posted", from_on=today, to_on=""
    )
    assert f"DC Jude Smee has the role Police Conference Liaison Officer, {a_team()} from {today}." in page
    assert [m.role for m in User.objects.get(pk=user.pk).roles_today] == ["pclo"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": ""}, "Enter the user name"),
        ({"family_name": ""}, "Enter the family name"),
        ({"username": "TAKEN"}, "Another account has this user name"),
        ({"username": "two words"}, "Enter a valid username|letters"),
        ({"email": "not an address"}, "Enter the email address like"),
        ({"rank": "Sheriff"}, "Select a rank"),
    ],
)
def test_a_bad_account_is_refused_beside_its_field_and_nothing_typed_is_lost(
    client: Client, administrator: User, fields: dict[str, str], said: str
) -> None:
    a_user("taken")
    good = {"username": "fresh", "rank": "DS", "given_names": "Ottoline", "family_name": "Vane", "email": ""}
    before = User.objects.count()
    page = post(client, "add_account", None, **(good | fields))
    assert any(part in page for part in said.split("|"))
    assert "There is a problem" in page
    assert 'value="Ottoline"' in page
    assert User.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_two_accounts_with_one_name_at_the_same_moment(administrator: User) -> None:
    """Both looked and found the name free; the database lets only one in, and the other reads why."""
    look, refused, added = threading.Barrier(2), [], []

    def add() -> None:
        try:
            added.append(actions.add_account(username="same", family_name="Same", by=administrator))
        except ValidationError as reason:
            refused.append(reason.message_dict)
        finally:
            connection.close()

    both = [threading.Thread(target=add) for _ in range(2)]
    with patch.object(User, "full_clean", lambda self: look.wait(30)):
        for one in both:
            one.start()
        for one in both:
            one.join()
    assert len(added) == 1
    assert refused == [{"username": ["Another account has this user name. Choose another."]}]
    assert User.objects.filter(username="same").count() == 1


def test_two_administrators_at_once(client: Client, administrator: User) -> None:
    user = a_user(family_name="Prior")
    other = an_officer(Role.ADMINISTRATOR, name="Quist")
    version = version_of(user)
    actions.change_account(
        user, family_name="Quistchange", given_names="Alex", rank="DC", email="", version=version, by=other
    )
    mine = {"family_name": "Mine", "given_names": "Alex", "rank": "DC", "email": "", "version": version}
    page = post(client, "change_account", user.pk, **mine)
    assert f"{other} changed this while you had it open" in page
    assert "family name: Prior became Quistchange" in page
    assert 'value="Mine"' in page
    user.refresh_from_db()
    assert user.family_name == "Quistchange"

    newest = page.split('name="version" value="')[1].split('"')[0]
    post(client, "change_account", user.pk, **(mine | {"version": newest}))
    user.refresh_from_db()
    assert user.family_name == "Mine"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"family_name": "Smee\r\nBcc: x@elsewhere.example"}, "Take out line breaks"),
        ({"given_names": "\u202eeduJ"}, "Take out line breaks"),
        ({"username": "\ufdfa" * 80}, "Use only letters a to z"),
        ({"username": "\u0131gor"}, "Use only letters a to z"),
    ],
)
def test_characters_that_deceive_are_refused(
    client: Client, administrator: User, fields: dict[str, str], said: str
) -> None:
    good = {"username": "j.smee", "rank": "DC", "given_names": "Jude", "family_name": "Smee", "email": ""}
    before = User.objects.count()
    assert said in post(client, "add_account", **(good | fields))
    assert User.objects.count() == before


def test_a_password_chosen_meanwhile_is_no_change_to_be_told_of(client: Client, administrator: User) -> None:
    user = a_user(family_name="Prior")
    mine = {"family_name": "Mine", "given_names": "Alex", "rank": "DC", "email": "", "version": version_of(user)}
    actions.change_password(user, password="otter lantern gravel", by=user)
    assert "The account of DC Alex Mine is changed" in post(client, "change_account", user.pk, **mine)


def test_a_version_that_never_was_is_not_taken_for_the_newest(client: Client, administrator: User) -> None:
    user = a_user(family_name="Prior")
    mine = {"family_name": "Mine", "given_names": "Alex", "rank": "DC", "email": "", "version": 10**9}
    assert "CAIT cannot tell what changed" in post(client, "change_account", user.pk, **mine)
    user.refresh_from_db()
    assert user.family_name == "Prior"


def test_a_form_that_was_refused_for_something_else_still_notices_the_other(
    client: Client, administrator: User
) -> None:
    user = a_user(family_name="Prior")
    mine = {"family_name": "", "given_names": "Alex", "rank": "DC", "email": "", "version": version_of(user)}
    other = an_officer(Role.ADMINISTRATOR, name="Quist")
    actions.change_account(user, family_name="Theirs", given_names="Alex", rank="DC", email="", by=other)
    page = post(client, "change_account", user.pk, **mine)
    assert "Enter the family name" in page
    page = post(client, "change_account", user.pk, **(mine | {"family_name": "Mine"}))
    assert f"{other} changed this while you had it open" in page
    user.refresh_from_db()
    assert user.family_name == "Theirs"


def test_choosing_a_password_undoes_nothing_that_happened_meanwhile(administrator: User) -> None:
    user = a_user(family_name="Prior")
    held_by_a_request = User.objects.get(pk=user.pk)
    actions.change_account(user, family_name="Renamed", given_names="Alex", rank="DC", email="", by=administrator)
    actions.change_password(held_by_a_request, password="otter lantern gravel", by=held_by_a_request)
    user.refresh_from_db()
    assert (user.family_name, user.check_password("otter lantern gravel")) == ("Renamed", True)

    held_by_a_request.refresh_from_db()
    actions.close_account(user, by=administrator)
    with pytest.raises(PermissionDenied, match="was not taken"):
        actions.change_password(held_by_a_request, password="gravel lantern otter", by=held_by_a_request)
    user.refresh_from_db()
    assert (user.is_active, user.check_password("otter lantern gravel")) == (False, True)


def test_a_password_given_meanwhile_stands(administrator: User) -> None:
    user = a_user()
    held_by_a_request = User.objects.get(pk=user.pk)
    given = actions.reset_password(user, by=administrator)
    with pytest.raises(PermissionDenied, match="was not taken"):
        actions.change_password(held_by_a_request, password="otter lantern gravel", by=held_by_a_request)
    user.refresh_from_db()
    assert user.check_password(given)
    assert user.must_change_password


@pytest.mark.django_db(transaction=True)
def test_of_two_who_waited_for_each_other_the_second_is_later(administrator: User) -> None:
    """The one who began first but got the row's lock last must not look like the earlier."""
    user = a_user()
    began, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                clock.now()  # the transaction, and with it its "now", begins here
                began.set()
                go_on.wait(30)
                actions.close_account(user, by=administrator)
        finally:
            connection.close()

    first = threading.Thread(target=slow)
    first.start()
    began.wait(30)
    actions.change_account(user, family_name="Quick", given_names="Alex", rank="DC", email="", by=administrator)
    go_on.set()
    first.join()
    newest = user.history.latest()
    assert (newest.family_name, newest.is_active) == ("Quick", False)
    assert AuditEvent.objects.latest("at").event == "ACCOUNT_CLOSED"


def test_history_says_who_changed_what(administrator: User) -> None:
    user = a_user(family_name="Before")
    actions.change_account(user, family_name="After", given_names="Alex", rank="DC", email="", by=administrator)
    newest, first = user.history.all()[:2]
    assert newest.history_user == administrator
    assert [(c.field, c.old, c.new) for c in newest.diff_against(first).changes] == [
        ("family_name", "Before", "After")
    ]
    assert not hasattr(newest, "password")


def test_nobody_closes_their_own_account(client: Client, administrator: User) -> None:
    answer = client.post(reverse("team:close_account", args=[administrator.pk]))
    assert answer.status_code == 409
    assert "You cannot close your own account" in answer.content.decode()
    administrator.refresh_from_db()
    assert administrator.is_active


def test_a_role_of_a_team_reaches_that_team_and_one_of_the_command_every_team() -> None:
    mine, other = a_team("HGY"), a_team("ENF")
    sergeant, chief = an_officer(Role.SUPERVISOR, mine), an_officer(Role.COMMAND)
    assert may(sergeant, Permission.SEE_TEAM, team=mine)
    assert not may(sergeant, Permission.SEE_TEAM, team=other)
    assert may(chief, Permission.SEE_TEAM, team=other)
    assert set(teams_where(sergeant, Permission.SEE_TEAM)) == {mine}
    assert set(teams_where(chief, Permission.SEE_TEAM)) == set(Team.objects.all())


def test_another_team_is_not_found(client: Client) -> None:
    a_team("ENF")
    client.force_login(an_officer(Role.SUPERVISOR))
    assert client.get(reverse("team:people"), {"team": "ENF"}).status_code == 404
    assert client.get(reverse("team:people"), {"team": "HGY"}).status_code == 200


def test_somebody_in_two_teams_chooses_for_which_they_work(client: Client) -> None:
    officer = an_officer(Role.SUPERVISOR, a_team("HGY", "Haringey"))
    today = clock.today()
    actions.give_role(
        officer,
        team=a_team("ENF", "Enfield"),
        role=Role.DESK_SERGEANT,
        posting=Posting.LOAN,
        from_on=today,
        to_on=today,
        by=User.objects.system(),
    )
    client.force_login(officer)
    assert "Change team" in client.get("/").content.decode()
    page = post(client, "change", team=a_team("HGY").pk)
    assert "You are now working for Haringey" in page
    assert f"{officer}, supervisor" in page
    assert "Select a team" in post(client, "change", team=a_team("CAC").pk)


def test_a_team_sees_who_of_theirs_is_on_loan_elsewhere(client: Client) -> None:
    home, other, today = a_team("HGY"), a_team("ENF", "Enfield CAIT"), clock.today()
    lent = an_officer(Role.SUPERVISOR, home, name="Oduya")
    actions.give_role(
        lent,
        team=other,
        role=Role.SUPERVISOR,
        posting=Posting.LOAN,
        from_on=today,
        to_on=today + 9 * ONE_DAY,
        by=User.objects.system(),
    )
    client.force_login(an_officer(Role.PCLO, home))
    for page in (reverse("workbench:today"), reverse("team:people")):
        said = f"also on loan to Enfield CAIT until {words.day(today + 9 * ONE_DAY)}"
        assert client.get(page).content.decode().count(said) == 1
    client.force_login(an_officer(Role.PCLO, other))
    assert "also on loan" not in client.get(reverse("team:people")).content.decode()


def test_the_accounts_page_lists_the_teams(client: Client, administrator: User) -> None:
    a_team("QQQ", "Quay CAIT")
    an_officer(Role.PCLO, a_team("HGY"))
    teams = {team.code: number for team, number in teams_with_people()}
    assert (teams["QQQ"], teams["HGY"], teams["CAC"]) == (0, 1, 1)
    assert "Quay CAIT" in client.get(reverse("team:accounts")).content.decode()


@pytest.mark.parametrize("name", ["team:accounts", "team:people", "workbench:today"])
def test_the_number_of_queries_does_not_grow_with_the_rows(client: Client, name: str) -> None:
    user = an_officer(Role.ADMINISTRATOR)
    client.force_login(user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        return len(captured)

    few = queries()
    for _ in range(12):
        actions.give_role(
            a_user(), team=a_team("CAC"), role=Role.REVIEWER, from_on=clock.today(), by=User.objects.system()
        )
    assert queries() == few
    assert few <= 12


def test_a_long_list_is_read_page_by_page_and_no_row_twice(client: Client, administrator: User) -> None:
    for number in range(61):
        a_user(family_name=f"Same{number % 3}")
    seen: list[str] = []
    url = reverse("team:accounts")
    while url:
        page = client.get(url).content.decode()
        seen += [part.split('"')[0] for part in page.split('rowheader"><a class="govuk-link" href="')[1:]]
        older = page.split("govuk-pagination__next")
        url = f"{reverse('team:accounts')}{older[1].split('href=')[1].split(chr(34))[1]}" if len(older) > 1 else ""
    assert len(seen) == len(set(seen)) == User.objects.people().count()
    assert client.get(reverse("team:accounts"), {"after": "nonsense"}).status_code == 400


def test_an_installation_without_people_gets_its_first_administrator(client: Client) -> None:
    said = StringIO()
    call_command("add_administrator", "y.tull", "Tull", stdout=said)
    user = User.objects.get(username="y.tull")
    assert user.check_password(said.getvalue().split()[-1])
    assert user.must_change_password
    assert may(user, Permission.MANAGE_ACCOUNTS, team=None)
    with pytest.raises(CommandError, match="Another account has this user name"):
        call_command("add_administrator", "Y.TULL", "Other")


# --- the tests' own ------------------------------------------------------------------------------


def test_somebody_of_the_tests_is_as_the_actions_make_them() -> None:
    """The factories write these rows at once; they must never be others than those of the actions."""
    team, today = a_team(), clock.today()
    before = everything()
    by_factory = an_officer(Role.SUPERVISOR, team, to_on=today + ONE_DAY, name="Frayne")
    between = everything()
    by_action, _ = actions.add_account(
        username="another", rank="DC", given_names="Alex", family_name="Frayne", by=User.objects.system()
    )
    by_action.must_change_password = False
    by_action.save(update_fields=["must_change_password"])
    actions.give_role(
        by_action, team=team, role=Role.SUPERVISOR, from_on=today, to_on=today + ONE_DAY, by=User.objects.system()
    )
    after = everything()
    assert [len(after[table]) - len(between[table]) for table in after] == [
        len(between[table]) - len(before[table]) for table in after
    ]
    assert by_factory.__dict__.keys() >= by_action.__dict__.keys() - {"_password"}
    assert written(by_factory) == written(by_action)


def written(user: User) -> list[dict[str, object]]:
    """The rows that are about somebody, but for what every row has of its own."""
    given = user.memberships.get()
    rows = [
        *User.objects.filter(pk=user.pk).values(),
        *user.history.order_by("history_id").values(),
        *user.memberships.values(),
        *given.history.values(),
        *AuditEvent.objects.filter(object_type="team.user", object_id=user.pk).order_by("pk").values(),
    ]
    own = {"id", "user_id", "object_id", "history_id", "username", "password", "at", "added_at", "history_date"}
    for row in rows:
        if "detail" in row and "membership" in row["detail"]:
            row["detail"]["membership"] = 0
    return [{name: value for name, value in row.items() if name not in own} for row in rows]
