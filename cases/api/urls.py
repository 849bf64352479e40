from django.urls import path

from cases.api import restricting, transfers, views

urlpatterns = [
    path("cases/", views.Cases.as_view(), name="cases"),
    path("cases/<record:number>/", views.OneCase.as_view(), name="case"),
    path("cases/<record:number>/officers/", views.Officers.as_view(), name="officers"),
    path("cases/<record:number>/chronology/", views.Chronology.as_view(), name="chronology"),
    path("cases/<record:number>/chronology/<int:pk>/corrections/", views.Corrections.as_view(), name="corrections"),
    path("cases/<record:number>/actions/", views.Actions.as_view(), name="actions"),
    path("cases/<record:number>/actions/<int:pk>/", views.OneAction.as_view(), name="action"),
    path("cases/<record:number>/actions/<int:pk>/done/", views.CompleteAction.as_view(), name="complete_action"),
    path("cases/<record:number>/actions/<int:pk>/not-needed/", views.CancelAction.as_view(), name="cancel_action"),
    path("cases/<record:number>/people/<int:pk>/", views.PersonOnRecord.as_view(), name="person_on_record"),
    path("cases/<record:number>/parts/<int:pk>/take-off/", views.TakeOff.as_view(), name="take_person_off"),
    path("cases/<record:number>/shared/", views.SharedItems.as_view(), name="shared"),
    path("cases/<record:number>/closure/", views.Closures.as_view(), name="closure"),
    path("cases/<record:number>/closure/<int:pk>/agree/", views.AgreeClosure.as_view(), name="agree_closure"),
    path("cases/<record:number>/closure/<int:pk>/refuse/", views.RefuseClosure.as_view(), name="refuse_closure"),
    path(
        "cases/<record:number>/closure/<int:pk>/withdraw/", views.WithdrawClosure.as_view(), name="withdraw_closure"
    ),
    path("cases/<record:number>/reopen/", views.Reopen.as_view(), name="reopen_case"),
    path("cases/<record:number>/restriction/", restricting.RestrictionOfRecord.as_view(), name="restriction"),
    path("cases/<record:number>/restriction/end/", restricting.EndRestriction.as_view(), name="end_restriction"),
    path("cases/<record:number>/restriction/named/", restricting.NameOfficer.as_view(), name="name_officer"),
    path(
        "cases/<record:number>/restriction/named/<int:pk>/take-off/",
        restricting.TakeNameOff.as_view(),
        name="take_name_off",
    ),
    path("cases/<record:number>/transfers/", transfers.TransfersOfRecord.as_view(), name="transfers_of_record"),
    path(
        "cases/<record:number>/transfers/<int:pk>/withdraw/",
        transfers.WithdrawTransfer.as_view(),
        name="withdraw_transfer",
    ),
]
