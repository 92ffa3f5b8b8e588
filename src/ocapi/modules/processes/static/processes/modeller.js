// The modeller: draws with bpmn-js, saves on the server, shows what keeps the drawing from running, and lets
// everything be done from the panel and the list as well. Without it the page tells how to go on.
"use strict";

const OCAPI_MODDLE = {
  name: "ocapi", uri: "urn:ocapi:bpmn", prefix: "ocapi", xml: { tagAlias: "lowerCase" },
  types: [{
    name: "Settings", extends: ["bpmn:FlowNode", "bpmn:Message"],
    properties: ["correlationKey", "resultVariable", "due", "formKey", "candidateGroups", "assignee"].map((name) => ({ name, isAttr: true, type: "String" })),
  }],
};
const CHECK_MS = 700;
const BESIDE = { top: 60, right: 130, bottom: 90, left: 150 }; // px: not under the palette, and with room for its own buttons
const SAVE_MS = 2500;

const startModeller = async (root) => {
  const data = root.dataset;
  const part = (selector) => root.querySelector(selector);
  const canvas = part(".ocapi-modeller__canvas");
  const words = JSON.parse(data.words);
  const kinds = JSON.parse(data.kinds);
  const translate = (text, values = {}) => (words[text] || text).replace(/{([^}]+)}/g, (_all, key) => values[key] ?? "");
  const answer = await fetch(data.file, { credentials: "same-origin" });
  if (!answer.ok) return;
  const raw = await answer.text();
  root.hidden = false;
  const modeler = new window.BpmnJS({
    container: canvas, moddleExtensions: { ocapi: OCAPI_MODDLE },
    additionalModules: [{ translate: ["value", translate] }],
  });
  // What the engine refuses is not offered.
  modeler.get("popupMenu").registerProvider("bpmn-replace", 500, {
    getPopupMenuEntries: () => (entries) =>
      Object.fromEntries(Object.entries(entries).filter(([code]) => !/ad-?hoc|complex-gateway|conditional/.test(code))),
  });
  const nameTools = () => canvas.querySelectorAll(".djs-palette .entry[aria-label]").forEach((each) => (each.title = each.getAttribute("aria-label")));
  modeler.on(["palette.create", "palette.changed", "import.done"], () => window.setTimeout(nameTools));
  try {
    await modeler.importXML(raw);
  } catch (failure) { // a file without a picture: the words below still tell what is in it
    canvas.textContent = data.saidPicture;
    return;
  }
  const get = (name) => modeler.get(name);
  const properties = window.ocapiProperties(modeler);
  const known = get("elementRegistry");
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
  const fit = () => { // beside the palette, not under it
    get("canvas").zoom("fit-viewport", "auto");
    if (get("canvas").viewbox().inner.width * get("canvas").zoom() < canvas.clientWidth - 240) return;
    get("canvas").zoom(get("canvas").zoom() * 0.77, "auto");
    get("canvas").scroll({ dx: 60, dy: 0 });
  };
  const state = part("[data-state]");
  let revision = Number(data.revision);
  let xml = raw; // as it was read or last saved: sent unchanged while nothing is changed
  let isDirty = false;
  let isConflict = false;
  let changes = 0;

  const fileForm = (text, more = {}) => {
    const form = new FormData();
    form.append("csrfmiddlewaretoken", token());
    form.append("drawing", new Blob([text], { type: "application/xml" }), "tekening.bpmn");
    for (const [name, value] of Object.entries(more)) form.append(name, value);
    return form;
  };
  const ask = (url, form) => fetch(url, { method: "POST", body: form, headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => null);
  const current = async () => (isDirty ? (await modeler.saveXML({ format: true })).xml : xml);

  // --- saving ------------------------------------------------------------------------------------------------
  let saving = Promise.resolve();
  const save = () => {
    saving = saving.then(saveNow);
    return saving;
  };
  const saveNow = async () => {
    if (!isDirty || isConflict) return;
    const seen = changes;
    const text = await current();
    state.textContent = data.saidSaving;
    const got = await ask(data.save, fileForm(text, { revision }));
    const body = got && got.type !== "opaqueredirect" ? await got.json().catch(() => ({})) : {};
    if (got?.ok) {
      revision = body.revision;
      xml = text;
      isDirty = changes !== seen;
      state.textContent = isDirty ? data.saidUnsaved : data.saidSaved;
      for (const field of document.querySelectorAll("form[data-upload] [name=revision]")) field.value = revision;
    } else if (got?.status === 409) {
      isConflict = true;
      state.textContent = data.saidUnsaved;
      part("[data-conflict-text]").textContent = body.problem;
      part("[data-conflict]").hidden = false;
      part("[data-differences]").hidden = !body.differences?.length;
      part("[data-differences] ul").replaceChildren(...(body.differences || []).map((said) => Object.assign(document.createElement("li"), { textContent: said })));
    } else {
      state.textContent = body.problem || data.saidFailed;
    }
  };
  const keepCopy = async () => {
    const form = part("form[data-copy]");
    const got = await fetch(form.action, { method: "POST", body: fileForm(await current(), { title: form.elements.title.value }) }).catch(() => null);
    if (!got?.ok) return;
    isDirty = false;
    location.assign(got.url);
  };
  addEventListener("beforeunload", (event) => {
    if (isDirty) event.preventDefault();
  });
  for (const link of document.querySelectorAll(".ocapi-main .ocapi-actions > a")) {
    link.addEventListener("click", async (event) => { // what is drawn goes along to the next page
      if (!isDirty || isConflict || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      await save();
      if (!isDirty) location.assign(link.href);
    });
  }

  // --- checking ----------------------------------------------------------------------------------------------
  let found = [];
  let asked = 0;
  const check = async () => {
    const turn = ++asked;
    const got = await ask(data.check, fileForm(await current()));
    if (!got?.ok || turn !== asked) return;
    const body = await got.json();
    found = body.findings;
    showFindings();
    showWords(body.elements);
    showAdvice(body.advice);
    showReason();
  };
  const pick = (id) => {
    const element = known.get(id);
    if (!element) return;
    get("selection").select(element);
    get("canvas").scrollToElement(element, BESIDE);
    part("[data-property=name]").focus();
  };
  const chooser = (id, text) => {
    if (!known.get(id)) return document.createTextNode(text);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ocapi-link-button";
    button.textContent = text;
    button.addEventListener("click", () => pick(id));
    return button;
  };
  const table = (place, rows) => {
    const body = document.querySelector(`${place} tbody`);
    if (!body) return document.querySelector(place).replaceChildren(listed(rows)); // it was empty before
    const heads = [...document.querySelectorAll(`${place} thead th`)].map((each) => each.textContent.trim());
    body.replaceChildren(...rows.map((cells) => {
      const row = document.createElement("tr");
      row.append(...cells.map((cell, index) => {
        const made = document.createElement(index ? "td" : "th");
        if (index) made.dataset.label = heads[index] || "";
        else made.scope = "row";
        made.append(cell);
        return made;
      }));
      return row;
    }));
  };
  const listed = (rows) => {
    const list = document.createElement("ul");
    list.append(...rows.map((cells) => {
      const item = document.createElement("li");
      cells.forEach((cell, index) => item.append(index ? " – " : "", cell));
      return item;
    }));
    return list;
  };
  const nameOf = (each) => known.get(each.element)?.businessObject.name || (known.get(each.element) ? `${each.kind} ${data.saidUnnamed}` : each.element);
  const detailed = (each) => (each.detail ? `${each.remedy} (${each.detail})` : each.remedy);
  const showAdvice = (advice) => {
    document.querySelector("[data-advised]").hidden = !advice.length;
    document.querySelector("[data-advice]").replaceChildren(listed(advice.map((each) => [chooser(each.element, each.name), each.what])));
  };
  const showFindings = () => {
    get("overlays").remove({ type: "finding" });
    for (const element of known.getAll()) get("canvas").removeMarker(element.id, "ocapi-finding");
    for (const each of found) {
      if (!known.get(each.element) || known.get(each.element) === get("canvas").getRootElement()) continue;
      get("canvas").addMarker(each.element, "ocapi-finding");
      const mark = document.createElement("span");
      mark.className = "ocapi-modeller__mark";
      mark.textContent = "!";
      mark.title = `${each.what} ${detailed(each)}`;
      get("overlays").add(each.element, "finding", { position: { top: -10, right: 10 }, html: mark });
    }
    const good = Object.assign(document.createElement("p"), { textContent: data.saidGood });
    document.querySelector("[data-findings]").replaceChildren(found.length ? listed(found.map((each) => [chooser(each.element, `${nameOf(each)} (${each.kind})`), each.what, detailed(each)])) : good);
  };
  const showWords = (elements) => table("[data-elements]", elements.map(([id, name, ...rest]) => [chooser(id, name), ...rest]));

  // --- the panel ---------------------------------------------------------------------------------------------
  let selected = null;
  const showReason = () => {
    const mine = selected ? found.filter((each) => each.element === selected.id) : [];
    const place = part("[data-reason]");
    place.hidden = !mine.length;
    place.textContent = mine.map((each) => `${each.what} ${detailed(each)}`).join(" ");
  };
  const isA = (element, type) => Boolean(element.businessObject.$instanceOf?.(type));
  const controls = [...root.querySelectorAll("[data-property]")];
  const show = () => {
    const element = selected;
    part("[data-nothing]").hidden = Boolean(element);
    part("[data-fields]").hidden = !element;
    part("[data-build]").hidden = !element;
    part("[data-kind]").textContent = element ? kinds[properties.kind(element)] || properties.kind(element) : part("[data-kind]").dataset.plain;
    showReason();
    if (!element) return;
    const groups = properties.groups(element);
    for (const each of root.querySelectorAll("[data-for]")) each.hidden = !groups.has(each.dataset.for);
    for (const control of controls) {
      if (control.closest("[data-for]").hidden || control === document.activeElement) continue;
      const value = properties.read(element, control.dataset.property);
      if (control.type === "checkbox") control.checked = value;
      else control.value = value;
    }
    showInputs(element);
    const canBuild = element.type?.startsWith("bpmn:") && isA(element, "bpmn:FlowNode");
    part("[data-build]").hidden = !canBuild && !element.waypoints;
    for (const each of part("[data-build]").querySelectorAll("label, [data-act=append], [data-act=connect]")) each.hidden = !canBuild || isA(element, "bpmn:EndEvent");
    const adding = part("[data-add-type]");
    for (const each of adding.options) each.disabled = each.value.startsWith("bpmn:BoundaryEvent") && !(canBuild && isA(element, "bpmn:Activity"));
    if (adding.selectedOptions[0]?.disabled) adding.selectedIndex = 0;
    part("[data-connect-to]").replaceChildren(...known.filter((each) => each !== element && each.type !== "label" && isA(each, "bpmn:FlowNode") && !isA(each, "bpmn:StartEvent") && !isA(each, "bpmn:BoundaryEvent") && each.parent === element.parent)
      .map((each) => new Option(each.businessObject.name || each.id, each.id)));
  };
  const showInputs = (element) => {
    const place = part("[data-inputs-of-call]");
    const chosen = part("[data-property=connector]").selectedOptions[0];
    const hint = part("[data-outputs-of-call]");
    const given = properties.inputs(element);
    const key = `${element.id} ${chosen?.value}`;
    if (place.dataset.shown === key) { // the same fields: whoever types in one goes on
      for (const field of place.querySelectorAll("[data-input]")) {
        if (field !== document.activeElement) field.value = given[field.dataset.input] || "";
      }
      return;
    }
    place.dataset.shown = key;
    const wanted = chosen?.dataset.inputs && !part("[data-property=connector]").closest("[data-for]").hidden ? JSON.parse(chosen.dataset.inputs) : {};
    place.hidden = !Object.keys(wanted).length;
    hint.hidden = !chosen?.value || part("[data-property=connector]").closest("[data-for]").hidden;
    hint.textContent = hint.hidden ? "" : chosen.dataset.told;
    place.replaceChildren(place.querySelector("legend"), ...Object.entries(wanted).map(([name, about]) => {
      const label = document.createElement("label");
      const field = Object.assign(document.createElement("input"), { className: "ocapi-input", type: "text", spellcheck: false, value: given[name] || "", placeholder: about.example });
      field.dataset.input = name;
      if (name === "connection") field.setAttribute("list", "known-systems");
      label.append(`${about.label} (${name})`, field);
      return label;
    }));
    if (!wanted.connection) return;
    const link = Object.assign(document.createElement("a"), { href: data.connections, target: "_blank", rel: "noopener", textContent: data.saidConnections });
    place.append(link);
  };
  part(".ocapi-modeller__panel").addEventListener("change", (event) => {
    const control = event.target;
    if (!selected) return;
    if (control.dataset.input) {
      properties.writeInputs(selected, [...part("[data-inputs-of-call]").querySelectorAll("[data-input]")].map((each) => [each.dataset.input, each.value.trim()]));
    } else if (control.dataset.property) {
      const value = control.type === "checkbox" ? control.checked : control.value.trim();
      if (value === properties.read(selected, control.dataset.property)) return;
      properties.write(selected, control.dataset.property, value);
      if (["connector", "loopKind"].includes(control.dataset.property)) show();
    }
  });
  part("[data-kind]").dataset.plain = part("[data-kind]").textContent;

  // --- building without a mouse --------------------------------------------------------------------------------
  const append = () => {
    const [type, trigger] = part("[data-add-type]").value.split("|");
    const shape = get("elementFactory").createShape({ type, ...(trigger ? { eventDefinitionType: `bpmn:${trigger}EventDefinition` } : {}) });
    if (type !== "bpmn:BoundaryEvent") return pick(get("autoPlace").append(selected, shape).id);
    const place = { x: selected.x + selected.width - 20 - 45 * (selected.attachers || []).length, y: selected.y + selected.height };
    return pick(get("modeling").createShape(shape, place, selected, { attach: true }).id);
  };
  // Each kind of coupling stands ready as a task with its name and what it calls.
  const coupled = (button) => {
    const shape = get("elementFactory").createShape({ type: "bpmn:ServiceTask" });
    shape.businessObject.name = button.textContent.trim();
    shape.businessObject.implementation = properties.coupling(button.dataset.coupling);
    return shape;
  };
  for (const button of root.querySelectorAll("[data-coupling]")) {
    button.addEventListener("dragstart", (event) => {
      event.preventDefault();
      get("create").start(event, coupled(button));
    });
    button.addEventListener("click", () => {
      const isStep = selected?.type?.startsWith("bpmn:") && isA(selected, "bpmn:FlowNode") && !isA(selected, "bpmn:EndEvent");
      if (isStep) return pick(get("autoPlace").append(selected, coupled(button)).id);
      const view = get("canvas").viewbox();
      const middle = { x: Math.round(view.x + view.width / 2), y: Math.round(view.y + view.height / 2) };
      return pick(get("modeling").createShape(coupled(button), middle, get("canvas").getRootElement()).id);
    });
  }
  const fill = () => {
    const isFull = root.classList.toggle("ocapi-modeller--full");
    part("[data-act=fill]").setAttribute("aria-pressed", String(isFull));
    get("canvas").resized();
    fit();
  };
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.classList.contains("ocapi-modeller--full")) fill();
  });
  const acts = {
    fill,
    save,
    undo: () => get("commandStack").undo(),
    redo: () => get("commandStack").redo(),
    fit,
    copy: keepCopy,
    append,
    connect: () => {
      const target = known.get(part("[data-connect-to]").value);
      if (target) get("modeling").connect(selected, target);
    },
    remove: () => get("modeling").removeElements([selected]),
  };
  root.addEventListener("click", (event) => {
    const act = acts[event.target.closest("[data-act]")?.dataset.act];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
    event.preventDefault();
    save();
  });

  let checkTimer = 0;
  let saveTimer = 0;
  modeler.on("commandStack.changed", () => {
    isDirty = true;
    changes += 1;
    state.textContent = data.saidUnsaved;
    clearTimeout(checkTimer);
    clearTimeout(saveTimer);
    checkTimer = setTimeout(check, CHECK_MS);
    saveTimer = setTimeout(save, SAVE_MS);
    if (selected && !known.get(selected.id)) selected = null;
    show();
  });
  modeler.on("selection.changed", ({ newSelection }) => {
    const one = newSelection.length === 1 ? newSelection[0] : newSelection.length ? null : get("canvas").getRootElement();
    selected = one?.type === "label" ? one.labelTarget : one;
    show();
  });
  selected = get("canvas").getRootElement();
  const name = document.createElement("span"); // the mark is an image alone: give it a name to read
  name.className = "ocapi-visually-hidden";
  name.textContent = "bpmn.io";
  canvas.querySelector(".bjs-powered-by")?.append(name);
  fit();
  addEventListener("resize", () => get("canvas").resized());
  show();
  check();
  root.dataset.ready = "";
};

if (window.BpmnJS) document.querySelectorAll(".ocapi-modeller").forEach(startModeller);
