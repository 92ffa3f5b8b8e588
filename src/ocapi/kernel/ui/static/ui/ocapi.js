// Progressive enhancement only: each page works without this file. No dependency, no inline code, no storage.
"use strict";

(() => {
  const announce = (text, place) => {
    const line = document.createElement("p");
    line.textContent = text;
    place.replaceChildren(line);
  };

  // The error summary takes the focus, so that a screen reader starts there.
  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();

  // A link of the summary puts the cursor in its field.
  summary?.addEventListener("click", (event) => {
    const field = event.target.closest("a")?.hash && document.getElementById(event.target.closest("a").hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });

  // <form data-confirm="consequence" data-confirm-action="Verwijder" data-confirm-cancel="Nee, ga terug">
  const ask = (form, submitter) => {
    const dialog = document.createElement("dialog");
    dialog.className = "ocapi-dialog";
    const text = document.createElement("p");
    text.id = "bevestig-tekst";
    text.textContent = form.dataset.confirm;
    dialog.setAttribute("aria-labelledby", text.id);
    const actions = document.createElement("div");
    actions.className = "ocapi-actions";
    const no = button(form.dataset.confirmCancel, "secondary", () => dialog.close());
    const yes = button(form.dataset.confirmAction, "danger", () => {
      form.dataset.confirmed = "1";
      dialog.close();
      form.requestSubmit(submitter);
    });
    actions.append(no, yes);
    dialog.append(text, actions);
    dialog.addEventListener("close", () => {
      dialog.remove();
      submitter?.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  };
  const button = (label, kind, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `ocapi-button ocapi-button--${kind}`;
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.confirm || !form.dataset.confirmAction || !form.dataset.confirmCancel || form.dataset.confirmed) return;
    event.preventDefault();
    ask(form, event.submitter);
  });

  // The session warning opens five minutes before the end and can be answered with one button.
  const WARNING_SECONDS = 300;
  const session = document.querySelector("[data-session-seconds]");
  const watch = (seconds) => {
    clearTimeout(watch.warning);
    clearTimeout(watch.end);
    watch.warning = setTimeout(() => session.open || session.showModal(), Math.max(seconds - WARNING_SECONDS, 0) * 1000);
    watch.end = setTimeout(() => session.querySelector("[data-session-ended]").classList.remove("ocapi-hidden"), seconds * 1000);
  };
  if (session && session.showModal) {
    const total = Number(session.dataset.sessionSeconds);
    watch(total);
    session.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const answer = await fetch(session.dataset.sessionExtend, { method: "POST", body: new FormData(event.target), redirect: "manual" }).catch(() => null);
      if (!answer?.ok) return session.querySelector("[data-session-ended]").classList.remove("ocapi-hidden");
      session.close();
      watch(Number(answer.headers.get("Ocapi-Session-Seconds")) || total);
    });
  }

  // <form data-autosave="/address" data-autosave-saved="Bewaard" data-autosave-failed="Niet bewaard"> saves the draft
  // two seconds after the last change; files travel only with the real submit. The address answers 2xx: a redirect
  // (the session has ended) counts as not saved.
  const QUIET_MS = 2000;
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const status = document.createElement("div");
    status.className = "ocapi-saved";
    status.setAttribute("role", "status");
    form.append(status);
    let timer = 0;
    let isSubmitted = false;
    const save = async () => {
      const draft = new FormData(form);
      for (const [name, value] of [...draft]) if (value instanceof File) draft.delete(name);
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: draft, keepalive: true, redirect: "manual" }).catch(() => null);
      announce(answer?.ok ? form.dataset.autosaveSaved : form.dataset.autosaveFailed, status);
    };
    const changed = () => {
      clearTimeout(timer);
      timer = setTimeout(save, QUIET_MS);
    };
    form.addEventListener("input", changed);
    form.addEventListener("submit", () => {
      isSubmitted = true;
      clearTimeout(timer);
    });
    addEventListener("pagehide", () => {
      if (!timer || isSubmitted) return;
      clearTimeout(timer);
      save();
    });
  }

  // <div data-show-when="name" data-show-value="value"> is shown while that control has that value. Without this
  // file it always stands there, under a note that says when it counts.
  const dependent = [...document.querySelectorAll("[data-show-when]")];
  const isChosen = ({ showWhen, showValue }) =>
    [...document.getElementsByName(showWhen)].some(
      (control) => !control.closest("[hidden]") && (!/radio|checkbox/.test(control.type) || control.checked) && control.value === showValue,
    );
  const showDependent = () => {
    for (const part of dependent) part.hidden = !isChosen(part.dataset);
  };
  if (dependent.length) {
    for (const note of document.querySelectorAll("[data-show-note]")) note.remove();
    showDependent();
    document.addEventListener("input", showDependent);
  }

  // Names and sizes of chosen files, before they are sent.
  const size = (bytes) =>
    bytes < 1e6 ? `${Math.max(Math.round(bytes / 1e3), 1)} kB` : `${(bytes / 1e6).toLocaleString("nl-BE", { maximumFractionDigits: 1 })} MB`;
  for (const frame of document.querySelectorAll(".ocapi-file")) frame.dataset.told = "";
  document.addEventListener("change", (event) => {
    const list = event.target.dataset?.fileList && document.getElementById(event.target.dataset.fileList);
    if (!list) return;
    document.getElementById(`${event.target.id}-none`).hidden = event.target.files.length > 0;
    list.replaceChildren(
      ...[...event.target.files].map((file) => {
        const item = document.createElement("li");
        item.className = "ocapi-file-list__item";
        item.textContent = `${file.name} (${size(file.size)})`;
        return item;
      }),
    );
  });
})();
