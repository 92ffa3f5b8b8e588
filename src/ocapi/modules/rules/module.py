"""The manifest of rules."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    ALL_KINDS,
    Audience,
    Command,
    Manifest,
    Mount,
    Navigation,
    Title,
    rest_api,
)
from ocapi.kernel.registry.extensions import content_loaders
from ocapi.lib.actor import Assurance
from ocapi.modules.rules import events
from ocapi.modules.rules.adapters.packs import DecisionLoader

_CLERK = {"anonymous": Cell.LOGIN, "clerk": Cell.ALLOW, "suspended": Cell.DENY}
_ADMIN = {"anonymous": Cell.LOGIN, "tenant_admin": Cell.ALLOW, "suspended": Cell.DENY}
_SYSTEM = {"peer_system": Cell.ALLOW}

OPERATIONS = (
    Operation(
        name="rules.deploy", surface=Surface.DESK, resource="decisionModel", cells={**_ADMIN, **_SYSTEM},
        min_loa=Assurance.SUBSTANTIAL, leaf=Leaf.CHANGE, purpose="rules.manage", scope="rules:models:write",
    ),
    Operation(
        name="rules.read_models", surface=Surface.DESK, resource="decisionModel",
        cells={**_CLERK, **_ADMIN, **_SYSTEM}, min_loa=Assurance.SUBSTANTIAL, purpose="rules.manage",
        scope="rules:models:read",
    ),
    Operation(
        name="rules.read_drafts", surface=Surface.DESK, resource="decisionModelDraft", cells=_ADMIN,
        min_loa=Assurance.SUBSTANTIAL, purpose="rules.manage", note="models that are being worked on",
    ),
    Operation(
        name="rules.edit_draft", surface=Surface.DESK, resource="decisionModelDraft", cells=_ADMIN,
        min_loa=Assurance.SUBSTANTIAL, leaf=Leaf.CHANGE, purpose="rules.manage",
    ),
    Operation(
        name="rules.evaluate", surface=Surface.DESK, resource="decision",
        cells={**_CLERK, **_ADMIN, **_SYSTEM}, min_loa=Assurance.SUBSTANTIAL, purpose="rules.decide",
        scope="rules:decisions:write", note="facts come from the caller, none is read or stored",
    ),
)

MANIFEST = Manifest(
    name="rules",
    title=Title(nl="Beslisregels", en="Rules"),
    purpose="Decision tables and expressions, each answer with the rules that gave it.",
    layer="engine 1",
    kinds=ALL_KINDS,
    mounts=(
        Mount(prefix="desk/beslistabellen/", urls="ocapi.modules.rules.urls", audience=Audience.DESK),
    ),
    apis=(
        rest_api("rules", Title(nl="Beslisregels", en="Rules")),
    ),
    scopes={
        "rules:decisions:write": Title(
            nl="Beslissingen laten berekenen",
            en="let decisions be answered",
        ),
        "rules:models:read": Title(
            nl="Beslistabellen bekijken",
            en="read decision models",
        ),
        "rules:models:write": Title(
            nl="Beslistabellen in gebruik nemen",
            en="deploy decision models",
        ),
    },
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.DESK, title=Title(nl="Beslistabellen", en="Decision tables"),
            url_name="rules:overview", operation="rules.read_models", order=61, icon="list",
            hint=Title(nl="De regels waarmee beslist wordt.", en="The rules by which is decided."),
        ),
    ),
    events_out=(events.ModelDeployed,),
    commands=(
        Command(
            name="tck",
            help="answer the DMN Technology Compatibility Kit in a folder",
            function="ocapi.modules.rules.commands.tck",
            needs_tenant=False,
        ),
    ),
    provides=((content_loaders, DecisionLoader),),
    content=("decisions",),
    standards=("DMN 1.5", "FEEL"),
    carry="whole",
)
