from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from deadlines import clock
from pages.acting import attempt, open_on
from pages.paging import page_of
from pages.words import day
from team import actions, forms, policies
from team.acting import SignedIn, acting_team, choose_team, chosen_team, teams_to_choose
from team.history import ChangedMeanwhile, version_of
from team.models import Membership, Team, User
from team.permissions import Permission, require, teams_where
from team.queries import accounts_named, last_signed_in, people_in, teams_with_people, tokens_of

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def people(request: SignedIn) -> HttpResponse:
    """Who is in a team: one's own or, for a role of the command, any (`?team=HGY`)."""
    require(request.user, Permission.SEE_TEAM, team=None)
    teams = teams_where(request.user, Permission.SEE_TEAM)
    team: Team | None
    if code := request.GET.get("team"):
        team = get_object_or_404(teams, code=code)
    else:
        team = acting_team(request)
    context = {
        "shown": team,
        "teams": teams if len(teams) > 1 else [],
        "people": people_in(team) if team else [],
        "today": clock.today(),
    }
    return render(request, "team/people.html", context)


@get_or_post
def change(request: SignedIn) -> HttpResponse:
    """Choose for which team to work, where one holds roles in several."""
    teams = teams_to_choose(request)
    form = forms.ChooseTeamForm(request.POST or None, teams=teams, initial={"team": chosen_team(request)})
    if request.method == "POST" and form.is_valid():
        team = form.cleaned_data["team"]
        choose_team(request, team)
        messages.success(request, f"You are now working for {team}.")
        return redirect("workbench:today")
    return render(request, "team/change.html", {"form": form, "teams": teams})


@require_safe
def accounts(request: SignedIn) -> HttpResponse:
    """Every account, by name."""
    require(request.user, Permission.MANAGE_ACCOUNTS, team=None)
    form = forms.FindAccountForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    page = page_of(accounts_named(words), key="family_name", descending=False, cursor=request.GET.get("after", ""))
    held = Membership.objects.today().filter(user__in=page.rows).select_related("team").order_by("role")
    roles: dict[int, list[Membership]] = {}
    for membership in held:
        roles.setdefault(membership.user_id, []).append(membership)
    rows = [(user, roles.get(user.pk, [])) for user in page.rows]
    context = {"form": form, "words": words, "rows": rows, "teams": teams_with_people(), **page.links(request.GET)}
    return render(request, "team/accounts.html", context)


@require_safe
def account(request: SignedIn, pk: int) -> HttpResponse:
    """One account: its facts, its roles past, present and to come, and what can be done with it."""
    user = _user(request, pk)
    memberships = user.memberships.select_related("team").order_by("-from_on", "-id")
    context = {
        "account": user,
        "memberships": memberships,
        "signed_in_at": last_signed_in(user),
        "today": clock.today(),
        "is_own": user == request.user,
        "tokens": tokens_of(user),
        "now": clock.now(),
    }
    return render(request, "team/account.html", context)


@get_or_post
def add_team(request: SignedIn) -> HttpResponse:
    require(request.user, Permission.MANAGE_ACCOUNTS, team=None)
    form = forms.AddTeamForm(request.POST or None)
    if request.method == "POST" and (outcome := attempt(form, actions.add_team, by=request.user)).done:
        team = outcome.get()
        messages.success(
            request, f"{team} ({team.code}) is added. To give somebody a role in it, open their account."
        )
        return redirect("team:accounts")
    return render(request, "team/add_team.html", {"form": form})


@get_or_post
def add_account(request: SignedIn) -> HttpResponse:
    require(request.user, Permission.MANAGE_ACCOUNTS, team=None)
    form = forms.AddAccountForm(request.POST or None)
    if request.method == "POST" and (outcome := attempt(form, actions.add_account, by=request.user)).done:
        user, password = outcome.get()
        said = f"The account of {user} is added"
        return _first_password(request, user, password, said, give_role=True)
    return render(request, "team/add_account.html", {"form": form})


@get_or_post
def change_account(request: SignedIn, pk: int) -> HttpResponse:
    user = _user(request, pk)
    version = version_of(user)
    now = {
        "rank": user.rank or forms.STAFF,
        "given_names": user.given_names,
        "family_name": user.family_name,
        "email": user.email,
        "version": version,
    }
    form = forms.ChangeAccountForm(request.POST or None, initial=now)
    if request.method == "POST":
        outcome = attempt(form, actions.change_account, user, by=request.user)
        if outcome.done:
            messages.success(request, f"The account of {outcome.result} is changed.")
            return redirect("team:account", pk)
        if isinstance(outcome.refused, ChangedMeanwhile):
            open_on(form, version=version)
    return render(request, "team/change_account.html", {"form": form, "account": user})


