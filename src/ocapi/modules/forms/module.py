"""What forms is, offers, needs and holds."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import (
    LOCAL,
    Audience,
    Command,
    Manifest,
    Mount,
    Navigation,
    PersonalData,
    Tier,
    Title,
)
from ocapi.kernel.registry.extensions import content_loaders
from ocapi.kernel.tenants.data import Kind
from ocapi.lib.actor import Assurance
from ocapi.modules.forms.adapters.content import FormLoader
from ocapi.modules.forms.adapters.national_register import NationalRegister
from ocapi.modules.forms.events import RequestAnswered, SubmissionSubmitted
from ocapi.modules.forms.extensions import prefill_sources

_OTHERS = {
    "clerk": Cell.HIDE,
    "policy_maker": Cell.HIDE,
    "dpo": Cell.HIDE,
    "tenant_admin": Cell.HIDE,
    "collective_admin": Cell.HIDE,
    "supplier": Cell.HIDE,
    "peer_system": Cell.DENY,
    "suspended": Cell.DENY,
}
_OWN = {
    "anonymous": Cell.LOGIN,
    "citizen_self": Cell.OWN,
    "citizen_other": Cell.HIDE,
    "represented": Cell.OWN,
    **_OTHERS,
}
_ANY_CITIZEN = {
    "anonymous": Cell.LOGIN,
    "citizen_self": Cell.ALLOW,
    "represented": Cell.ALLOW,
    **dict.fromkeys(_OTHERS, Cell.DENY),
}


def _operation(name: str, resource: str, cells: dict[str, Cell], leaf: Leaf, *, note: str = "") -> Operation:
    return Operation(
        name=f"forms.{name}",
        surface=Surface.CITIZEN,
        resource=resource,
        cells=cells,
        leaf=leaf,
        personal=leaf is not Leaf.NONE,
        min_loa=Assurance.LOW,
        purpose="" if leaf is Leaf.NONE else "forms.draft",
        note=note,
    )


OPERATIONS = (
    _operation(
        "start", "draft", _ANY_CITIZEN, Leaf.CHANGE, note="a form may ask a higher level of assurance"
    ),
    _operation(
        "list_drafts", "draft", _ANY_CITIZEN, Leaf.NONE, note="titles and days only, of the subject itself"
    ),
    _operation("read_draft", "draft", _OWN, Leaf.CONSULTATION),
    _operation("save_draft", "draft", _OWN, Leaf.CHANGE),
    _operation("attach", "draft", _OWN, Leaf.CHANGE),
    _operation("submit", "draft", _OWN, Leaf.CHANGE),
    _operation("discard_draft", "draft", _OWN, Leaf.CHANGE),
    _operation(
        "read_submission", "submission", _OWN, Leaf.CONSULTATION, note="staff read the case made of it"
    ),
    *(
        Operation(
            name=f"forms.{name}",
            surface=Surface.COMMAND,
            resource=resource,
            leaf=Leaf.CHANGE,
            cells=dict.fromkeys(_OWN, Cell.NA),
            note="background work only",
        )
        for name, resource in (("expire_drafts", "draft"), ("ask", "formRequest"))
    ),
)

_DESIGNERS = {
    **dict.fromkeys(_OWN, Cell.DENY),
    "anonymous": Cell.LOGIN,
    "clerk": Cell.ALLOW,
    "tenant_admin": Cell.ALLOW,
}


def _designing(name: str, leaf: Leaf, *, cells: dict[str, Cell] = _DESIGNERS, note: str = "") -> Operation:
    return Operation(
        name=f"forms.{name}",
        surface=Surface.DESK,
        resource="form",
        cells=cells,
        leaf=leaf,
        min_loa=Assurance.SUBSTANTIAL,
        purpose="forms.design",
        note=note,
    )


DESIGNING = (
    _designing("read_designs", Leaf.NONE, note="what is asked, and nobody's answers"),
    _designing("design", Leaf.CHANGE),
    _designing(
        "publish",
        Leaf.CHANGE,
        cells={**_DESIGNERS, "clerk": Cell.DENY},
        note="what citizens see from then on",
    ),
)

MANIFEST = Manifest(
    name="forms",
    title=Title(nl="Formulieren", en="Forms"),
    purpose="asks a citizen what a decision needs, and never what a connected source knows",
    layer="digital services",
    kinds=LOCAL | {Kind.COLLECTIVE},
    mounts=(Mount(prefix="desk/formulieren/", urls="ocapi.modules.forms.urls", audience=Audience.DESK),),
    operations=(*OPERATIONS, *DESIGNING),
    navigation=(
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Formulieren", en="Forms"),
            url_name="forms:overview",
            operation="forms.read_designs",
            order=62,
            icon="edit",
            hint=Title(nl="Maak wat inwoners invullen.", en="Make what citizens fill in."),
        ),
    ),
    commands=(
        Command(
            name="lint",
            help="tell of form files what is wrong with them and how to repair it",
            function="ocapi.modules.forms.commands.lint",
            needs_tenant=False,
        ),
    ),
    events_out=(SubmissionSubmitted, RequestAnswered),
    extension_points=("prefill_sources", "case_kinds"),
    provides=((content_loaders, FormLoader), (prefill_sources, NationalRegister)),
    jobs="ocapi.modules.forms.jobs",
    content=("forms",),
    personal_data=(
        PersonalData(
            activity=Title(nl="Een formulier invullen en bewaren", en="Filling in and keeping a draft"),
            purpose="forms.draft: prepare a request and finish it later",
            legal_basis="publicTask",
            categories=("content", "identification"),
            subjects=("applicant", "persons named by the applicant"),
            retention="draftDays: deleted that many days after the last save, 30 by default",
        ),
        PersonalData(
            activity=Title(nl="Een ingestuurd formulier", en="A form that was sent"),
            purpose="forms.submission: keep what was asked for, as it was sent",
            legal_basis="publicTask",
            categories=("content", "identification"),
            subjects=("applicant", "persons named by the applicant"),
            retention="caseRetention: as long as the case that was made of it",
            recipients=("cases",),
        ),
    ),
    standards=("FEEL", "JSON Schema 2020-12", "WCAG 2.2", "eIDAS (EU) 910/2014"),
    tier=Tier.BRONZE,
)
