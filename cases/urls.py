from django.urls import path

from cases.views import closing, leading, record, restricting, transferring

app_name = "cases"
urlpatterns = [
    path("", record.records, name="records"),
    path("restricted/", restricting.restricted_records, name="restricted_records"),
    path("restricted/<record:number>/name/", restricting.name_on_restricted, name="name_on_restricted"),
    path("<record:number>/chronology/", record.chronology, name="chronology"),
    path("<record:number>/chronology/print/", record.print_chronology, name="print_chronology"),
    path("<record:number>/chronology/add/", record.add_entry, name="add_entry"),
    path("<record:number>/chronology/<int:pk>/correct/", record.correct_entry, name="correct_entry"),
    path("<record:number>/actions/", record.actions_page, name="actions_page"),
    path("<record:number>/actions/add/", record.add_action, name="add_action"),
    path("<record:number>/actions/<int:pk>/change/", record.change_action, name="change_action"),
    path("<record:number>/actions/<int:pk>/done/", record.complete_action, name="complete_action"),
    path("<record:number>/actions/<int:pk>/not-needed/", record.cancel_action, name="cancel_action"),
    path("<record:number>/people/", record.people, name="people"),
    path("<record:number>/people/<int:pk>/change/", record.change_person, name="change_person"),
    path("<record:number>/people/<int:pk>/take-off/", record.take_person_off, name="take_person_off"),
    path("<record:number>/shared/", record.shared, name="shared"),
    path("<record:number>/shared/add/", record.share_information, name="share_information"),
    path("<record:number>/assign/", record.assign_case, name="assign_case"),
    path("<record:number>/lead/", leading.choose_lead, name="choose_lead"),
    path("<record:number>/closure/", closing.closure, name="closure"),
    path("<record:number>/closure/<int:pk>/agree/", closing.agree_closure, name="agree_closure"),
    path("<record:number>/closure/<int:pk>/refuse/", closing.refuse_closure, name="refuse_closure"),
    path("<record:number>/closure/<int:pk>/withdraw/", closing.withdraw_closure, name="withdraw_closure"),
    path("<record:number>/reopen/", closing.reopen_case, name="reopen_case"),
    path("<record:number>/transfer/", transferring.transfer, name="transfer"),
    path("<record:number>/transfer/<int:pk>/withdraw/", transferring.withdraw_transfer, name="withdraw_transfer"),
    path("<record:number>/restriction/", restricting.restriction, name="restriction"),
    path("<record:number>/restriction/end/", restricting.end_restriction, name="end_restriction"),
    path("<record:number>/restriction/<int:pk>/take-off/", restricting.take_name_off, name="take_name_off"),
]
