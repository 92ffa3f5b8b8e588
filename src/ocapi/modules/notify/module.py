"""The manifest of notify."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import ALL_KINDS, Manifest, PersonalData, Setting, Tier, Title
from ocapi.kernel.registry.extensions import content_loaders
from ocapi.lib.actor import Assurance
from ocapi.modules.notify.adapters.packs import TopicLoader
from ocapi.modules.notify.adapters.smtp import EmailChannel
from ocapi.modules.notify.extensions import channels

OWN = {
    "anonymous": Cell.LOGIN, "citizen_self": Cell.OWN, "citizen_other": Cell.HIDE, "represented": Cell.OWN,
    "suspended": Cell.DENY,
}

OPERATIONS = (
    Operation(
        name="notify.send", surface=Surface.DESK, resource="message", personal=True, leaf=Leaf.CHANGE,
        purpose="notify.messages", note="called by the module whose operation was already decided",
        cells={
            "anonymous": Cell.LOGIN, "citizen_self": Cell.ALLOW, "represented": Cell.ALLOW, "clerk": Cell.ALLOW,
            "tenant_admin": Cell.ALLOW, "suspended": Cell.DENY,
        },
    ),
    Operation(
        name="notify.read_inbox", surface=Surface.CITIZEN, resource="message", personal=True,
        leaf=Leaf.CONSULTATION, min_loa=Assurance.SUBSTANTIAL, purpose="notify.messages", cells=OWN,
    ),
    Operation(
        name="notify.mark_read", surface=Surface.CITIZEN, resource="message", leaf=Leaf.CHANGE,
        min_loa=Assurance.LOW, cells=OWN,
    ),
    Operation(
        name="notify.change_preferences", surface=Surface.CITIZEN, resource="preferences", leaf=Leaf.CHANGE,
        min_loa=Assurance.LOW, cells=OWN,
    ),
    Operation(
        name="notify.read_deliveries", surface=Surface.DESK, resource="delivery",
        note="states and reasons, no address and no content",
        cells={"anonymous": Cell.LOGIN, "clerk": Cell.ALLOW, "tenant_admin": Cell.ALLOW, "suspended": Cell.DENY},
    ),
)

MANIFEST = Manifest(
    name="notify",
    title=Title(nl="Berichten", en="Notifications"),
    purpose="Messages to people in plain words: an inbox, and an e-mail that says one is waiting.",
    layer="engine 2",
    kinds=ALL_KINDS,
    operations=OPERATIONS,
    settings=(
        Setting(key="site_url", title=Title(nl="Webadres in e-mails", en="Site address in e-mail"), default=""),
        Setting(key="sender_address", title=Title(nl="Afzender van e-mails", en="Sender of e-mail"), default=""),
    ),
    extension_points=("channels",),
    provides=((channels, EmailChannel), (content_loaders, TopicLoader)),
    jobs="ocapi.modules.notify.jobs",
    content=("notifications",),
    personal_data=(
        PersonalData(
            activity=Title(nl="Berichten sturen over dossiers", en="Sending messages about cases"),
            purpose="notify.messages", legal_basis="publicTask", categories=("content", "identification", "contact"),
            subjects=("applicants", "representatives"),
            retention="messageRetention: as long as the case the message is about",
            recipients=("the recipient", "the mail server of the organization"),
        ),
    ),
    standards=("RFC 5321", "RFC 5322", "RFC 3834"),
    carry="whole",
    tier=Tier.BRONZE,
)
