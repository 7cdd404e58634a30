// Pages that keep themselves up to date. <main data-live="version" data-every="seconds"> asks for its own URL again, says
// which version it shows, and gets 304 or the page anew. Only what differs is put in place, so focus, open <details>,
// scrolling and typed text stay. Without data-live, as on a page about something final, nothing is asked.
"use strict";
(() => {
  const main = document.getElementById("main");
  if (!main?.dataset.live) return;
  const HIDDEN = 60, SLOW = 15, OFFLINE = 30; // seconds
  let moved = Date.now(), failures = 0, timer = 0, asking = false;

  // A fast look while a countdown runs or something has just moved; then ever calmer.
  function wait() {
    const every = Number(main.dataset.every);
    if (failures) return Math.min(OFFLINE, every * 2 ** failures);
    if (document.hidden) return HIDDEN;
    if ([...main.querySelectorAll("form[data-until]")].some((form) => !form.hidden)) return 1;
    const calm = (Date.now() - moved) / 1000;
    return calm < 30 ? every : calm < 120 ? Math.max(every, 5) : SLOW;
  }
  function later() {
    clearTimeout(timer);
    if (main.dataset.live) timer = setTimeout(look, wait() * 1000 * (0.9 + Math.random() / 5)); // not all at once
  }

  async function look() {
    if (asking) return;
    asking = true;
    try {
      // With a validator of our own the browser leaves its cache alone and shows us the 304.
      const answer = await fetch(location.href, {
        headers: { "If-None-Match": `"${main.dataset.live}"`, "X-Poll": "1", Accept: "text/html" }, redirect: "manual",
      });
      if (answer.status === 401 || answer.type === "opaqueredirect") return trouble("signed-out");
      if (answer.status !== 304 && !answer.ok) throw new Error(answer.status);
      if (answer.status !== 304) take(await answer.text());
      if (failures) trouble("");
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures > 1) trouble(error instanceof TypeError ? "offline" : "failed"); // one miss is nobody's business
    } finally {
      asking = false;
      later();
    }
  }
  const trouble = (name) => {
    if (name === "signed-out") delete main.dataset.live;
    document.dispatchEvent(new CustomEvent("trouble", { detail: name }));
  };

  function take(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const fresh = page.getElementById("main");
    if (!fresh) return;
    moved = Date.now();
    become(main, document.adoptNode(fresh));
    document.title = page.title;
    window.htmx?.process(main); // parts that load once they are shown
    document.dispatchEvent(new Event("moved"));
  }

  // ------------------------------------------------------------------ putting in place what differs
  const OURS = new Set(["open", "data-sending"]); // attributes that belong to whoever looks
  const keyOf = (el) => el.id || el.dataset?.key || (el.localName === "tr" && el.querySelector(".row-link")?.getAttribute("href")) || "";
  const alike = (a, b) => a.nodeName === b.nodeName && keyOf(a) === keyOf(b) && a.classList?.[0] === b.classList?.[0];

  function become(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) { old.data = fresh.data; return; }
    if ("keep" in old.dataset) return;
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !OURS.has(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value && !OURS.has(name)) old.setAttribute(name, value);
    }
    if (old.matches("time[title], time[data-countdown]")) return; // console.js writes their words
    becomeChildren(old, [...fresh.childNodes]);
  }

  function becomeChildren(old, fresh) {
    const left = [...old.childNodes];
    const take = (fits) => { const at = left.findIndex(fits); return at < 0 ? null : left.splice(at, 1)[0]; };
    const same = fresh.map((child) => take((one) => one.isEqualNode(child)));
    const pairs = fresh.map((child, at) => same[at] ?? take((one) => alike(one, child)));
    for (const one of left) one.remove();
    let at = old.firstChild;
    fresh.forEach((child, index) => {
      const mine = pairs[index];
      if (!mine) { old.insertBefore(child, at); return; }
      if (mine === at) at = at.nextSibling; else old.insertBefore(mine, at);
      become(mine, child);
    });
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden && main.dataset.live) look(); else later(); });
  addEventListener("online", () => { if (main.dataset.live) look(); });
  later();
})();
