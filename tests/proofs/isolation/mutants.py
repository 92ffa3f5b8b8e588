"""Guards that are taken away one at a time; the matrix must notice each."""

import contextlib
from collections.abc import Iterator

from ocapi.kernel.access.data import Cell
from ocapi.kernel.access.extensions import operations
from tests.proofs.planting import Mutant

TENANTS = "ocapi.kernel.tenants"
FIRST = '__import__("ocapi.kernel.tenants.directory", fromlist=["x"]).directory.by_key("alpha")'
LOCAL = "step/alpha|{}|path"
MUTANTS = (
    Mutant(
        name="host leads to the first organization",
        place=f"{TENANTS}.api:by_host",
        old="directory.by_host(host)",
        new='directory.by_key("alpha")',
        cases=("step/beta|GET||anonymous||path",),
    ),
    Mutant(
        name="binding left after an answer",
        place=f"{TENANTS}.binding:reset",
        old="_bound.reset(token)",
        new="pass",
        cases=("crossing/40",),
    ),
    Mutant(
        name="nested binding allowed",
        place=f"{TENANTS}.binding:set_bound",
        old="bound.uuid != tenant.uuid",
        new="False",
        cases=("channel/nested binding",),
    ),
    Mutant(
        name="alias of another given out",
        place=f"{TENANTS}.connections:TenantConnections.__getitem__",
        old="if alias != tenant.alias:",
        new="if False:",
        cases=("channel/alias of another",),
    ),
    Mutant(
        name="row of another taken",
        place=f"{TENANTS}.router:TenantRouter._alias",
        old="origin not in (None, bound.alias)",
        new="False",
        cases=("channel/instance of another",),
    ),
    Mutant(
        name="nothing bound reads the first",
        place=f"{TENANTS}.binding:find_current",
        old="_bound.get()",
        new=FIRST,
        cases=("channel/nothing bound",),
        also=Mutant(name="", place=f"{TENANTS}.binding:current", old="_bound.get()", new=FIRST, cases=()),
    ),
    Mutant(
        name="cache key without organization",
        place=f"{TENANTS}.caching:tenant_key",
        old="{binding.current().uuid}:",
        new="",
        cases=("channel/cache entries",),
    ),
    Mutant(
        name="kept value without organization",
        place=f"{TENANTS}.api:_Cached.get",
        old="(binding.current().key, name)",
        new='("", name)',
        cases=("channel/cache entries",),
    ),
    Mutant(
        name="one derived key for all",
        place=f"{TENANTS}.keys:_derived",
        old="salt=tenant_uuid.bytes",
        new='salt=b"x"',
        cases=("channel/keys and signatures",),
    ),
    Mutant(
        name="one data key for all",
        place=f"{TENANTS}.sealing:encrypt",
        old="ring.data_keys(binding.current().uuid)",
        new="ring.data_keys(None)",
        cases=("channel/keys and signatures",),
        also=Mutant(
            name="", place=f"{TENANTS}.sealing:decrypt", old="binding.current().uuid", new="None", cases=()
        ),
    ),
    Mutant(
        name="page cache without host",
        place="ocapi.dataplane.pagecache:Request.place",
        old="self[:4]",
        new='("", *self[1:4])',
        cases=("channel/page cache",),
    ),
    Mutant(
        name="one folder for all files",
        place=f"{TENANTS}.provision:folder",
        old='"tenants" / tenant_key',
        new='"tenants" / "alpha"',
        cases=("channel/files of another",),
    ),
    Mutant(
        name="facts to who follows nothing",
        place="ocapi.kernel.jobs.neighbors:receive",
        old="agreed is None or not relay.matches(event.type, agreed.patterns)",
        new="False",
        cases=("channel/facts to neighbors",),
    ),
    Mutant(
        name="a token at any host",
        place="ocapi.dataplane.gate:Gate.admit",
        old="asked and asked !=",
        new="False and asked !=",
        cases=("plane/capture.list_streams/own/foreign/own",),
    ),
    Mutant(
        name="a token below any path",
        place="ocapi.dataplane.places:organization",
        old='str(request.scope.get(_KEY, "")) or',
        new="",
        cases=("plane/capture.list_streams/own/foreign-path/own",),
    ),
    Mutant(
        name="a token without the scope",
        place="ocapi.dataplane.gate:Gate.admit",
        old="if scope not in caller.scopes:",
        new="if False:",
        cases=("plane/capture.list_streams/narrow/own/own",),
    ),
    Mutant(
        name="a stream of anybody",
        place="ocapi.dataplane.ingest:Ingest._receive",
        old="if code not in {stream.name for stream in caller.part.streams}:",
        new="if False:",
        cases=("plane/capture.write_observations/own/own/foreign",),
    ),
    Mutant(
        name="everything is one's own",
        place="ocapi.kernel.access.decision:parties_of",
        old="not scope.subjects or actor.subject in scope.subjects",
        new="True",
        cases=("decision/cases.read/citizen_self",),
        also=Mutant(
            name="",
            place="ocapi.kernel.access.decision:decide",
            old="actor.subject not in scope.subjects",
            new="False",
            cases=(),
        ),
    ),
    Mutant(
        name="any level of assurance",
        place="ocapi.kernel.access.decision:decide",
        old="actor.assurance < operation.min_loa",
        new="False",
        cases=("decision/cases.read/clerk",),
    ),
    Mutant(
        name="any scope",
        place="ocapi.kernel.access.decision:decide",
        old="operation.scope in actor.scopes",
        new="True",
        cases=("decision/cases.read/peer_system",),
    ),
    Mutant(
        name="suspended is forgotten",
        place="ocapi.kernel.access.decision:parties_of",
        old='"suspended" in actor.roles',
        new="False",
        cases=("decision/portal.read/suspended",),
    ),
    Mutant(
        name="a list of every row",
        place="ocapi.kernel.access.decision:decide",
        old="own_only=cell is Cell.OWN",
        new="own_only=False",
        cases=("decision/cases.read_own/citizen_self",),
    ),
    Mutant(
        name="a case of anybody",
        place="ocapi.modules.cases.api:_readable",
        old="Scope(subjects=frozenset({queries.subject_of(row)}))",
        new="access.NOBODYS",
        cases=(LOCAL.format("GET|mijn/zaken/<uuid:case>|citizen_self|other"),),
    ),
    Mutant(
        name="a file of any case",
        place="ocapi.modules.cases.queries:require_attachment",
        old="case=row, file=file",
        new="file=file",
        cases=(LOCAL.format("GET|mijn/zaken/<uuid:case>/bestand/<uuid:file>|citizen_self|own+other"),),
    ),
    Mutant(
        name="a draft of anybody",
        place="ocapi.modules.forms.api.filling:_scope",
        old="Scope(subjects=frozenset({owner}))",
        new="Scope()",
        cases=(LOCAL.format("GET|loket/<slug:form>/<uuid:draft>/<slug:section>/|citizen_self|other"),),
    ),
    Mutant(
        name="a message of anybody",
        place="ocapi.modules.notify.api:mark_read",
        old="Scope(subjects=owners)",
        new="Scope()",
        cases=(LOCAL.format("POST|mijn/berichten/<uuid:message>|citizen_self|other"),),
    ),
    Mutant(
        name="an inbox of everybody",
        place="ocapi.modules.notify.queries:inbox",
        old="MessageRow.objects.filter(recipient=recipient)",
        new="MessageRow.objects.all()",
        cases=(LOCAL.format("GET|mijn/berichten|citizen_self|"),),
    ),
    Mutant(
        name="cases of everybody as own",
        place="ocapi.modules.cases.queries:list_own",
        old="applicant=subject.uuid, applicant_kind=subject.kind",
        new="",
        cases=(LOCAL.format("GET|mijn/zaken|citizen_self|"),),
    ),
    Mutant(
        name="a list that shows less than single reads",
        place="ocapi.modules.cases.queries:list_own",
        old="[:MAX_OWN]",
        new="[:0]",
        cases=("parity/citizen_self",),
    ),
    Mutant(
        name="a desk page without its permission",
        place="ocapi.modules.cases.views.actions:ask",
        old='access.require(request.actor, "cases.ask_information")',
        new="pass",
        cases=(LOCAL.format("GET|desk/zaken/<uuid:case>/vraag|citizen_self|own"),),
    ),
)


@contextlib.contextmanager
def opened(operation: str) -> Iterator[str]:
    """Open the first closed cell of a row for a block; gives its party, empty when every cell is open."""
    found = operations.find(operation)
    assert found is not None
    closed = [party for party in PARTIES if found.cell(party) in (Cell.DENY, Cell.HIDE, Cell.LOGIN)]
    if not closed:
        yield ""
        return
    kept = found.cells
    object.__setattr__(found, "cells", {**kept, **dict.fromkeys(closed, Cell.ALLOW)})
    try:
        yield closed[0]
    finally:
        object.__setattr__(found, "cells", kept)


PARTIES = (
    "anonymous",
    "citizen_self",
    "citizen_other",
    "clerk",
    "policy_maker",
    "dpo",
    "tenant_admin",
    "collective_admin",
    "supplier",
    "suspended",
    "peer_system",
)
