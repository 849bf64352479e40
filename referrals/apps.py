from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"

    def ready(self) -> None:
        from cases import closure, discussions, receipt
        from diary.expecting import register_expected
        from diary.kinds import register
        from diary.pairs import register_follow
        from referrals import duties, steps
        from referrals.expected import expected
        from referrals.queries import discussed, received_at

        for kind in duties.ALL:
            register(kind)
        register_expected("referrals", expected, duties.ALL)
        register_follow(duties.SUPERVISION, steps.supervise_with)
        receipt.register(received_at)
        discussions.register(discussed)
        closure.register("referrals", steps.unfinished, steps.hear)
