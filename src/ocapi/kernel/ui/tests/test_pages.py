"""Shells and components as HTML; does not cover axe, screenshots and keyboard paths."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django import forms
from django.http import HttpRequest
from django.template import Context
from django.test import RequestFactory
from django.urls import clear_script_prefix, set_script_prefix
from lxml import html

from ocapi.kernel.ui import api, data, shells
from ocapi.kernel.ui.tests import gallery

STATIC = Path(__file__).parent.parent / "static" / "ui"
ALL_PAGES = sorted(gallery.PAGES)


def component(source: str, **values: object) -> html.HtmlElement:
    context = Context({"request": RequestFactory().get("/lijst?state=open&cursor=abc"), **values})
    return html.fromstring(
        "<div>" + gallery.ENGINE.from_string("{% load ui %}" + source).render(context) + "</div>"
    )


@pytest.mark.parametrize("name", ALL_PAGES)
class TestEachPage:
    def test_has_one_h1_and_skips_no_heading_level(self, name: str) -> None:
        page = html.fromstring(gallery.draw(name))
        levels = [
            int(node.tag[1]) for node in page.xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")
        ]
        assert levels.count(1) == len(page.xpath("//h1")) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_holds_no_inline_script_style_or_handler(self, name: str) -> None:
        page = html.fromstring(gallery.draw(name))
        assert not page.xpath("//style | //@style | //script[not(@src)] | //@*[starts-with(name(), 'on')]")
        assert not page.xpath("//a[starts-with(@href, 'javascript')]")

    def test_asks_nothing_of_another_host(self, name: str) -> None:
        page = html.fromstring(gallery.draw(name))
        addresses = page.xpath("//link/@href | //script/@src | //img/@src | //use/@href")
        assert addresses and all(address.startswith("/static/ui/") for address in addresses)

    def test_has_landmarks_language_and_a_skip_link_that_lands(self, name: str) -> None:
        page = html.fromstring(gallery.draw(name))
        assert page.get("lang") == "nl-BE"
        assert (
            len(page.xpath("//main")) == len(page.xpath("//header")) == len(page.xpath("//body/footer")) == 1
        )
        assert page.xpath("//body/a[1]/@href") == [f"#{page.xpath('//main/@id')[0]}"]
        assert page.xpath("//title")[0].text_content().endswith(" – Gemeente Vlavirgem")

    def test_uses_each_id_once_and_refers_only_to_ids_that_exist(self, name: str) -> None:
        page = html.fromstring(gallery.draw(name))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        named = " ".join(page.xpath("//@aria-describedby | //@aria-labelledby | //label/@for")).split()
        assert set(named) <= set(ids)

    def test_labels_each_control(self, name: str) -> None:
        page = html.fromstring(gallery.draw(name))
        controls = page.xpath("//main//input[not(@type='hidden')] | //main//select | //main//textarea")
        assert {node.get("id") for node in controls} <= set(page.xpath("//label/@for"))

    def test_draws_only_icons_of_the_sprite(self, name: str) -> None:
        known = set(re.findall(r'<symbol id="([a-z]+)"', (STATIC / "icons.svg").read_text()))
        used = {address.split("#")[1] for address in html.fromstring(gallery.draw(name)).xpath("//use/@href")}
        assert used <= known


class TestTitle:
    def test_starts_with_the_error_word_when_the_input_was_refused(self) -> None:
        plain, refused = gallery.draw("form"), gallery.draw("form", title_says_error=True)
        assert "<title>Jouw gegevens –" in plain
        assert re.search(r"<title>\w+: Jouw gegevens", refused)


class TestShell:
    def test_renders_without_any_source(self) -> None:
        page = html.fromstring(gallery.draw("service", shell=data.ShellContext()))
        assert page.xpath("//title")[0].text_content() == "Kapvergunning"
        assert "/toegankelijkheidsverklaring" in page.xpath("//footer//a/@href")

    def test_joins_sources_later_over_earlier_and_menus_together(self) -> None:
        one, two = data.NavigationItem(label="a", href="/a"), data.NavigationItem(label="b", href="/b")
        shell = shells.joined(
            (
                data.ShellContext(organization="Aalter", tagline="x", navigation=(one,)),
                data.ShellContext(tagline="y", navigation=(two,)),
            )
        )
        assert (shell.organization, shell.tagline, shell.navigation) == ("Aalter", "y", (one, two))

    def test_says_for_whom_one_acts_and_signs_out_by_post(self) -> None:
        page = html.fromstring(gallery.draw("case"))
        bar, menu = page.xpath("//header/div")[0], page.xpath("//nav[@id='hoofdmenu']")[0]
        for place in (bar, menu):  # a phone has room for one of the two
            who = " ".join(place.xpath(".//*[@class='ocapi-actor__who']")[0].text_content().split())
            assert "Jan Peeters" in who and "Bakkerij Peeters (0123.456.749)" in who
            assert place.xpath(".//form[@action='/afmelden']/@method") == ["post"]

    def test_opens_and_closes_the_menu_of_a_phone_without_script(self) -> None:
        page = html.fromstring(gallery.draw("case"))
        assert page.xpath("//header/div//button[@popovertarget='hoofdmenu']/span")[0].text == "Menu"
        (close,) = page.xpath("//*[@id='hoofdmenu'][@popover]//button[@popovertargetaction='hide']")
        assert close.text_content().strip() == "Sluiten"


class TestFileControl:
    def test_says_in_words_of_its_own_what_the_browser_says_in_its_language(self) -> None:
        foto = data.Field(name="foto", label="Foto", kind=data.FieldKind.FILE)
        page = component("{% field foto %}", foto=foto)
        (control,) = page.xpath("//input[@type='file']")
        labels = [each.text_content().strip() for each in page.xpath("//label")]
        assert "Kies een bestand" in labels and "Nog geen bestand gekozen" in page.text_content()
        assert page.xpath("//*[@role='status']/ul/@id") == [control.get("data-file-list")]


class TestErrorSummary:
    def test_links_each_error_to_its_control(self) -> None:
        page = html.fromstring(gallery.draw("form"))
        targets = [href[1:] for href in page.xpath("//*[@id='fouten']//a/@href")]
        assert targets == ["id_geboren", "id_reden"]
        for target in targets:
            (control,) = page.xpath(f"//*[@id='{target}']")
            assert control.tag == "input" and control.get("aria-invalid") == "true"

    def test_draws_nothing_when_all_is_well(self) -> None:
        assert not component("{% error_summary fields %}", fields=[data.Field(name="a", label="A")]).xpath(
            "//h2"
        )


class Request(forms.Form):
    mail = forms.EmailField(label="E-mailadres", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    reason = forms.ChoiceField(
        label="Reden", choices=[("a", "Ziek"), ("b", "Bouw")], widget=forms.RadioSelect
    )
    born = forms.DateField(label="Geboren", required=False)
    photo = forms.FileField(
        label="Foto",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".jpg,.png", "data-max-size": "10 MB"}),
    )


class TestFieldOfDjango:
    def test_keeps_what_was_typed_and_shows_the_error(self) -> None:
        page = component(
            "{% error_summary form %}{% for f in form %}{% field f %}{% endfor %}",
            form=Request({"mail": "jan@", "born": "31/02"}),
        )
        (mail,) = page.xpath("//input[@type='email']")
        assert (mail.get("value"), mail.get("autocomplete"), mail.get("aria-invalid")) == (
            "jan@",
            "email",
            "true",
        )
        assert page.xpath("//input[@name='born']/@value") == ["31/02"]
        targets = {href[1:] for href in page.xpath("//*[@id='fouten']//a/@href")}
        assert targets <= set(page.xpath("//input/@id"))
        assert page.xpath("//input[@type='file']/@accept") == [".jpg,.png"]

    def test_marks_optional_fields_only(self) -> None:
        page = component("{% for f in form %}{% field f %}{% endfor %}", form=Request())
        marked = page.xpath("//*[@class='ocapi-field__optional']/ancestor::label/@for")
        assert marked == ["id_born", "id_photo"]

    def test_says_of_no_field_of_a_filter_that_it_is_optional(self) -> None:
        page = component("{% for f in form %}{% filter_field f %}{% endfor %}", form=Request())
        assert not page.xpath("//*[@class='ocapi-field__optional']") and page.xpath("//input[@id='id_born']")


class TestField:

    def test_escapes_what_was_typed(self) -> None:
        page = component(
            "{% field f %}",
            f=data.Field(name="a", label="<b>A", value='"><script>x</script>', help="<i>h", error="<u>e"),
        )
        assert not page.xpath("//script | //b | //i | //u")

    def test_shows_source_and_correction_link_of_a_known_value(self) -> None:
        page = html.fromstring(gallery.draw("form"))
        (name,) = page.xpath("//input[@name='naam']")
        assert name.get("readonly") is not None
        source = page.xpath(f"//*[@id='{name.get('aria-describedby')}']")[0]
        assert "Rijksregister" in source.text_content() and source.xpath(".//a/@href") == ["/fout"]


class TestStoredPath:
    def test_is_reached_below_the_prefix_of_the_request(self) -> None:
        set_script_prefix("/o/aalter/")
        try:
            drawn = component('<a href="{{ path|local }}">x</a>', path="/dienst/kapvergunning")
        finally:
            set_script_prefix("/")
        assert drawn.xpath("//@href") == ["/o/aalter/dienst/kapvergunning"]

    def test_stays_as_it_is_under_a_name_of_its_own(self) -> None:
        drawn = component('<a href="{{ path|local }}">x</a>', path="/mijn/zaken").xpath("//@href")
        assert drawn == ["/mijn/zaken"]

    def test_leaves_an_address_elsewhere_alone(self) -> None:
        drawn = component('<a href="{{ path|local }}">x</a>', path="https://www.vlaanderen.be/x").xpath("//@href")
        assert drawn == ["https://www.vlaanderen.be/x"]


class TestTable:
    def test_never_breaks_codes_and_days_over_lines(self) -> None:
        table = data.Table(
            caption="Dossiers", page=data.PageOf(items=(data.Row(cells=(data.Cell(text="A-1"),)),)),
            columns=(data.Column(code="reference", label="Dossier", kind=data.ColumnKind.CODE),),
        )
        assert component("{% table t %}", t=table).xpath("//tbody//th/@class") == ["ocapi-table__code"]

    def test_keeps_filters_and_drops_the_cursor_in_sort_links(self) -> None:
        page = component("{% table t %}", t=gallery.WORKLIST)
        assert page.xpath("//thead//a/@href") == [
            "?state=open&sort=number",
            "?state=open&sort=person",
            "?state=open&sort=due",
        ]
        assert page.xpath("//th[@aria-sort]/@aria-sort") == ["descending"]

    def test_pages_by_cursor(self) -> None:
        page = component("{% table t %}", t=gallery.WORKLIST)
        assert page.xpath("//a[@rel='next']/@href") == ["?state=open&cursor=bmV4dA"]

    def test_gives_way_to_its_empty_state(self) -> None:
        page = component("{% table t %}", t=gallery.NOTHING)
        assert not page.xpath("//table")
        assert page.xpath("//a/@href") == ["/w/alle"]


class TestDoor:
    def test_stays_on_this_site_when_redirecting(self) -> None:
        for address in ("//example.org", "/\\example.org", "/\t/example.org", "///example.org"):
            with pytest.raises(ValueError, match="this site"):
                api.redirect(address)
        assert api.redirect("/mijn")["Location"] == "/mijn"

    def test_answers_problems_with_reference_and_way_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def engine_render(template: str, values: dict[str, object], request: HttpRequest) -> str:
            return gallery.ENGINE.get_template(template).render(Context({**values, "request": request}))

        monkeypatch.setattr(api, "render_to_string", engine_render)
        answer = api.problem_page(RequestFactory().get("/weg"), status=404, reference="4f7c2d90")
        page = html.fromstring(answer.content.decode())
        assert answer.status_code == 404
        assert len(page.xpath("//h1")) == 1
        assert page.xpath("//main//code/text()") == ["4f7c2d90"]
        assert "/" in page.xpath("//main//a/@href")


class TestBudget:
    def test_ships_less_than_thirty_kilobytes_of_script(self) -> None:
        assert sum(file.stat().st_size for file in STATIC.glob("*.js")) < 30_000

    def test_styles_name_no_other_host(self) -> None:
        assert not re.search(r"url\([\"']?(https?:)?//|@import", (STATIC / "ocapi.css").read_text())


class TestSeeOther:
    @pytest.mark.parametrize(("before", "path", "place"), [
        ("/", "/doc/a", "/doc/a"),
        ("/o/aalter/", "/doc/a", "/o/aalter/doc/a"),
        ("/o/aalter/", "/o/aalter/doc/a", "/o/aalter/doc/a"),
    ])
    def test_stays_with_the_organization_that_was_asked(self, before, path, place):
        set_script_prefix(before)
        try:
            answer = api.see_other(path)
        finally:
            clear_script_prefix()
        assert (answer.status_code, answer["Location"]) == (303, place)
