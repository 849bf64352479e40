from django.urls import path

from referrals.api import deciding, log, supervising

urlpatterns = [
    path("referrals/", log.Referrals.as_view(), name="referrals"),
    path("referrals/<record:number>/", log.OneReferral.as_view(), name="referral"),
    path("referrals/<record:number>/triage/", log.Triage.as_view(), name="triage"),
    path("referrals/<record:number>/confirmation/", log.Confirmation.as_view(), name="confirm"),
    path("people/known-already/", log.KnownAlready.as_view(), name="known_already"),
    path("cases/<record:number>/people/", log.AddPerson.as_view(), name="add_person"),
    path("cases/<record:number>/emails/", log.Emails.as_view(), name="put_email_on_record"),
    path("cases/<record:number>/strategies/", deciding.Strategies.as_view(), name="strategies"),
    path("cases/<record:number>/decisions/", deciding.Decisions.as_view(), name="decisions"),
    path("cases/<record:number>/supervisions/", supervising.Supervisions.as_view(), name="supervisions"),
    path("cases/<record:number>/updates/", deciding.Updates.as_view(), name="updates"),
    path("cases/<record:number>/updates/<int:pk>/judge/", deciding.Judgement.as_view(), name="judge"),
]
