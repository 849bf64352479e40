"""The duties that the record itself raises: its actions, what it asks for on its way to being closed or transferred,
and the check of duties."""

from diary.kinds import DutyKind
from team.enums import Role
from team.permissions import Permission

# HMIC 2010, AFI 2: all police actions are complete before a record closes; the record itself says that they stand in
# the way (`cases.queries.in_the_way_of_closure`). Its subject is the action, whose owner and date it has.
ACTION = DutyKind(
    code="action",
    label="Do an action",
    owner_role=Role.INVESTIGATOR,
    view="cases:actions_page",
    anchor="action",
    permission=Permission.WRITE_RECORDS,
    do="Do it",
)

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
