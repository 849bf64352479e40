from django.apps import AppConfig


class DiaryConfig(AppConfig):
    name = "diary"

    def ready(self) -> None:
        from cases import closure
        from diary import calendar, duties, hearing, queries
        from diary.expecting import of_the_record, register_expected
        from diary.kinds import register, register_own_work, register_owned

        register(duties.ACTION)
        register(duties.CLOSURE)
        register(duties.TRANSFER)
        register(duties.FOUND)
        register_owned(duties.ACTION, hearing.own_what_is_given)
        register_own_work(duties.CLOSURE, hearing.who_asked_or_did_it)
        register_expected("diary", of_the_record, [duties.ACTION, duties.CLOSURE, duties.TRANSFER])
        closure.register("diary", queries.duties_in_the_way, hearing.hear, queries.ends_with_the_record)
        calendar.register_events("duties", calendar.my_duties)
