// ⌘K: records, pages and actions. Silent while an input method composes.

import htmx from "htmx.org";
import { all, isComposing, near, one } from "./dom";
import { getHtml } from "./sending";
import { setLanguage, setTheme } from "./shell";

let waiting = 0;
let aborting: AbortController | null = null;
let at = 0;

function box(): HTMLDialogElement | null {
  return one<HTMLDialogElement>("#palette");
}

export function open(): void {
  const dialog = box();
  const ask = one<HTMLInputElement>("#palette-ask");
  if (!dialog || !ask || dialog.open) return;
  dialog.showModal();
  ask.value = "";
  ask.focus();
  void search();
}

async function search(): Promise<void> {
  const ask = one<HTMLInputElement>("#palette-ask");
  const found = one("#palette-found");
  if (!ask || !found) return;
  aborting?.abort();
  aborting = new AbortController();
  try {
    found.innerHTML = await getHtml(`/palette?${new URLSearchParams({ q: ask.value })}`, aborting.signal);
    all(".hit", found).forEach((hit, index) => (hit.id = `hit-${index}`));
    point(0);
  } catch {
    // A newer search has taken over, or the connection is gone; the list stays as it was.
  }
}

function point(index: number): void {
  const hits = all("#palette-found .hit");
  at = hits.length ? (index + hits.length) % hits.length : 0;
  hits.forEach((hit, position) => hit.setAttribute("aria-selected", String(position === at)));
  hits[at]?.scrollIntoView({ block: "nearest" });
  one("#palette-ask")?.setAttribute("aria-activedescendant", hits[at]?.id ?? "");
}

function run(hit: HTMLElement): void {
  const act = hit.dataset["act"] ?? "";
  if (!act && hit instanceof HTMLAnchorElement) {
    location.assign(hit.href);
    return;
  }
  box()?.close();
  const [what, value = ""] = act.split(":");
  if (what === "dialog") void htmx.ajax("get", hit.dataset["href"] ?? "", "#dialog");
  else if (what === "theme") setTheme(value);
  else if (what === "language") setLanguage(value);
  else if (what === "keys") one<HTMLDialogElement>("#keys")?.showModal();
  else if (what === "signout") one<HTMLFormElement>("#signout")?.requestSubmit();
}

export function listen(): void {
  const ask = one<HTMLInputElement>("#palette-ask");
  ask?.addEventListener("input", (event) => {
    if ((event as InputEvent).isComposing) return;
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void search(), 110);
  });
  ask?.addEventListener("compositionend", () => void search());
  ask?.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      point(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const hit = all("#palette-found .hit")[at];
      if (hit) run(hit);
    }
  });
  document.addEventListener("click", (event) => {
    if (near(event, "[data-palette]")) open();
    const hit = near(event, "#palette-found .hit");
    if (hit && !(hit instanceof HTMLAnchorElement)) run(hit);
    if (near(event, "[data-keys]")) one<HTMLDialogElement>("#keys")?.showModal();
  });
}
