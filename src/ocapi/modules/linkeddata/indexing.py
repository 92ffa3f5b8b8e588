"""The index of what open services say: one named graph per service, brought up to date version by version.

Only open services are in it: whoever may ask, may read all of it. How far each service was followed is kept
with the index, so that an event that comes twice, late, or never costs nothing but a later look.
"""

from collections.abc import Iterator
from pathlib import Path

from ocapi.kernel.tenants import api as tenants
from ocapi.lib.rdf import index
from ocapi.lib.rdf.graph import Graph
from ocapi.lib.rdf.index import Said
from ocapi.modules.linkeddata import features, feeds, queries, showing
from ocapi.modules.linkeddata.data import Access, Change, Json, Rebuilt
from ocapi.modules.linkeddata.models import ObjectRow, ServiceRow, VersionRow

AT_ONCE = 2_000  # versions that one turn brings in


def folder() -> Path:
    """Give where the index of the organization is."""
    return tenants.folder() / "rdf"


def graph_name(service: ServiceRow, base: str) -> str:
    """Give the name of the graph in which a service stands."""
    return f"{base}/data/{service.code}"


def catch_up(service: ServiceRow, *, base: str) -> int:
    """Bring the versions that came since into the index; gives how many. Raises IndexBusy."""
    if service.access != Access.OPEN:
        return 0
    found = index.current(folder())
    if found and found.positions.get(service.code, 0) == service.last_number:
        return 0
    done = 0
    with index.writing(folder()) as writer:
        position = writer.positions.get(service.code, 0)
        if position > service.last_number:  # the objects are of an earlier day than the index: a restore
            writer.forget(graph_name(service, base))
            position = writer.positions[service.code] = 0
        rows = (
            VersionRow.objects.select_related("object", "profile")
            .filter(service=service, number__gt=position)
            .order_by("number")[:AT_ONCE]
        )
        for row in rows:
            before = None
            if row.sequence > 1:
                before = VersionRow.objects.filter(object=row.object, sequence=row.sequence - 1).first()
            writer.replace(
                _said(service, before, row.object, base) if before else None,
                _said(service, row, row.object, base),
            )
            writer.positions[service.code] = row.number
            done += 1
        if done:
            writer.publish()
    return done


def _said(service: ServiceRow, version: VersionRow, row: ObjectRow, base: str) -> Said | None:
    if version.change == Change.DELETED:
        return None
    content = showing.ending(
        version.content or {}, ended_on=version.ended_on, replaced_by=tuple(version.replaced_by or ())
    )
    digest = version.profile.digest if version.profile else ""
    return _of(service, row, showing.graph_of_content(service, row.iri, content, digest), base)


def _of(service: ServiceRow, row: ObjectRow, graph: Graph, base: str) -> Said:
    return Said(graph_name=graph_name(service, base), subject=row.iri, name=f"o{row.uuid.hex}", graph=graph)


def rebuild(*, base: str) -> Rebuilt:
    """Make features and index anew from the objects; what reads them sees the old until it is done. Full
    pages of feeds that are not kept, lost or once impossible to write, are kept now.

    Raises IndexBusy.
    """
    made = statements = 0
    rows = queries.service_rows()
    for service in rows:
        if service.access != Access.PERSONAL:
            made += features.rebuild(service, _objects(service))
            feeds.keep_missing(service, base=base)
    with index.writing(folder(), is_new=True) as writer:
        for service in rows:
            if service.access == Access.OPEN:
                writer.positions[service.code] = service.last_number
                writer.load(
                    _of(service, row, _ended(service, row, content, digest), base)
                    for row, content, digest in queries.newest(service)
                )
        statements = writer.publish()
    return Rebuilt(features=made, statements=statements)


def _ended(service: ServiceRow, row: ObjectRow, content: Json, digest: str) -> Graph:
    said = showing.ending(content, ended_on=row.ended_on, replaced_by=tuple(row.replaced_by or ()))
    return showing.graph_of_content(service, row.iri, said, digest)


def _objects(service: ServiceRow) -> Iterator[tuple[ObjectRow, Json, Graph]]:
    for row, content, digest in queries.newest(service):
        yield row, content, showing.graph_of_content(service, row.iri, content, digest)
