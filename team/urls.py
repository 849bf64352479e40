from django.urls import path

from team import views

app_name = "team"
urlpatterns = [
    path("", views.people, name="people"),
    path("change/", views.change, name="change"),
    path("add/", views.add_team, name="add_team"),
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/add/", views.add_account, name="add_account"),
    path("accounts/<int:pk>/", views.account, name="account"),
    path("accounts/<int:pk>/change/", views.change_account, name="change_account"),
    path("accounts/<int:pk>/password/", views.reset_password, name="reset_password"),
    path("accounts/<int:pk>/close/", views.close_account, name="close_account"),
    path("accounts/<int:pk>/reopen/", views.reopen_account, name="reopen_account"),
    path("accounts/<int:pk>/tokens/withdraw/", views.withdraw_tokens, name="withdraw_tokens"),
    path("accounts/<int:pk>/give-role/", views.give_role, name="give_role"),
    path("roles/<int:pk>/end/", views.end_role, name="end_role"),
    path("roles/<int:pk>/withdraw/", views.withdraw_role, name="withdraw_role"),
]
