"""What an organization makes public: indicators, shared datasets, meetings and their documents."""

from datetime import datetime, timedelta
from typing import Any

from ocapi.lib import actor as actors
from tests.proofs.isolation.holding import House


def indicators(house: House, now: datetime) -> None:
    """Load rows, compute an indicator of them, and keep a note and a question."""
    from ocapi.lib import ids
    from ocapi.lib.columns.tables import ColumnType
    from ocapi.modules.insight import api, models
    from ocapi.modules.insight.data import indicators as data

    def text(words: str, owner: str = "public") -> str:
        return house.marks.text(owner, words)

    columns = (
        data.TableColumn(name="part", type=ColumnType.TEXT, title="Deel"),
        data.TableColumn(name="period", type=ColumnType.DATE, title="Dag"),
        data.TableColumn(name="counted", type=ColumnType.INTEGER, title="Aantal"),
    )
    source = data.Source(publisher="Eigen", dataset="Eigen", license="Geen")
    declared = data.Dataset(
        code="parts", title=data.Words(nl="Delen", en="Parts"), columns=columns, source=source,
        period="period",
    )
    api.load_datasets(datasets=[declared], now=now)
    api.add_rows(
        dataset="parts", rows=[(text("Deel"), now.date(), 7)], source_name=text("Bestand"), now=now
    )
    formula = "select period, part as slice, sum(counted) as value from parts group by period, part"
    indicator = data.Indicator(
        code="parts", version=1, title=data.Words(nl="Delen", en="Parts"), domains=("mobility",),
        views=(data.View.SOCIAL,), kind=data.Kind.OUTPUT, unit="1", sql=formula, method="Som",
        owner="Mobiliteit", slices="Deel",
    )
    api.load_indicators(indicators=[indicator], now=now)
    assert api.compute_indicators(now=now).ready == 1
    models.NoteRow.objects.create(
        uuid=ids.new_uuid(now), indicator="parts", period=now.date(), text=text("Brug dicht", "inner"),
        written_at=now,
    )
    models.OutlineRow.objects.create(
        nis="11001", path="M0 0l9 0 0 9z", left=0, top=0, right=9, bottom=9, source=text("Grenzen"),
        loaded_at=now,
    )
    models.QueryRow.objects.create(
        uuid=ids.new_uuid(now), title=text("Vraag", "inner"), sql="select 1 as x", saved_at=now
    )
    _dashboards(house, now)


def _dashboards(house: House, now: datetime) -> None:
    """Keep a dashboard that everybody sees and one for colleagues, each with a newer draft."""
    from ocapi.lib import ids
    from ocapi.modules.insight import models
    from ocapi.modules.insight.data.dashboards import Audience, Layout, Tile
    from ocapi.modules.insight.services import dashboards

    for code, audience, owner in (
        ("parts", Audience.PUBLIC, "public"), ("parts-inside", Audience.INSIDE, "inner")
    ):
        shown, draft = (
            Layout(title=house.marks.text(of, "Bord"), tiles=(Tile(indicator="parts"),))
            for of in (owner, "inner")
        )
        models.DashboardRow.objects.create(
            uuid=ids.new_uuid(now), code=code, draft=dashboards.written(draft),
            published=dashboards.written(shown), audience=audience, role="", origin="own", saved_at=now,
            published_at=now,
        )


def open_data(house: House, now: datetime) -> None:
    """Share the list of services, and harvest a dataset of elsewhere; the routes lead to the shared one."""
    from ocapi.modules.opendata import api as opendata
    from ocapi.modules.opendata import queries
    from ocapi.modules.opendata.data import Ground, SourceKind
    from ocapi.modules.opendata.tests.factories import Elsewhere, a_dataset, an_about
    from ocapi.modules.opendata.tests.test_harvest import ADDRESS, page, turtle

    system, text = actors.system("proof"), house.marks.text
    about = an_about(
        title=text("public", "Diensten"), description=text("public", "Alle diensten"),
        keywords=(text("public", "dienst")[:40],), contact_email="data@example.org",
    )
    code, _decided_ = opendata.propose(
        source="services", code="dienstverlening", about=about, ground=Ground.REUSE,
        motive=text("inner", "Op vraag"), actor=system, now=now,
    )
    house.own |= {"dataset": str(queries.dataset_row(code=code).uuid), "dataset_code": code}
    source = opendata.add_source(
        title=text("public", "Elders"), address=ADDRESS, kind=SourceKind.DCAT, actor=system, now=now
    )
    seen = page([a_dataset(title=(("nl", text("public", "Bomen")),))])
    opendata.harvest(source=source, now=now, fetch=Elsewhere({ADDRESS: turtle(seen)}))
    opendata.stop_source(source=source, actor=system, now=now)
    opendata.empty_source(source=source, now=now)
    opendata.add_source(
        title=text("public", "Elders"), address=ADDRESS, kind=SourceKind.DCAT, actor=system, now=now
    )
    opendata.harvest(source=source, now=now, fetch=Elsewhere({ADDRESS: turtle(seen)}))
    house.own["source"] = str(source)


