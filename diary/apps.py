from django.apps import AppConfig


class DiaryConfig(AppConfig):
    name = "diary"

    def ready(self) -> None:
        from cases import closure
        from diary import duties, queries, steps
        from diary.kinds import register

        register(duties.CLOSURE)
        closure.register("diary", queries.duties_in_the_way, steps.hear, queries.ends_with_the_record)
