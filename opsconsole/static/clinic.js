// The clinician's keys: what carries data-key on a page is done by that letter or digit. Every page works without it.
"use strict";
(() => {
  const typing = (el) => el.matches("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
  const sign = () => document.querySelector("form.act-form #preview button[type=submit]");
  let goUntil = 0; // "g" was pressed: the next letter names a page (console.js)

  // In a row of the queue its own buttons come first; what stands in other rows is none of this key's.
  function named(key, el) {
    const row = el.closest("tr");
    const within = row?.querySelector(`[data-key="${key}"]`);
    return within ?? [...document.querySelectorAll(`main [data-key="${key}"]`)].find((one) => !one.closest("tr"));
  }

  document.addEventListener("keydown", (event) => {
    const el = event.target;
    if (event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && el.matches("textarea")) {
      event.preventDefault();
      sign()?.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || typing(el) || !/^[a-z0-9]$/.test(event.key)) return;
    if (goUntil > Date.now()) { goUntil = 0; return; }
    if (event.key === "g") { goUntil = Date.now() + 1500; return; }
    const found = event.key === "s" ? sign() : named(event.key, el);
    if (!found) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // console.js has other uses for some of these letters
    found.click();
    if (found.matches("summary")) found.parentElement.querySelector("select, input")?.focus();
    if (found.matches("[type=checkbox]") && found.checked) found.closest("fieldset")?.querySelector("textarea")?.focus();
  }, true);

  // The button that signs says which key it is.
  function letter() {
    const button = sign();
    if (!button || button.querySelector("kbd")) return;
    const key = document.createElement("kbd");
    key.textContent = "s";
    key.setAttribute("aria-hidden", "true");
    button.append(" ", key);
  }
  letter();
  document.addEventListener("htmx:afterSettle", letter);
})();
