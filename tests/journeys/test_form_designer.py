"""A clerk's form from nothing to the e-counter. Not covered: single properties (modules/forms)."""

from collections.abc import Callable

from tests.journeys.people import ADMINISTRATOR, Visitor
from tests.journeys.scene import begins_form

Visit = Callable[..., Visitor]


def adds(visitor: Visitor, place: str, **values: str) -> None:
    """Add a question to a form."""
    visitor.goes_to(f"{place}deel/de-fiets/vraag/")
    visitor.fills_in(**values)
    visitor.presses("Bewaar")


class TestDesigner:
    def test_a_form_is_made_repaired_tried_and_published_without_scripts(self, visit: Visit) -> None:
        hilde = visit(ADMINISTRATOR, java_script_enabled=False)
        place = begins_form(hilde, "fiets-melden")
        hilde.follows("Voeg een deel toe")
        hilde.fills_in(title_formal="De fiets", code="de-fiets")
        hilde.presses("Bewaar")
        adds(hilde, place, label_formal="Is de fiets gestolen?", code="stolen", type="yes_no")
        adds(hilde, place, label_formal="Welk merk heeft de fiets?", code="brand", type="text")
        hilde.fills_in(visible_when="stollen = true")
        hilde.presses("Bewaar")
        assert "geen vraag heeft die code" in hilde.reads()
        hilde.goes_to(f"{place}vraag/brand/")
        hilde.fills_in(visible_when="stolen = true")
        hilde.presses("Bewaar")
        assert "geen vraag heeft die code" not in hilde.reads()
        hilde.follows("Probeer het uit")
        hilde.fills_in(stolen="true")
        hilde.presses("Verstuur")
        assert "Welk merk heeft de fiets?" in hilde.reads()
        hilde.fills_in(brand="Oxford")
        hilde.presses("Verstuur")
        assert "kan verstuurd worden" in hilde.reads() and "Oxford" in hilde.reads()
        hilde.goes_to(place)
        hilde.follows("Publiceren")
        hilde.presses("Publiceren")
        assert "In gebruik" in hilde.reads()
        nobody = visit()
        nobody.goes_to("/loket/fiets-melden/")
        assert nobody.heading == "Fiets labelen"
