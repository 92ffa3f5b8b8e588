// Maps by arrow keys and choosing a period by dragging. Progressive enhancement only: the table below a map holds
// the same links, the form above a chart the same periods. No dependency, no inline code, no storage.
"use strict";

(() => {
  // <svg data-map>: one area takes the focus, the arrows go to the nearest area in their direction.
  const TURNS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  for (const map of document.querySelectorAll("[data-map]")) {
    const areas = [...map.querySelectorAll("a")];
    const readout = map.closest("figure")?.querySelector("[data-map-readout]");
    const first = readout?.textContent ?? "";
    const middle = (area) => {
      const box = area.getBBox();
      return [box.x + box.width / 2, box.y + box.height / 2];
    };
    const tell = (event) => {
      const area = event.target.closest("a");
      if (readout) readout.textContent = area ? area.getAttribute("aria-label") : first;
    };
    map.addEventListener("pointerover", tell);
    map.addEventListener("pointerleave", () => { if (readout) readout.textContent = first; });
    map.addEventListener("focusin", tell);
    map.addEventListener("keydown", (event) => {
      const here = event.target.closest("a");
      const turn = TURNS[event.key];
      if (!here || !turn) return;
      event.preventDefault();
      const [x, y] = middle(here);
      let best = null;
      let least = Infinity;
      for (const area of areas) {
        const [ax, ay] = middle(area);
        const along = (ax - x) * turn[0] + (ay - y) * turn[1];
        const aside = Math.abs((ax - x) * turn[1]) + Math.abs((ay - y) * turn[0]);
        if (area === here || along <= 0 || aside > along * 2) continue;
        const far = along + aside * 1.5;
        if (far < least) [best, least] = [area, far];
      }
      if (!best) return;
      here.setAttribute("tabindex", "-1");
      best.setAttribute("tabindex", "0");
      best.focus();
    });
  }

  // <svg data-brush="id of the form" data-periods="2024-01-01/2024-01-31 …">: dragging sets `van` and `tot` and sends the form.
  for (const strip of document.querySelectorAll("[data-brush]")) {
    const form = document.getElementById(strip.dataset.brush);
    const frame = strip.querySelector("[data-brush-window]");
    const periods = strip.dataset.periods.split(" ").map((each) => each.split("/"));
    if (!form?.elements.van || !form.elements.tot || !frame || periods.length < 2) continue;
    strip.parentElement.classList.add("ocapi-brush--live");
    for (const hint of strip.parentElement.querySelectorAll("[data-brush-hint]")) hint.hidden = false;
    const was = ["x", "width"].map((name) => frame.getAttribute(name));
    const wide = strip.viewBox.baseVal.width;
    let from = null;
    const at = (event) => {
      const box = strip.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    };
    const show = (one, other) => {
      frame.setAttribute("x", Math.min(one, other) * wide);
      frame.setAttribute("width", Math.abs(one - other) * wide);
    };
    const back = () => {
      from = null;
      frame.setAttribute("x", was[0]);
      frame.setAttribute("width", was[1]);
    };
    strip.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      from = at(event);
      strip.setPointerCapture(event.pointerId);
      show(from, from);
    });
    strip.addEventListener("pointermove", (event) => { if (from !== null) show(from, at(event)); });
    strip.addEventListener("pointercancel", back);
    strip.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const places = [from, at(event)].sort((one, other) => one - other).map((share) => Math.round(share * (periods.length - 1)));
      if (places[0] === places[1]) return back(); // a tap chooses nothing
      form.elements.van.value = periods[places[0]][0];
      form.elements.tot.value = periods[places[1]][1];
      form.requestSubmit();
    });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && from !== null) back(); });
  }
})();
