// What a page does that HTML alone cannot: copying, moments in the reader's zone, files read into a field, asking before what cannot be undone.
"use strict";
(() => {
  const said = (words) => {
    const place = document.getElementById("toast");
    if (!place) return;
    place.textContent = words;
    place.classList.add("shown");
    setTimeout(() => place.classList.remove("shown"), 2500);
  };
  const zone = (root) => {
    for (const one of root.querySelectorAll("time[datetime]:not([data-local])")) {
      const at = new Date(one.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      one.dataset.local = "";
      one.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    navigator.clipboard.writeText(button.dataset.copy).then(
      () => said("Copied."),
      () => said("The browser does not let this page copy; mark the text instead."),
    );
  });
  document.addEventListener("change", async (event) => {
    const into = event.target.dataset?.into && document.getElementById(event.target.dataset.into);
    const file = event.target.files?.[0];
    if (!into || !file) return;
    into.value = await file.text();
    said(`${file.name} was read.`);
  });
  document.addEventListener("submit", (event) => {
    const ask = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (ask && !window.confirm(ask)) return event.preventDefault();
    // Sent once, until the page is shown again: an impatient finger makes no second secret.
    if (event.target.method !== "post") return;
    if ("sent" in event.target.dataset) return event.preventDefault();
    event.target.dataset.sent = "";
  });
  // A piece that is drawn anew leaves its reader where they were: the focus, what was unfolded, and what was scrolled aside.
  const named = (one) => one.id || one.tagName + (one.getAttribute("aria-label") || (one.querySelector("summary") ?? one).textContent.trim());
  const pieces = (root) => {
    const seen = new Map();
    return [...root.querySelectorAll("a[href],button,input,select,textarea,summary,details,[tabindex]")].map((one) => {
      const name = named(one), nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      return [`${nth} ${name}`, one];
    });
  };
  let kept;
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    if (!target.id) return;
    const had = document.activeElement;
    kept = { id: target.id, inside: target.contains(had), focus: undefined, open: new Map(), aside: new Map() };
    for (const [name, one] of pieces(target)) {
      if (one === had) kept.focus = name;
      if (one.tagName === "DETAILS") kept.open.set(name, one.open);
      if (one.scrollLeft) kept.aside.set(name, one.scrollLeft);
    }
  });
  document.addEventListener("htmx:afterSwap", () => {
    const root = kept && document.getElementById(kept.id);
    if (!root) return;
    let found;
    for (const [name, one] of pieces(root)) {
      if (name === kept.focus) found = one;
      if (kept.open.has(name)) one.open = kept.open.get(name);
      if (kept.aside.has(name)) one.scrollLeft = kept.aside.get(name);
    }
    // What had the focus may be gone: then the focus is where the page begins.
    if (kept.inside && !root.contains(document.activeElement)) (found ?? document.getElementById("content")).focus({ preventScroll: true });
    kept = undefined;
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
  document.addEventListener("DOMContentLoaded", () => zone(document));
  document.addEventListener("htmx:afterSwap", (event) => zone(event.detail.elt.parentElement ?? document));
  document.addEventListener("htmx:responseError", () => said("The page could not be brought up to date; it is tried again."));
})();