def council(house: House, now: datetime) -> None:
    """Hold a meeting with a public and a closed point, publish its agenda, and leave a draft beside it."""
    from ocapi.kernel.tenants.testing import a_staff_member
    from ocapi.modules.council import api as council
    from ocapi.modules.council.data import DocumentKind, Part, Presence
    from ocapi.modules.council.models import VoteRow
    from ocapi.modules.council.tests import factories

    text = house.marks.text
    first, second = (a_staff_member(display_name=text("inner", name)) for name in ("Sofie", "Dirk"))
    body, term, holders = _mandates(house, now)
    at = now + timedelta(days=10)
    place = text("public", "Zaal")
    meeting = council.plan_meeting(body=body, planned_at=at, place=place, actor=first, now=now)
    town = factories.Town(body=body, term=term, chair=holders[0], members=(holders[1], holders[2]),
                          director=holders[3], meeting=meeting)
    open_point = factories.an_item(
        town, now=now, title=text("public", "Zalen"), description=text("public", "Duurder"))
    factories.an_item(town, now=now, title=text("inner", "Tucht"), description=text("inner", "Over iemand"),
                      is_public=False, public_title=text("public", "Personeel"))

    def released(kind: DocumentKind, item: Any = None) -> Any:
        made = council.prepare_document(meeting=meeting, kind=kind, item=item, actor=first, now=now)
        council.publish_document(release=made, actor=second, now=now)
        return made

    released(DocumentKind.AGENDA)
    parts = (Part.CHAIR, Part.MEMBER, Part.MEMBER, Part.SECRETARY)
    council.record_attendance(
        meeting=meeting, revision=factories.seen(town, now=now).revision, actor=first, now=now,
        who=[(who, Presence.PRESENT, part) for who, part in zip(holders, parts, strict=True)])
    revision = factories.seen(town, now=now).revision
    council.open_meeting(meeting=meeting, at=at, revision=revision, actor=first, now=now)
    decision = factories.a_text(
        title=text("public", "Retributie"), summary=text("public", "Kort"),
        motivation=text("public", "Daarom"), plan_action=text("public", "AC-1"),
        articles=(factories.Article(number="1", text=text("public", "Artikel")),),
        grounds=(factories.LegalGround(title=text("public", "Decreet")),),
    )
    result = factories.Counted(subject=text("public", "Stemming"), way=factories.Way.NAMED,
                               choices=factories.a_named_vote(town).choices)
    factories.decided(town, open_point, now=now, text=decision, result=result)
    factories.closed(town, now=now)
    release = released(DocumentKind.EXTRACT, open_point)
    prepared = council.prepare_document(
        meeting=meeting, kind=DocumentKind.MINUTES, item=None, actor=first, now=now)
    document = council.get_publication(release=release, actor=first).release.document
    house.own |= {
        "meeting": str(meeting), "meeting_id": str(meeting), "item": str(open_point), "body": str(body),
        "period": str(term), "holder": str(holders[1]), "release": str(release),
        "prepared": str(prepared), "publication": str(document),
        "publication_id": str(document), "vote": str(VoteRow.objects.get().uuid),
    }


def _mandates(house: House, now: datetime) -> tuple[Any, Any, list[Any]]:
    from datetime import date

    from ocapi.kernel.tenants.testing import a_staff_member
    from ocapi.modules.council import api as council
    from ocapi.modules.council.data import NewHolder

    text, clerk = house.marks.text, a_staff_member()
    body = council.add_body(kind="council", title=text("public", "Raad"), iri="", actor=clerk, now=now)
    term = council.add_term(body=body, starts_on=date(2025, 1, 1), ends_on=None, iri="", actor=clerk, now=now)
    return body, term, [
        council.add_holder(term=term, actor=clerk, now=now, holder=NewHolder(
            given_name=text("public", "Mira"), family_name=text("public", "Wilg"), role=role,
            faction=text("public", "Samen"), rank=text("public", "Eerste"), starts_on=date(2025, 1, 1)))
        for role in ("councilChair", "councillor", "councillor", "director")
    ]
