from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"

    def ready(self) -> None:
        from cases import closure
        from diary.kinds import register
        from referrals import duties, steps

        for kind in duties.ALL:
            register(kind)
        closure.register("referrals", steps.unfinished, steps.hear)
