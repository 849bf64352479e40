from django.urls import path

from cases import views

app_name = "cases"
urlpatterns = [
    path("", views.records, name="records"),
    path("<record:number>/chronology/", views.chronology, name="chronology"),
    path("<record:number>/chronology/print/", views.print_chronology, name="print_chronology"),
    path("<record:number>/chronology/add/", views.add_entry, name="add_entry"),
    path("<record:number>/chronology/<int:pk>/correct/", views.correct_entry, name="correct_entry"),
    path("<record:number>/actions/", views.actions_page, name="actions_page"),
    path("<record:number>/actions/add/", views.add_action, name="add_action"),
    path("<record:number>/actions/<int:pk>/change/", views.change_action, name="change_action"),
    path("<record:number>/actions/<int:pk>/done/", views.complete_action, name="complete_action"),
    path("<record:number>/actions/<int:pk>/not-needed/", views.cancel_action, name="cancel_action"),
    path("<record:number>/people/", views.people, name="people"),
    path("<record:number>/people/<int:pk>/change/", views.change_person, name="change_person"),
    path("<record:number>/people/<int:pk>/take-off/", views.take_person_off, name="take_person_off"),
    path("<record:number>/shared/", views.shared, name="shared"),
    path("<record:number>/shared/add/", views.share_information, name="share_information"),
    path("<record:number>/assign/", views.assign_case, name="assign_case"),
]
