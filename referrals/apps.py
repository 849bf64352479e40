from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"

    def ready(self) -> None:
        from cases import closure
        from diary.expecting import register_expected
        from diary.kinds import register
        from referrals import duties, steps
        from referrals.expected import expected

        for kind in duties.ALL:
            register(kind)
        register_expected("referrals", expected, duties.ALL)
        closure.register("referrals", steps.unfinished, steps.hear)
