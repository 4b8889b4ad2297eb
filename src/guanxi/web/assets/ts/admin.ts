// The administration: the matrix of a role, the tree of departments, the receiver of a share.

import Sortable from "sortablejs";
import { all, near, one } from "./dom";
import { Refused, post } from "./sending";
import { toast } from "./toast";

/** The matrix: a line without rules of its own follows the first line and cannot be changed. */
export class RoleMatrix extends HTMLElement {
  connectedCallback(): void {
    for (const line of all("tr[data-line]", this)) this.show(line);
    this.addEventListener("change", (event) => {
      const line = near(event, "tr[data-line]");
      if (!line) return;
      if (line.dataset["line"] === "*") for (const other of all("tr[data-line]", this)) this.show(other);
      else this.show(line);
    });
    this.addEventListener("click", (event) => {
      if (near(event, "[data-add-rule]")) this.add();
      near(event, "[data-drop-rule]")?.closest("tr")?.remove();
    });
  }

  private show(line: HTMLElement): void {
    const own = one<HTMLInputElement>("[data-own]", line);
    if (!own) return;
    line.classList.toggle("inherited", !own.checked);
    if (!own.checked && line.dataset["alone"] === undefined) this.follow(line);
    for (const control of all<HTMLInputElement | HTMLSelectElement>("td input, td select", line)) {
      control.disabled = !own.checked;
    }
  }

  /** Make a line show what the first line says. */
  private follow(line: HTMLElement): void {
    const first = one("tr[data-line='*']", this);
    if (!first) return;
    for (const box of all<HTMLInputElement>("td input", line)) {
      box.checked = one<HTMLInputElement>(`td input[value="${box.value}"]`, first)?.checked ?? false;
    }
    for (const end of ["read", "edit"]) {
      const mine = one<HTMLSelectElement>(`select[name$=".${end}"]`, line);
      const theirs = one<HTMLSelectElement>(`select[name$=".${end}"]`, first);
      if (mine && theirs) mine.value = theirs.value;
    }
  }

  private add(): void {
    const template = one<HTMLTemplateElement>("template[data-rule]", this);
    const rules = one("[data-rules]", this);
    if (!template || !rules) return;
    rules.append(template.content.cloneNode(true));
    one<HTMLSelectElement>("tr:last-child select", rules)?.focus();
  }
}

/** Departments dragged under others, or moved with the arrow keys; a refused move is taken back by loading the page anew. */
export class Tree extends HTMLElement {
  private saving: Promise<void> = Promise.resolve();

  connectedCallback(): void {
    for (const list of all("ul[data-parent]", this)) {
      Sortable.create(list, {
        group: "tree",
        handle: ".node",
        filter: "a, button:not([data-grip])",
        preventOnFilter: false,
        animation: 140,
        delay: 120,
        delayOnTouchOnly: true,
        fallbackOnBody: true,
        swapThreshold: 0.6,
        emptyInsertThreshold: 12,
        onStart: () => this.classList.add("dragging"),
        onEnd: (event) => {
          this.classList.remove("dragging");
          if (event.from !== event.to || event.oldIndex !== event.newIndex) this.moved(event.item);
        },
      });
    }
    this.addEventListener("keydown", (event) => this.key(event));
  }

  /** Up and down among its neighbours, left out of the department above, right into the one before. */
  private key(event: KeyboardEvent): void {
    const grip = near(event, "[data-grip]");
    const item = grip?.closest<HTMLElement>("li[data-id]");
    if (!grip || !item || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const above = item.parentElement?.closest<HTMLElement>("li[data-id]");
    const before = item.previousElementSibling;
    if (event.key === "ArrowUp" && before) before.before(item);
    else if (event.key === "ArrowDown" && item.nextElementSibling) item.nextElementSibling.after(item);
    else if (event.key === "ArrowLeft" && above) above.after(item);
    else if (event.key === "ArrowRight" && before) one(":scope > ul", before)?.append(item);
    else return;
    grip.focus();
    this.moved(item);
  }

  private moved(item: HTMLElement): void {
    const list = item.parentElement;
    const body = new URLSearchParams({
      id: item.dataset["id"] ?? "",
      parent: list?.dataset["parent"] ?? "",
      place: String(list ? [...list.children].indexOf(item) : 0),
    });
    this.saving = this.saving.then(() => this.save(body));
  }

  private async save(body: URLSearchParams): Promise<void> {
    try {
      await post("/admin/departments/move", body);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      toast(error.message, "bad");
      setTimeout(() => location.reload(), 1500);
    }
  }
}

/** Shows the picker for the chosen kind of receiver. */
export class Receiver extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("change", (event) => {
      const chosen = near<HTMLInputElement>(event, "[name=principal_kind]");
      if (!chosen) return;
      const wanted = chosen.value.split("_")[0];
      for (const part of all("[data-receiver]", this)) part.hidden = part.dataset["receiver"] !== wanted;
    });
  }
}
