from django.apps import AppConfig


class DiaryConfig(AppConfig):
    name = "diary"

    def ready(self) -> None:
        from cases import closure
        from diary import calendar, duties, queries, steps
        from diary.expecting import answers_wanted, register_expected
        from diary.kinds import register

        register(duties.CLOSURE)
        register(duties.TRANSFER)
        register(duties.FOUND)
        register_expected("diary", answers_wanted, [duties.CLOSURE, duties.TRANSFER])
        closure.register("diary", queries.duties_in_the_way, steps.hear, queries.ends_with_the_record)
        calendar.register_events("duties", calendar.my_duties)
        calendar.register_events("actions", calendar.actions_to_do)