@get_or_post
def reset_password(request: SignedIn, pk: int) -> HttpResponse:
    def act(user: User) -> HttpResponse:
        password = actions.reset_password(user, by=request.user)
        return _first_password(request, user, password, f"{user} has a new password")

    return _confirm(request, pk, "team/reset_password.html", act, policies.check_reset_password)


@get_or_post
def close_account(request: SignedIn, pk: int) -> HttpResponse:
    def act(user: User) -> HttpResponse:
        actions.close_account(user, by=request.user)
        messages.success(request, f"The account of {user} is closed. They can no longer see anything.")
        return redirect("team:account", pk)

    return _confirm(request, pk, "team/close_account.html", act, policies.check_close_account)


@get_or_post
def withdraw_tokens(request: SignedIn, pk: int) -> HttpResponse:
    """Programs can no longer act as somebody."""

    def act(user: User) -> HttpResponse:
        withdrawn = actions.withdraw_tokens(user, by=request.user)
        said = "The token is" if withdrawn == 1 else f"The {withdrawn} tokens are"
        messages.success(request, f"{said} withdrawn. No program can act as {user} any more.")
        return redirect("team:account", pk)

    return _confirm(request, pk, "team/withdraw_tokens.html", act, policies.check_withdraw_tokens)


@get_or_post
def reopen_account(request: SignedIn, pk: int) -> HttpResponse:
    def act(user: User) -> HttpResponse:
        password = actions.reopen_account(user, by=request.user)
        return _first_password(request, user, password, f"The account of {user} is open again")

    return _confirm(request, pk, "team/reopen_account.html", act, policies.check_reopen_account)


@get_or_post
def give_role(request: SignedIn, pk: int) -> HttpResponse:
    user = _user(request, pk)
    form = forms.GiveRoleForm(request.POST or None, initial={"from_on": clock.today()})
    if request.method == "POST" and (outcome := attempt(form, actions.give_role, user, by=request.user)).done:
        given = outcome.get()
        until = f" until {day(given.to_on)}" if given.to_on else ""
        messages.success(request, f"{user} has the role {given} from {day(given.from_on)}{until}.")
        return redirect("team:account", pk)
    return render(request, "team/give_role.html", {"form": form, "account": user})


@get_or_post
def end_role(request: SignedIn, pk: int) -> HttpResponse:
    membership = _membership(request, pk)
    form = forms.EndRoleForm(request.POST or None, initial={"last_day": membership.to_on or clock.today()})
    if request.method == "POST" and (outcome := attempt(form, actions.end_role, membership, by=request.user)).done:
        messages.success(request, f"The role {outcome.result} ends on {day(form.cleaned_data['last_day'])}.")
        return redirect("team:account", membership.user_id)
    return render(request, "team/end_role.html", {"form": form, "membership": membership})


@get_or_post
def withdraw_role(request: SignedIn, pk: int) -> HttpResponse:
    membership = _membership(request, pk)
    form = forms.WithdrawRoleForm(request.POST or None)
    if request.method == "POST" and attempt(form, actions.withdraw_role, membership, by=request.user).done:
        messages.success(request, f"{membership.user} no longer has the role {membership}.")
        return redirect("team:account", membership.user_id)
    return render(request, "team/withdraw_role.html", {"form": form, "membership": membership})


def _membership(request: SignedIn, pk: int) -> Membership:
    require(request.user, Permission.MANAGE_ACCOUNTS, team=None)
    return get_object_or_404(Membership.objects.select_related("user", "team"), pk=pk)


def _user(request: SignedIn, pk: int) -> User:
    require(request.user, Permission.MANAGE_ACCOUNTS, team=None)
    return get_object_or_404(User.objects.people(), pk=pk)


@never_cache
def _first_password(
    request: SignedIn, user: User, password: str, said: str, *, give_role: bool = False
) -> HttpResponse:
    """The one page that shows it; no browser keeps it."""
    context = {"account": user, "password": password, "said": said, "give_role": give_role}
    return render(request, "team/first_password.html", context)


def _confirm(
    request: SignedIn,
    pk: int,
    template: str,
    act: Callable[[User], HttpResponse],
    check: Callable[..., None],
) -> HttpResponse:
    """A page that says what will follow, with one button; what stands against it is said instead of the button."""
    user = _user(request, pk)
    try:
        if request.method == "POST":
            return act(user)
        check(user, by=request.user)
        refused = None
    except ValidationError as reason:
        refused = reason.messages[0]
    return render(request, template, {"account": user, "refused": refused}, status=409 if refused else 200)
