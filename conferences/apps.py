from django.apps import AppConfig


class ConferencesConfig(AppConfig):
    name = "conferences"

    def ready(self) -> None:
        from cases import closure, protection
        from conferences import calendar, duties, hearing
        from conferences.emails import made_on
        from conferences.expected import expected
        from conferences.queries import on_plans, protections
        from conferences.report_queries import authors_waiting
        from cram.duties import BEFORE_CONFERENCE
        from diary.calendar import register_events
        from diary.expecting import register_expected
        from diary.kinds import register, register_own_work
        from intake.models import register_made

        for kind in (*duties.ALL, BEFORE_CONFERENCE):
            register(kind)
        register_own_work(duties.ENDORSE, authors_waiting)
        register_expected("conferences", expected, (*duties.ALL, BEFORE_CONFERENCE))
        closure.register("conferences", hearing.unfinished, hearing.hear, before_transfer=hearing.half_done)
        protection.register(protections)
        protection.register_on_plans(on_plans)
        register_events("conferences", calendar.meetings)
        register_made("conferences", made_on)
