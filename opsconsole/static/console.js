// What makes the console quicker with a keyboard and calmer to watch. Every page works without it.
"use strict";
(() => {
  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
  const typing = (el) => el.matches("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

  // The console has its own clock (a sandbox may be moved forward); the browser only adds what has passed since.
  const lead = Date.parse(meta("now")) - Date.now() || 0;
  const now = () => Date.now() + lead;

  // ------------------------------------------------------------------ ages and countdowns
  // Same words as span_words in _ui.html.
  function spanWords(seconds) {
    const s = Math.floor(Math.abs(seconds));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min`;
    if (s < 86400) return `${Math.floor(s / 3600)} h`;
    if (s < 31536000) return `${Math.floor(s / 86400)} d`;
    return `${Math.floor(s / 31536000)} y`;
  }
  const say = (el, text) => { if (el.textContent !== text) el.textContent = text; };

  function tick() {
    for (const el of document.querySelectorAll("time[title]")) {
      const seconds = (now() - Date.parse(el.dateTime)) / 1000;
      say(el, (seconds < 0 ? "in " : "") + spanWords(seconds));
    }
    for (const el of document.querySelectorAll("time[data-countdown]")) {
      say(el, spanWords(Math.max(0, Date.parse(el.dateTime) - now()) / 1000));
    }
    for (const form of document.querySelectorAll("form[data-until]")) {
      if (Date.parse(form.dataset.until) <= now()) form.hidden = true;
    }
  }
  tick();
  setInterval(() => { if (!document.hidden) tick(); }, 1000);
  document.addEventListener("moved", tick); // live.js put something in place

  // ------------------------------------------------------------------ keys
  const rowLinks = () => [...document.querySelectorAll("main .row-link")];

  function stepRow(step) {
    const links = rowLinks();
    if (!links.length) return false;
    const row = document.activeElement.closest("tr");
    const at = links.findIndex((link) => link.closest("tr") === row);
    const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step];
    next?.focus();
    return true;
  }

  // Esc: one step out of where one is. A dialog closes by itself.
  function leave(el) {
    if (document.querySelector("dialog[open]")) return;
    for (const tip of document.querySelectorAll(".tipped:hover")) tip.dataset.hush = "true"; // until the hand leaves it
    const menu = el.closest("details.menu[open]") ?? document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); return; }
    if (typing(el) || el.closest("tbody, .tipped")) { el.blur(); return; }
    const toast = document.querySelector(".toasts > .banner:last-child");
    if (toast) dismiss(toast);
  }
  document.addEventListener("pointerout", (event) => {
    if (event.target instanceof Element) delete event.target.closest("[data-hush]")?.dataset.hush;
  });

  // "u" goes to the Undo that stands on the page; pressing it is another key, so nothing is undone by a slip.
  function seekUndo() {
    const button = document.querySelector('form[action$="/withdraw"]:not([hidden], .act-form) button');
    button?.focus();
    return Boolean(button);
  }

  // The list of keys names the nouns at the left; they are not sent twice.
  function openDialog(id) {
    const dialog = document.getElementById(id);
    const list = id === "keys" && dialog.querySelector("dl:not([data-whole])");
    for (const link of list ? document.querySelectorAll("a[data-go]") : []) {
      const row = list.appendChild(document.createElement("div"));
      const keys = row.appendChild(document.createElement("dt"));
      for (const key of ["g", link.dataset.go]) {
        keys.append(keys.hasChildNodes() ? " " : "", Object.assign(document.createElement("kbd"), { textContent: key }));
      }
      row.appendChild(document.createElement("dd")).textContent = link.textContent;
    }
    if (list) list.dataset.whole = "";
    dialog?.showModal();
  }

  // Keys of the worklist and its cases: each opens the act that stands on the page.
  const press = (selector) => () => { const link = document.querySelector(`main ${selector}`); link?.click(); return Boolean(link); };

  let goUntil = 0; // "g" was pressed; a letter or digit before this instant names the page
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const el = event.target;
    if (event.key === "Escape") return leave(el);
    if (typing(el) || document.querySelector("dialog[open]")) return;
    if (goUntil > Date.now() && /^[a-z0-9]$/.test(event.key)) {
      goUntil = 0;
      const link = document.querySelector(`a[data-go="${event.key}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    const act = {
      "/": () => { const box = document.getElementById("search"); box?.focus(); box?.select(); return Boolean(box); },
      "?": () => { openDialog("keys"); return true; },
      g: () => { goUntil = Date.now() + 1500; return true; },
      ArrowDown: () => !el.closest("details, [role=radiogroup], fieldset, pre") && stepRow(1),
      ArrowUp: () => !el.closest("details, [role=radiogroup], fieldset, pre") && stepRow(-1),
      j: () => stepRow(1),
      k: () => stepRow(-1),
      u: seekUndo,
      n: press('a[data-press="n"]'),
      c: press('a[href^="/cases/"][href$="/claim"]'),
      s: press('a[href^="/cases/"][href$="/snooze"]'),
      x: () => { const box = el.closest("tr")?.querySelector(".pick input"); box?.click(); return Boolean(box); },
    }[event.key];
    if (act?.()) event.preventDefault();
  });

  // ------------------------------------------------------------------ clicks
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const opener = event.target.closest("[data-open]");
    if (opener) openDialog(opener.dataset.open);
    const put = event.target.closest("[data-dismiss]")?.closest(".banner");
    if (put) dismiss(put);
    const copied = event.target.closest("[data-copy]");
    if (copied) navigator.clipboard?.writeText(copied.dataset.copy).then(() => { copied.dataset.done = "true"; });
    if (event.target.closest("[data-theme-next]")) nextTheme();
    if (event.target.matches("dialog")) event.target.close(); // a click on the backdrop
  });

  // The server reads this cookie and renders the theme, so the next page does not flash.
  function nextTheme() {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  }

  // ------------------------------------------------------------------ toasts
  // What went well is lifted out of the page. It stays for a second per two words and five more, counted anew whenever
  // the pointer, the focus or another window has held it; the page's other banners stay until they are put away.
  const toasts = document.createElement("div");
  toasts.className = "toasts";
  toasts.setAttribute("role", "status");
  document.body.append(toasts);

  function dismiss(banner) {
    const held = banner.contains(document.activeElement);
    banner.remove();
    if (held) document.getElementById("main")?.focus();
  }

  function toast(banner) {
    toasts.append(banner);
    const readable = 5 + banner.textContent.trim().split(/\s+/).length / 2;
    let left = readable;
    const timer = setInterval(() => {
      if (!banner.isConnected) { clearInterval(timer); return; }
      left = document.hidden || banner.matches(":hover, :focus-within") ? readable : left - 0.25;
      banner.classList.toggle("leaving", left <= 0.25);
      if (left <= 0) banner.remove();
    }, 250);
  }
  // After a breath, so that the live region is there before the words and screen readers say them.
  const lift = () => document.querySelectorAll(".flashes > :is(.good, .info)").forEach(toast);
  setTimeout(lift, 100);

  // ------------------------------------------------------------------ rows that are ticked
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (!form || !event.target.closest(".pick")) return;
    const boxes = [...form.querySelectorAll("tbody .pick input")];
    const all = form.querySelector("[data-pick-all]");
    if (event.target === all) boxes.forEach((box) => { box.checked = all.checked; });
    const picked = boxes.filter((box) => box.checked).length;
    if (all) { all.checked = picked === boxes.length; all.indeterminate = picked > 0 && !all.checked; }
    for (const el of form.querySelectorAll("[data-picked]")) el.textContent = `${picked} selected`;
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-picked]");
    if (!button) return;
    const ids = [...button.form.querySelectorAll("tbody .pick :checked")].map((box) => box.value);
    await navigator.clipboard.writeText(ids.join("\n"));
    button.closest(".bulk-bar").querySelector("[data-picked]").textContent = `${ids.length} copied`;
  });

  // ------------------------------------------------------------------ one click, one act
  // The server keeps a double click from being two acts (idempotency key); this only shows that it is on its way.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "true";
  });
  const unlock = () => document.querySelectorAll("[data-sending]").forEach((form) => delete form.dataset.sending);
  addEventListener("pageshow", unlock); // back from the next page

  // ------------------------------------------------------------------ htmx
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = meta("csrf-token");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful } = event.detail;
    if (elt.matches("form")) delete elt.dataset.sending;
    if (successful) document.getElementById("troubles")?.replaceChildren();
  });
  // A part of the page that is replaced keeps the focus: on its like in the new part, or else on the page's content.
  let focused = null;
  const likeness = (el) => [el.tagName, el.id, el.name, el.getAttribute("href"), el.closest("form")?.getAttribute("action"),
    el.name ? "" : el.textContent.trim().replace(/\d+/g, "")].join("|");
  document.addEventListener("htmx:beforeSwap", (event) => {
    const el = document.activeElement;
    focused = event.detail.target.contains(el) ? { like: likeness(el) } : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!focused || document.activeElement !== document.body) return;
    const like = [...document.querySelectorAll("main :is(a, button, input, select, textarea, summary, [tabindex])")]
      .find((el) => likeness(el) === focused.like);
    (like ?? document.getElementById("main"))?.focus({ preventScroll: true });
    focused = null;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    tick();
    // Who has gone back in a story keeps reading it: the page's own looks leave the list alone then.
    if (event.detail.target.matches(".older")) document.getElementById("timeline-list").dataset.keep = "";
    if (event.detail.target.id === "preview") sayBesideField();
  });

  // A preview that was refused also says so beside the field at fault; the next preview takes it back.
  function sayBesideField() {
    const form = document.querySelector("form.act-form");
    if (!form) return;
    for (const words of form.querySelectorAll(".field > .error")) words.remove();
    for (const el of form.querySelectorAll("[aria-invalid]")) el.removeAttribute("aria-invalid");
    const refusal = form.querySelector("[data-refused-field]");
    const name = refusal && CSS.escape(refusal.dataset.refusedField);
    const control = name && form.querySelector(`.field :is([name="${name}"], [name^="${name}."])`);
    if (!control) return;
    const words = document.createElement("p");
    words.className = "error";
    words.textContent = refusal.textContent;
    control.closest(".field").append(words);
    control.setAttribute("aria-invalid", "true");
  }

  function trouble(name) {
    const area = document.getElementById("troubles");
    const words = document.getElementById(`trouble-${name}`);
    if (!area || !words || (area.dataset.says === name && area.firstElementChild)) return; // a poll fails every second
    area.dataset.says = name;
    area.replaceChildren(words.content.cloneNode(true));
  }
  document.addEventListener("trouble", (event) => {
    if (event.detail) trouble(event.detail); else document.getElementById("troubles")?.replaceChildren();
  });
  // Nobody has done anything here for a while: the session is about to end. What is typed stays where it is.
  const idle = Number(meta("idle")) * 1000;
  let seen = Date.now();
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.requestConfig?.headers?.["X-Poll"]) seen = Date.now();
  });
  const tabs = new BroadcastChannel("seen"); // a page opened in another tab keeps this one alive too
  tabs.onmessage = () => {
    seen = Date.now();
    if (document.getElementById("troubles")?.dataset.says === "idle") document.getElementById("troubles").replaceChildren();
  };
  if (idle) tabs.postMessage("");
  if (idle) setInterval(() => {
    const left = idle - (Date.now() - seen);
    if (left <= 0) trouble("signed-out"); else if (left <= 120000) trouble("idle");
  }, 5000);

  document.addEventListener("htmx:sendError", () => trouble("offline"));
  document.addEventListener("htmx:timeout", () => trouble("offline"));
  document.addEventListener("htmx:responseError", (event) => {
    trouble(event.detail.xhr.status === 401 ? "signed-out" : "failed");
  });
})();
