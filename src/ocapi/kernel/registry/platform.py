"""Operations of the platform itself, for screens and commands that no module owns."""

from ocapi.kernel.access.data import PARTIES, Cell, Leaf, Operation, Surface
from ocapi.kernel.audit.data import OPERATIONS as AUDIT
from ocapi.kernel.jobs.data import OPERATIONS as JOBS
from ocapi.lib.actor import Assurance

STAFF = {"clerk": Cell.ALLOW, "policy_maker": Cell.ALLOW, "dpo": Cell.ALLOW, "tenant_admin": Cell.ALLOW,
         "collective_admin": Cell.ALLOW, "supplier": Cell.ALLOW}

ADMINISTRATORS = {"anonymous": Cell.LOGIN, "tenant_admin": Cell.ALLOW, "collective_admin": Cell.ALLOW}


def _account(name: str, cells: dict[str, Cell], *, leaf: Leaf, min_loa: Assurance = Assurance.SUBSTANTIAL,
             note: str = "") -> Operation:
    return Operation(
        name=f"accounts.{name}", surface=Surface.DESK, resource="person", cells=cells, personal=True,
        min_loa=min_loa, leaf=leaf, purpose="accounts.manage", note=note,
    )


ACCOUNTS = (
    _account("role_read", {**ADMINISTRATORS, "dpo": Cell.ALLOW}, leaf=Leaf.CONSULTATION),
    _account("role_grant", ADMINISTRATORS, leaf=Leaf.CHANGE),
    _account("role_end", ADMINISTRATORS, leaf=Leaf.CHANGE),
    _account("person_suspend", ADMINISTRATORS, leaf=Leaf.CHANGE, note="ends every session of the person"),
)

_OWN_POWERS = {
    "anonymous": Cell.LOGIN, "citizen_self": Cell.OWN, "citizen_other": Cell.HIDE, "represented": Cell.OWN,
    "suspended": Cell.DENY,
}


def _power(verb: str, *, leaf: Leaf, note: str = "") -> Operation:
    return Operation(
        name=f"accounts.power_{verb}", surface=Surface.CITIZEN, resource="powerOfAttorney",
        cells=_OWN_POWERS, personal=True, min_loa=Assurance.SUBSTANTIAL, leaf=leaf, purpose="accounts.manage",
        note=note,
    )


POWERS = (
    _power("read", leaf=Leaf.CONSULTATION),
    _power("grant", leaf=Leaf.CHANGE, note="never by power of attorney: accounts refuses to hand one on"),
    _power("revoke", leaf=Leaf.CHANGE),
)

OPERATIONS = (
    *AUDIT,
    *JOBS,
    *ACCOUNTS,
    *POWERS,
    Operation(
        name="web.desk", surface=Surface.DESK, resource="start", cells={"anonymous": Cell.LOGIN, **STAFF}
    ),
    Operation(
        name="web.search",
        surface=Surface.PUBLIC,
        resource="search",
        cells=dict.fromkeys(PARTIES, Cell.ALLOW),
        note="an index of public pages only",
    ),
    Operation(
        name="registry.save_setting",
        surface=Surface.DESK,
        resource="setting",
        cells={"anonymous": Cell.LOGIN, "tenant_admin": Cell.ALLOW, "collective_admin": Cell.ALLOW},
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        note="brand, address form, name and settings of modules",
    ),
    Operation(
        name="registry.import_content",
        surface=Surface.COMMAND,
        resource="content",
        cells=dict.fromkeys(PARTIES, Cell.NA),
        leaf=Leaf.CHANGE,
        note="who may start the command on the machine may import; no screen or API does",
    ),
    Operation(
        name="registry.succeed",
        surface=Surface.COMMAND,
        resource="organization",
        cells=dict.fromkeys(PARTIES, Cell.NA),
        four_eyes=True,
        leaf=Leaf.CHANGE,
        note="one organization takes the place of another: a second account of the machine confirms",
    ),
)
