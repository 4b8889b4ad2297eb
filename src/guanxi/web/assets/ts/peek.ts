// The panel beside a list; arrows walk the list while it is open.

import htmx from "htmx.org";
import { near, one } from "./dom";
import { getHtml } from "./sending";
import type { Table } from "./table";
import { toast } from "./toast";

let walked: Table | null = null;

export function isOpen(): boolean {
  return one("#peek")?.hidden === false;
}

export async function peek(table: Table, object: string, id: string): Promise<void> {
  const panel = one("#peek");
  if (!panel) return;
  walked = table;
  try {
    panel.innerHTML = await getHtml(`/o/${object}/${id}/peek`);
    htmx.process(panel);
    panel.hidden = false;
  } catch (error) {
    toast((error as Error).message, "bad");
  }
}

export function close(): void {
  const panel = one("#peek");
  if (panel) panel.hidden = true;
  walked?.step(0);
}

export function walk(by: number): void {
  walked?.step(by);
  walked?.openPeek();
}

export function listen(): void {
  document.addEventListener("click", (event) => {
    const step = near(event, "[data-peek-step]")?.dataset["peekStep"];
    if (step) walk(Number(step));
    if (near(event, "[data-peek-close]")) close();
  });
}
