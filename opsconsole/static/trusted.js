// Markup that a script puts into the page (htmx does, and live.js) passes here first: Trusted Types ask this policy. What
// could run or lead elsewhere is refused, so that even markup that got past the server's escaping stays dead text.
"use strict";
(() => {
  if (!window.trustedTypes) return; // Firefox and Safari before 26: the content policy alone keeps scripts out
  const parsed = trustedTypes.createPolicy("parsed", { createHTML: (text) => text });
  const FORBIDDEN = "script:not([src^='/static/']), iframe, frame, object, embed, base, meta[http-equiv], link[rel='import']";
  const LINKS = ["href", "src", "action", "formaction", "xlink:href"];

  function alive(root) {
    if (root.querySelector(FORBIDDEN)) return true;
    for (const el of root.querySelectorAll("*")) {
      for (const { name, value } of el.attributes) {
        if (name.startsWith("on") || name.startsWith("hx-on")) return true;
        if (LINKS.includes(name) && /^[\s\u0000-\u001f]*(javascript|data|vbscript):/i.test(value)) return true;
      }
      if (el.localName === "template" && alive(el.content)) return true;
    }
    return false;
  }

  trustedTypes.createPolicy("default", {
    createHTML(text) {
      // Parsed into a document of its own, where nothing runs and nothing is fetched.
      if (!/[<&]/.test(text)) return text;
      const page = (markup) => new DOMParser().parseFromString(parsed.createHTML(markup), "text/html");
      // Rows and cells outside a table are dropped by the parser, with all that is in them: so they are read in one, too.
      return alive(page(text)) || (/<t[rdh]/i.test(text) && alive(page(`<table>${text}`))) ? null : text;
    },
    // No createScript and no createScriptURL: no text becomes a script.
  });
})();
