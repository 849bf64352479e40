from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"

    def ready(self) -> None:
        from diary.kinds import register
        from referrals import duties

        register(duties.TRIAGE)
        register(duties.CONFIRMATION)
