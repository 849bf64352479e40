"""The only writer of time limits, bank holidays and monthly reports. Figures are counted by `oversight.counting`."""

from oversight.actions.limits import change_limit, enter_bank_holidays, withdraw_bank_holiday, withdraw_limit
from oversight.actions.reporting import count_again, make_report, sign_report, write_commentary

__all__ = [
    "change_limit",
    "count_again",
    "enter_bank_holidays",
    "make_report",
    "sign_report",
    "withdraw_bank_holiday",
    "withdraw_limit",
    "write_commentary",
]
