// The upload of a file to import: dropped or chosen, refused at once when it is too large.

import { near, one } from "./dom";

export function listen(): void {
  document.addEventListener("change", (event) => {
    const input = near<HTMLInputElement>(event, "[data-upload] input[type=file]");
    if (input) show(input);
    const go = near<HTMLSelectElement>(event, "select[data-go]");
    if (go?.value) location.assign(go.value);
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      near(event, ".import-drop")?.classList.toggle("over", name === "dragenter" || name === "dragover");
    });
  }
  document.addEventListener("submit", (event) => {
    const form = near<HTMLFormElement>(event, "form[data-upload], form[data-once]");
    if (!form) return;
    const button = one<HTMLButtonElement>("button:not([type=button])", form);
    if (!button) return;
    if (button.dataset["sending"]) button.textContent = button.dataset["sending"];
    // Disabled only after the browser has taken the form.
    setTimeout(() => (button.disabled = true));
  });
  // Back from the next page: the form can be sent again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && one("form[data-upload]")) location.reload();
  });
}

function show(input: HTMLInputElement): void {
  const form = input.closest<HTMLFormElement>("form");
  const chosen = form && one("[data-chosen]", form);
  const file = input.files?.[0];
  if (!form || !chosen || !file) return;
  const tooLarge = file.size > Number(form.dataset["limit"]);
  chosen.textContent = `${file.name} · ${size(file.size)}`;
  chosen.hidden = false;
  chosen.classList.toggle("bad", tooLarge);
  const button = one<HTMLButtonElement>("button.btn-primary", form);
  if (button) button.disabled = tooLarge;
}

function size(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
