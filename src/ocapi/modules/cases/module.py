"""The manifest of cases."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    LOCAL,
    Audience,
    Manifest,
    Mount,
    Navigation,
    PersonalData,
    Setting,
    Tier,
    Title,
    rest_api,
)
from ocapi.kernel.registry.extensions import content_loaders
from ocapi.kernel.ui.extensions import desk_notes
from ocapi.lib.actor import Assurance
from ocapi.modules.cases import events
from ocapi.modules.cases.adapters.connectors import CloseCase, DecideCase
from ocapi.modules.cases.adapters.desk import CasesWaiting
from ocapi.modules.cases.adapters.kinds import CaseTypes
from ocapi.modules.cases.adapters.packs import CaseTypeLoader
from ocapi.modules.cases.adapters.pages import CasePages
from ocapi.modules.cases.adapters.reports import ValueReports
from ocapi.modules.forms.extensions import case_kinds
from ocapi.modules.linkeddata.extensions import report_desks
from ocapi.modules.processes.extensions import connectors, subjects

_NOBODY = {
    "anonymous": Cell.LOGIN, "citizen_self": Cell.DENY, "citizen_other": Cell.DENY, "represented": Cell.DENY,
    "clerk": Cell.DENY, "policy_maker": Cell.DENY, "dpo": Cell.DENY, "tenant_admin": Cell.DENY,
    "collective_admin": Cell.DENY, "supplier": Cell.DENY, "peer_system": Cell.DENY, "suspended": Cell.DENY,
}
_DESK = {**_NOBODY, "clerk": Cell.ALLOW}
_DESK_AND_SYSTEMS = {**_DESK, "peer_system": Cell.ALLOW}
_OWN = {**_NOBODY, "citizen_self": Cell.OWN, "citizen_other": Cell.HIDE, "represented": Cell.OWN}
_ONE_CASE = {**_OWN, "clerk": Cell.ALLOW}
_READ, _WRITE = "cases:cases:read", "cases:cases:write"


def _reading(
    name: str, *, surface: Surface, cells: dict[str, Cell], scope: str = "", note: str = ""
) -> Operation:
    return Operation(
        name=name,
        surface=surface,
        resource="case",
        cells=cells,
        personal=True,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CONSULTATION,
        purpose="cases.handle",
        scope=scope,
        note=note,
    )


def _changing(
    name: str, *, surface: Surface, cells: dict[str, Cell], scope: str = "", note: str = ""
) -> Operation:
    return Operation(
        name=name,
        surface=surface,
        resource="case",
        cells=cells,
        personal=True,
        min_loa=Assurance.SUBSTANTIAL,
        leaf=Leaf.CHANGE,
        purpose="cases.handle",
        scope=scope,
        note=note,
    )


OPERATIONS = (
    _changing(
        "cases.create",
        surface=Surface.CITIZEN,
        scope=_WRITE,
        note="the clerk files for a visitor",
        cells={**_ONE_CASE, "peer_system": Cell.ALLOW},
    ),
    _reading("cases.read_own", surface=Surface.CITIZEN, cells=_OWN),
    _reading(
        "cases.read",
        surface=Surface.DESK,
        scope=_READ,
        cells={**_ONE_CASE, "peer_system": Cell.ALLOW},
        note="the data protection officer reads the log, not the files",
    ),
    _reading(
        "cases.worklist",
        surface=Surface.DESK,
        scope=_READ,
        cells=_DESK_AND_SYSTEMS,
        note="administrators manage the platform; they handle no cases",
    ),
    Operation(
        name="cases.read_code_lists",
        surface=Surface.REST,
        resource="codeList",
        scope=_READ,
        cells={**dict.fromkeys(_NOBODY, Cell.ALLOW), "suspended": Cell.DENY},
        note="labels of statuses; no case",
    ),
    _reading("cases.export", surface=Surface.DESK, cells=_DESK),
    _reading("cases.read_attachment", surface=Surface.FILE, cells=_ONE_CASE),
    _reading("cases.read_letter", surface=Surface.FILE, cells=_ONE_CASE),
    _changing("cases.assign", surface=Surface.DESK, scope=_WRITE, cells=_DESK_AND_SYSTEMS),
    _changing("cases.start", surface=Surface.DESK, cells=_DESK),
    _changing("cases.ask_information", surface=Surface.DESK, cells=_DESK),
    _changing(
        "cases.answer_information",
        surface=Surface.CITIZEN,
        cells=_ONE_CASE,
        note="the clerk types what came by telephone or paper",
    ),
    _changing("cases.decide", surface=Surface.DESK, scope=_WRITE, cells=_DESK_AND_SYSTEMS),
    _changing("cases.close", surface=Surface.DESK, cells=_DESK),
)

MANIFEST = Manifest(
    name="cases",
    title=Title(nl="Dossiers", en="Cases"),
    purpose="Service requests from receipt to decision: worklists, terms, letters, history.",
    layer="registers",
    kinds=LOCAL,
    mounts=(Mount(prefix="desk/zaken/", urls="ocapi.modules.cases.urls", audience=Audience.DESK),),
    apis=(
        rest_api("cases", Title(nl="Dossiers", en="Cases")),
    ),
    scopes={
        "cases:cases:read": Title(
            nl="Dossiers en codelijsten lezen",
            en="read cases and code lists",
        ),
        "cases:cases:write": Title(
            nl="Dossiers aanmaken, toewijzen en beslissen",
            en="make, assign and decide cases",
        ),
    },
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Werklijst", en="Worklist"),
            url_name="cases:worklist",
            operation="cases.worklist",
            order=10,
            icon="list",
            hint=Title(
                nl="Dossiers behandelen, van ontvangst tot beslissing.",
                en="Handle cases, from receipt to decision.",
            ),
        ),
    ),
    settings=(
        Setting(
            key="reference_prefix",
            default="",
            title=Title(nl="Begin van dossiernummers", en="Prefix of case references"),
        ),
    ),
    events_out=(
        events.CaseReceived,
        events.CaseStarted,
        events.CaseInformationRequested,
        events.CaseInformationAnswered,
        events.CaseDecided,
        events.CaseClosed,
    ),
    provides=(
        (content_loaders, CaseTypeLoader), (desk_notes, CasesWaiting), (connectors, DecideCase),
        (connectors, CloseCase), (subjects, CasePages), (report_desks, ValueReports),
        (case_kinds, CaseTypes),
    ),
    handlers="ocapi.modules.cases.handlers",
    jobs="ocapi.modules.cases.jobs",
    content=("case-types",),
    personal_data=(
        PersonalData(
            activity=Title(nl="Aanvragen behandelen", en="Handling service requests"),
            purpose="cases.handle",
            legal_basis="publicTask",
            categories=("identification", "content"),
            subjects=("applicants", "representatives"),
            retention="caseRetention: the years the case type names, from the day of closing",
            recipients=("the unit that handles the case",),
        ),
        PersonalData(
            activity=Title(nl="Behandelaars vermelden", en="Naming case handlers"),
            purpose="cases.handle",
            legal_basis="publicTask",
            categories=("staff",),
            subjects=("members of staff",),
            retention="caseRetention: as long as the case",
        ),
    ),
    standards=("BelGIF REST guide 2026-06-12", "RFC 9457", "RFC 7386"),
    carry="whole",
    tier=Tier.BRONZE,
)
