// Draws a BPMN file with marks on the elements of the list beside it. Without it the table says the same.
"use strict";

const showDrawing = async (figure) => {
  const canvas = figure.querySelector(".ocapi-drawing__canvas");
  const answer = await fetch(figure.dataset.drawing, { credentials: "same-origin" });
  if (!answer.ok) return;
  canvas.hidden = false;
  const viewer = new window.BpmnJS({ container: canvas });
  try {
    await viewer.importXML(await answer.text());
  } catch (failure) { // a file without a picture of its process
    canvas.hidden = true;
    figure.querySelector("[data-pictureless]").hidden = false;
    return;
  }
  const fit = () => {
    if (!canvas.clientWidth || !canvas.clientHeight) return; // not shown now: there is nothing to fit into
    viewer.get("canvas").resized();
    viewer.get("canvas").zoom("fit-viewport", "auto");
  };
  fit();
  window.addEventListener("resize", fit);
  const name = document.createElement("span"); // the mark is an image alone: give it a name to read
  name.className = "ocapi-visually-hidden";
  name.textContent = "bpmn.io";
  canvas.querySelector(".bjs-powered-by")?.append(name);
  const known = viewer.get("elementRegistry");
  for (const mark of figure.querySelectorAll("[data-node]")) {
    const { node, count, tone } = mark.dataset;
    if (!known.get(node)) continue;
    viewer.get("canvas").addMarker(node, `ocapi-standing--${tone}`);
    if (Number(count) === 0) continue;
    const bubble = document.createElement("span");
    bubble.className = `ocapi-drawing__count ocapi-drawing__count--${tone}`;
    bubble.textContent = count;
    bubble.title = mark.textContent;
    const place = count.length > 3 ? { left: -4 } : { right: 14 }; // a long one over its own step, not the next
    viewer.get("overlays").add(node, { position: { top: -12, ...place }, html: bubble });
  }
};

if (window.BpmnJS) document.querySelectorAll("[data-drawing]").forEach(showDrawing);
