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
    if (ask && !window.confirm(ask)) event.preventDefault();
  });
  document.addEventListener("DOMContentLoaded", () => zone(document));
  document.addEventListener("htmx:afterSwap", (event) => zone(event.detail.elt.parentElement ?? document));
  document.addEventListener("htmx:responseError", () => said("The page could not be brought up to date; it is tried again."));
})();
