// The table: rows chosen with the keyboard or with shift, values edited where they stand, many records changed at once.

import htmx from "htmx.org";
import { all, near, one } from "./dom";
import { edit } from "./inline";
import { peek } from "./peek";
import { text } from "./texts";

export class Table extends HTMLElement {
  private last = -1;
  private cursor = -1;
  private leaving = 0;
  /** Not the rows shown are meant, but everything that matches the list's filter. */
  private everything = false;

  connectedCallback(): void {
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("dblclick", (event) => this.double(event));
    this.addEventListener("keydown", (event) => this.key(event));
  }

  rows(): HTMLTableRowElement[] {
    return all<HTMLTableRowElement>("tbody tr[data-id]", this);
  }

  current(): HTMLTableRowElement | null {
    return this.rows()[this.cursor] ?? null;
  }

  /** Move the row cursor. */
  step(by: number): void {
    const rows = this.rows();
    if (!rows.length) return;
    this.cursor = Math.max(0, Math.min(rows.length - 1, this.cursor + by));
    rows.forEach((row, index) => row.classList.toggle("current", index === this.cursor));
    rows[this.cursor]?.scrollIntoView({ block: "nearest" });
    const title = rows[this.cursor]?.cells[1];
    one<HTMLElement>("a", title ?? this)?.focus({ preventScroll: true });
  }

  /** Point the cursor at a record. */
  pointAt(id: string): void {
    const at = this.rows().findIndex((row) => row.dataset["id"] === id);
    if (at >= 0) {
      this.cursor = at;
      this.step(0);
    }
  }

  /** Choose the current row, or no longer. */
  toggle(): void {
    const box = this.current() && one<HTMLInputElement>("input[type=checkbox]", this.current() as HTMLElement);
    box?.click();
  }

  openPeek(): void {
    const row = this.current();
    if (row?.dataset["id"]) void peek(this, this.getAttribute("object") ?? "", row.dataset["id"]);
  }

