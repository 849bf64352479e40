from django.apps import AppConfig


class CramConfig(AppConfig):
    name = "cram"

    def ready(self) -> None:
        from cases import closure
        from cram import duties, steps
        from cram.expected import expected
        from cram.managing import is_unmanaged_of
        from cram.queries import whose_work_waits
        from diary.expecting import register_expected
        from diary.kinds import register, register_own_work, register_owned
        from diary.notices import register_unmanaged

        for kind in duties.ALL:
            register(kind)
        for kind in (duties.GAP, duties.MEASURE):
            register_owned(kind, steps.own_what_is_given)
        register_own_work(duties.ENDORSE, whose_work_waits)
        register_unmanaged(is_unmanaged_of)
        register_expected("cram", expected, duties.ALL)
        closure.register("cram", steps.unfinished, steps.hear, before_transfer=steps.half_done)
