// The designer without waiting: the telephone follows what is typed, and the keyboard moves parts and questions.
// Each page works without this file: a button shows the preview, buttons move.
"use strict";

(() => {
  // <form data-preview="id"> is posted 300 ms after the last change; the answer takes the place of what #id holds.
  const QUIET_MS = 300;
  const form = document.querySelector("form[data-preview]");
  const screen = form && document.getElementById(form.dataset.preview);
  const show = (text) => {
    const read = new DOMParser().parseFromString(text, "text/html");
    screen.replaceChildren(...document.adoptNode(read.body).childNodes);
    point();
  };
  // The question that is being changed is brought into view inside the telephone, without moving the page.
  const point = () => {
    const { question } = screen.dataset;
    const at = question && document.getElementById(`question-voorbeeld-${question}`);
    if (!at) return;
    at.classList.add("forms-phone__now");
    screen.scrollTop += at.getBoundingClientRect().top - screen.getBoundingClientRect().top - 24;
  };
  if (screen) {
    const state = document.querySelector("[data-preview-state]");
    const calm = state.textContent;
    let timer = 0;
    let running = new AbortController();
    const renew = async () => {
      running.abort();
      running = new AbortController();
      const { signal } = running;
      const typed = new FormData(form);
      typed.set("preview", "fragment");
      try {
        const answer = await fetch(location.href, { method: "POST", body: typed, redirect: "manual", signal });
        if (!answer.ok) throw new Error(String(answer.status));
        show(await answer.text());
        if (state.textContent !== calm) state.textContent = calm;
      } catch (failure) {
        if (!signal.aborted) state.textContent = form.dataset.previewFailed;
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(renew, QUIET_MS);
    });
    form.querySelector("[data-preview-button]").hidden = true;
    point();
  }

  // Alt with an arrow moves the part or the question that holds the focus; it has the focus again on the next page.
  const DIRECTIONS = { ArrowUp: "up-", ArrowDown: "down-" };
  document.addEventListener("keydown", (event) => {
    const direction = event.altKey && !event.ctrlKey && !event.metaKey && DIRECTIONS[event.key];
    const button = direction && event.target.closest(".forms-line")?.querySelector(`button[name^="${direction}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  const moved = location.hash.startsWith("#regel-") && document.getElementById(location.hash.slice(1));
  const focus = () => requestAnimationFrame(() => moved.querySelector("a")?.focus({ preventScroll: true }));
  if (moved) addEventListener("load", focus); // after the browser itself went to the fragment, which takes focus
})();
