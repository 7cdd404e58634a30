// Passkeys: asks the browser for one, puts its answer into the form and sends that. Without it, codes do.
"use strict";
(() => {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const can = window.PublicKeyCredential?.parseRequestOptionsFromJSON;
    form.hidden = !can;
    if (!can) continue;
    const said = form.querySelector("[data-passkey-says]");
    form.addEventListener("submit", async (event) => {
      const answer = form.elements.namedItem(form.dataset.into);
      if (answer.value) return;
      event.preventDefault();
      const question = JSON.parse(form.dataset.question);
      try {
        const found = form.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) });
        answer.value = JSON.stringify(found.toJSON());
        form.requestSubmit();
      } catch {
        said.hidden = false;
      }
    });
  }
})();
