"""The manifest of documents."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface
from ocapi.kernel.registry.data import ALL_KINDS, Manifest, PersonalData, Setting, Tier, Title
from ocapi.kernel.registry.extensions import content_loaders
from ocapi.lib.actor import Assurance
from ocapi.modules.documents.adapters.packs import LetterLoader, PlaceholderLoader
from ocapi.modules.documents.adapters.printing import NullPrinter, TypstPrinter
from ocapi.modules.documents.adapters.typst_pdf import NullPdf, TypstPdf
from ocapi.modules.documents.events import DocumentRendered
from ocapi.modules.documents.extensions import pdf_engines, printers

OPERATIONS = (
    Operation(
        name="documents.render",
        surface=Surface.DESK,
        resource="document",
        personal=True,
        leaf=Leaf.CHANGE,
        purpose="documents.letters",
        note="called by the module whose operation was already decided",
        cells={
            "anonymous": Cell.LOGIN,
            "citizen_self": Cell.ALLOW,
            "represented": Cell.ALLOW,
            "clerk": Cell.ALLOW,
            "tenant_admin": Cell.ALLOW,
            "suspended": Cell.DENY,
        },
    ),
    Operation(
        name="documents.read",
        surface=Surface.FILE,
        resource="document",
        personal=True,
        leaf=Leaf.CONSULTATION,
        min_loa=Assurance.SUBSTANTIAL,
        purpose="documents.letters",
        note="owners are those the document is about; for others it does not exist",
        cells={
            "anonymous": Cell.LOGIN,
            "citizen_self": Cell.OWN,
            "citizen_other": Cell.HIDE,
            "represented": Cell.OWN,
            "clerk": Cell.ALLOW,
            "suspended": Cell.DENY,
        },
    ),
)

MANIFEST = Manifest(
    name="documents",
    title=Title(nl="Documenten", en="Documents"),
    purpose="Letters from one block model, kept, shown as HTML and handed out as accessible PDF.",
    layer="engine 2",
    kinds=ALL_KINDS,
    operations=OPERATIONS,
    settings=(
        Setting(
            key="pdf_engine",
            title=Title(nl="Maker van pdf's", en="PDF engine"),
            default="typst",
            choices=("typst", "null"),
        ),
    ),
    events_out=(DocumentRendered,),
    extension_points=("pdf_engines", "printers"),
    provides=(
        (pdf_engines, TypstPdf),
        (pdf_engines, NullPdf),
        (printers, TypstPrinter),
        (printers, NullPrinter),
        (content_loaders, LetterLoader),
        (content_loaders, PlaceholderLoader),
    ),
    jobs="ocapi.modules.documents.jobs",
    content=("letters",),
    personal_data=(
        PersonalData(
            activity=Title(nl="Brieven maken en bewaren", en="Making and keeping letters"),
            purpose="documents.letters",
            legal_basis="publicTask",
            categories=("content", "identification"),
            subjects=("applicants", "representatives"),
            retention="caseRetention: as long as the case the letter belongs to",
            recipients=("the persons the letter is about",),
        ),
    ),
    standards=("PDF/UA-1 (ISO 14289-1)", "WCAG 2.2 AA"),
    carry="whole",
    tier=Tier.BRONZE,
)
