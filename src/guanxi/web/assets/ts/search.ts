// The page of all results: arrow keys walk from the field through the results and back.

import { all, isComposing, one } from "./dom";

export function listen(): void {
  document.addEventListener("keydown", (event) => {
    const ask = one<HTMLInputElement>("#search-q");
    if (!ask || isComposing(event) || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const hits = all<HTMLAnchorElement>("[data-hit]");
    const at = hits.indexOf(document.activeElement as HTMLAnchorElement);
    if (at < 0 && document.activeElement !== ask) return;
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    if (next < 0) ask.focus();
    else hits[Math.min(next, hits.length - 1)]?.focus();
  });
}
