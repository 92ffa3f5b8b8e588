"""Looks at one page the way a reviewer would: axe, headings, title, overflow; and at its HTML."""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, Response

from tests.journeys.people import AALTER, DESKTOP, PHONE, Visitor
from tests.journeys.running import PROJECT, City
from tests.journeys.screens import Scene, Screen

AXE = PROJECT / "build" / "assets-dev" / "axe.min.js"
NODE = PROJECT / "build" / "node" / "bin" / "node"
VALIDATOR = PROJECT / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549"]
RUN = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
  return found.violations.flatMap(each => each.nodes.map(node => `${each.id}: ${node.target.join(" ")}`));
}"""
WIDE = """() => {
  const limit = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= limit) return [];
  const isWide = n => n.getBoundingClientRect().right > limit + 1;
  const wide = [...document.querySelectorAll("body *")].filter(isWide);
  return ["page is " + document.scrollingElement.scrollWidth + " px wide",
          ...wide.slice(0, 3).map(n => n.tagName + "." + n.className)];
}"""
TARGETS = "main button, main input:not([type=hidden], [type=radio], [type=checkbox]), main select, nav a"
SMALL = """(targets) => [...document.querySelectorAll(targets)].flatMap(n => {
  const box = n.getBoundingClientRect();
  const name = `${n.tagName} ${n.textContent.trim().slice(0, 30)}`;
  return box.width && Math.min(box.width, box.height) < 23.5 ? [`${name} ${Math.round(box.height)} px`] : [];
})"""
HEAD = """() => document.querySelector(".ocapi-header__bar--folds")?.parentNode.offsetHeight ?? 0"""
"""The head of a page with a menu; a page of refusal has none to fold it into."""
LEAVE_OUT = """() => document.querySelectorAll(".bjs-container").forEach(drawn => drawn.replaceChildren())"""
"""What bpmn-js draws is its own HTML; axe, targets and widths saw it."""
FACTS = """() => ({
  title: document.title, lang: document.documentElement.lang,
  levels: [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")]
    .filter(n => !n.closest("dialog") && n.checkVisibility()).map(n => +n.tagName[1]),
  skip: document.querySelector("body > a")?.hash ?? "",
  lands: !!document.querySelector("main#inhoud[tabindex='-1']"),
})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen of one page, on a desktop and on a phone."""

    status: int = 0
    title: str = ""
    language: str = ""
    levels: tuple[int, ...] = ()
    skips_to: str = ""
    violations: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    head: int = 0
    html: str = ""
    complaints: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def has_good_headings(self) -> bool:
        """Tell whether there is one h1 and no heading skips a level."""
        has_gap = any(after > before + 1 for before, after in pairwise(self.levels))
        return self.levels.count(1) == 1 and not has_gap


@contextmanager
def visitors(city: City, chromium: Browser, kept: dict[str, object]) -> Iterator[Callable[..., Visitor]]:
    """Give who visits as a person at an organization, the same one each time; all leave in the end."""
    arrived: dict[tuple[str, str], Visitor] = {}

    def visit(person: str = "", key: str = AALTER) -> Visitor:
        if (person, key) not in arrived:
            arrived[person, key] = Visitor.arrive(city, chromium, person=person, kept=kept, key=key)
        return arrived[person, key]

    yield visit
    for visitor in arrived.values():
        visitor.leave()


def violations(page: Page) -> list[str]:
    """Run axe on the page that is open now; gives rule and place of each violation."""
    page.evaluate(AXE.read_text())
    return list(page.evaluate(RUN, TAGS))


def visit_screen(visitor: Visitor, screen: Screen, scene: Scene) -> int:
    """Bring a screen on the page of a visitor, wide; gives the status of the page's last answer."""
    statuses: list[int] = []

    def note(answer: Response) -> None:
        if answer.request.resource_type == "document" and answer.frame == visitor.page.main_frame:
            statuses.append(answer.status)

    visitor.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    visitor.page.on("response", note)
    visitor.goes_to(screen.path.format(**scene.places))
    if screen.act is not None:
        screen.act(visitor)
        visitor.page.wait_for_load_state()
    visitor.page.remove_listener("response", note)
    return statuses[-1]


def look_at(visitor: Visitor, screen: Screen, scene: Scene) -> Sight:
    """Visit a screen and look at it; a journey that breaks off is told as trouble."""
    visitor.complaints.clear()
    try:
        status = visit_screen(visitor, screen, scene)
        return replace(look(visitor.page, status=status), complaints=tuple(visitor.complaints))
    except Error as failure:
        return Sight(trouble=f"{visitor.path}: {failure.message[:300]}")


def look(page: Page, *, status: int) -> Sight:
    """Look at the page that is open now, first wide, then on a phone."""
    wide_screen = violations(page)
    facts = page.evaluate(FACTS)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    small, head = tuple(page.evaluate(SMALL, TARGETS)), page.evaluate(HEAD)
    on_phone, wide = page.evaluate(RUN, TAGS), tuple(page.evaluate(WIDE))
    page.evaluate(LEAVE_OUT)
    return Sight(
        status=status, title=facts["title"], language=facts["lang"], levels=tuple(facts["levels"]),
        skips_to=facts["skip"] if facts["lands"] else "",
        violations=(*wide_screen, *(f"phone: {line}" for line in on_phone)),
        wide=wide, html=page.content(), small=small, head=head,
    )


def invalid_html(pages: Mapping[str, str], folder: Path) -> dict[str, list[str]]:
    """Give what html-validate finds, by name of the page."""
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text)
    (folder / ".htmlvalidate.json").write_text((Path(__file__).parent / "htmlvalidate.json").read_text())
    report = folder / "report.json"
    with report.open("wb") as out:  # a pipe is cut off when node ends before it is read
        subprocess.run(
            [str(NODE), str(VALIDATOR), "--formatter", "json", "*.html"], cwd=folder, stdout=out, check=False
        )
    found = {Path(each["filePath"]).stem: _lines(each) for each in json.loads(report.read_text())}
    return {name: lines for name, lines in found.items() if lines}


def _lines(report: dict[str, Any]) -> list[str]:
    return [f"{m['ruleId']} {m['line']}:{m['column']} {m['message']}" for m in report["messages"]]
