"""The duties that the record itself raises on its way to being closed or transferred, and the check of duties."""

from diary.kinds import DutyKind
from team.enums import Role
from team.permissions import Permission

CLOSURE = DutyKind(
    code="closure",
    label="Answer the request to close the record",
    owner_role=Role.SUPERVISOR,
    view="cases:closure",
    permission=Permission.CLOSE_RECORDS,
    do="Answer",
)

# Of the team that has the record: it is theirs until the other accepts it.
TRANSFER = DutyKind(
    code="transfer",
    label="Get an answer about the transfer",
    owner_role=Role.SUPERVISOR,
    view="cases:transfer",
    permission=Permission.TRANSFER_RECORDS,
    do="Look",
)

# A duty that is missing, or wrong, is itself a duty: the nightly check raises it (`diary.nightly`).
FOUND = DutyKind(
    code="found",
    label="Put right what the check of duties found",
    owner_role=Role.INSPECTOR,
    view="diary:put_right",
    permission=Permission.PUT_DUTIES_RIGHT,
    do="Put right",
)