  /** A link inside a value waits a moment, because a second click would mean to edit the value. */
  private hold(event: MouseEvent): void {
    const link = near<HTMLAnchorElement>(event, 'tbody td:not(:nth-child(2)) a[href^="/o/"]');
    if (!link || !this.cell(link) || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    clearTimeout(this.leaving);
    if (event.detail < 2) this.leaving = window.setTimeout(() => location.assign(link.href), 230);
  }

  private clicked(event: MouseEvent): void {
    this.hold(event);
    const box = near<HTMLInputElement>(event, "input[type=checkbox]");
    if (box?.matches("[data-all]")) this.choose(this.rows(), box.checked);
    else if (box && box.closest("tr[data-id]")) this.tick(box, event.shiftKey);
    else if (near(event, ".eye")) {
      this.pointAt(near(event, "tr")?.dataset["id"] ?? "");
      this.openPeek();
    } else if (near(event, "[data-none]")) this.choose(this.rows(), false);
    else if (near(event, "[data-every]")) this.chooseEverything();
    else if (near(event, "[data-bulk]")) this.bulk(near(event, "[data-bulk]")?.dataset["bulk"] ?? "");
    else if (near(event, "[data-bulk-go]")) this.go(near(event, "[data-bulk-go]")?.dataset["bulkGo"] ?? "");
    else if (near(event, "[data-bulk-export]")) this.export(near(event, "[data-bulk-export]")?.dataset["bulkExport"] ?? "");
    else if (near(event, "[data-bulk-dialog]")) this.ask({ field: near(event, "[data-bulk-dialog]")?.dataset["bulkDialog"] ?? "" });
    const heading = near<HTMLAnchorElement>(event, "th a");
    if (heading && event.shiftKey) this.sortMore(event, heading);
  }

  /** A further sort key by shift. */
  private sortMore(event: MouseEvent, heading: HTMLAnchorElement): void {
    event.preventDefault();
    event.stopPropagation();
    const here = new URL(location.href);
    const next = new URL(heading.href).searchParams.get("sort") ?? "";
    const kept = (here.searchParams.get("sort") ?? "").split(",").filter((part) => part && part.replace("-", "") !== next.replace("-", ""));
    here.searchParams.set("sort", [...kept, next].filter(Boolean).join(","));
    location.assign(here);
  }

  private tick(box: HTMLInputElement, shift: boolean): void {
    const rows = this.rows();
    const at = rows.indexOf(box.closest("tr") as HTMLTableRowElement);
    const from = shift && this.last >= 0 ? Math.min(this.last, at) : at;
    const to = shift && this.last >= 0 ? Math.max(this.last, at) : at;
    this.last = at;
    this.choose(rows.slice(from, to + 1), box.checked);
  }

  private choose(rows: HTMLTableRowElement[], on: boolean): void {
    for (const row of rows) {
      row.classList.toggle("chosen", on);
      const box = one<HTMLInputElement>("input[type=checkbox]", row);
      if (box) box.checked = on;
    }
    const chosen = this.chosen();
    this.everything = false;
    const bar = one(".bulk", this);
    if (bar) bar.hidden = !chosen.length;
    const count = one("[data-count]", this);
    if (count) count.textContent = text("chosen", { count: chosen.length });
    const offer = one("[data-every]", this);
    if (offer) offer.hidden = !chosen.length || chosen.length < this.rows().length;
    for (const single of all<HTMLElement>(".bulk [data-single]", this)) single.hidden = false;
    const every = one<HTMLInputElement>("[data-all]", this);
    if (every) {
      every.checked = chosen.length > 0 && chosen.length === this.rows().length;
      every.indeterminate = chosen.length > 0 && !every.checked;
    }
  }

  private chooseEverything(): void {
    this.everything = true;
    const offer = one("[data-every]", this);
    const count = one("[data-count]", this);
    if (offer) offer.hidden = true;
    if (count) count.textContent = offer?.dataset["allWords"] ?? "";
    // What cannot be done with everything at once is not offered.
    for (const single of all<HTMLElement>(".bulk [data-single]", this)) single.hidden = true;
  }

  private chosen(): string[] {
    return all<HTMLTableRowElement>("tr.chosen", this).map((row) => row.dataset["id"] ?? "");
  }

  private bulk(what: string): void {
    if (what !== "purge") return this.ask({ what });
    if (!confirm(text("confirm_purge"))) return;
    void htmx.ajax("post", this.bulkAddress(), { values: { what, id: this.chosen() }, swap: "none" });
  }

  private bulkAddress(): string {
    return this.getAttribute("bulk") ?? `/o/${this.getAttribute("object")}/bulk`;
  }

  /** The dialog that asks what exactly is to be done with what was chosen. */
  private ask(more: Record<string, string>): void {
    const query = new URLSearchParams(this.everything ? [["all", "1"]] : this.chosen().map((id) => ["id", id]));
    for (const [key, value] of Object.entries(more)) if (value) query.set(key, value);
    const address = this.bulkAddress();
    void htmx.ajax("get", `${address}${address.includes("?") ? "&" : "?"}${query}`, "#dialog");
  }

  /** A page about the chosen rows. */
  private go(address: string): void {
    location.assign(`${address}?${new URLSearchParams(this.chosen().map((id) => ["id", id]))}`);
  }

  /** The dialog for the chosen rows of this list. */
  private export(address: string): void {
    const query = new URLSearchParams(this.chosen().map((id) => ["id", id]));
    void htmx.ajax("get", `${address}${address.includes("?") ? "&" : "?"}${query}`, "#dialog");
  }

  private cell(target: EventTarget | null): { cell: HTMLTableCellElement; key: string } | null {
    const cell = target instanceof Element ? target.closest<HTMLTableCellElement>("tbody td") : null;
    const row = cell?.closest<HTMLTableRowElement>("tr[data-id]");
    if (!cell || !row || this.hasAttribute("readonly") || row.hasAttribute("data-ro")) return null;
    const heading = all<HTMLTableCellElement>("thead th", this)[cell.cellIndex];
    return heading?.hasAttribute("data-e") ? { cell, key: heading.dataset["k"] ?? "" } : null;
  }

  private double(event: MouseEvent): void {
    if (near(event, "input, .cell-edit")) return;
    const found = this.cell(event.target);
    if (found) {
      event.preventDefault();
      getSelection()?.removeAllRanges();
      this.begin(found.cell, found.key);
    }
  }

  private begin(cell: HTMLTableCellElement, key: string): void {
    const row = cell.closest<HTMLTableRowElement>("tr") as HTMLTableRowElement;
    void edit({
      element: cell,
      address: `/o/${this.getAttribute("object")}/${row.dataset["id"]}/cell/${key}`,
      version: () => row.dataset["v"],
      saved: (answer) => {
        if (answer.version) row.dataset["v"] = String(answer.version);
        if (answer.gone) row.remove();
        const foot = one("tfoot", this);
        if (foot) htmx.trigger(foot, "load", {});
      },
      closed: () => {
        cell.tabIndex = -1;
        cell.focus({ preventScroll: true });
      },
    });
  }

  /** Arrows walk from cell to cell; Enter edits the cell they are on. */
  private key(event: KeyboardEvent): void {
    if (near(event, ".cell-edit, input, .bulk")) return;
    const cell = near<HTMLTableCellElement>(event, "tbody td");
    if (!cell) return;
    const row = cell.closest("tr") as HTMLTableRowElement;
    const moves: Record<string, [number, number]> = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    const move = moves[event.key];
    if (move) {
      const rows = this.rows();
      const next = rows[rows.indexOf(row) + move[0]]?.cells[cell.cellIndex + move[1]];
      if (next) {
        next.tabIndex = -1;
        next.focus();
        event.preventDefault();
      }
    } else if ((event.key === "Enter" || event.key === "F2") && event.target === cell) {
      const found = this.cell(cell);
      if (found) {
        event.preventDefault();
        event.stopPropagation();
        this.begin(found.cell, found.key);
      }
    }
  }
}
