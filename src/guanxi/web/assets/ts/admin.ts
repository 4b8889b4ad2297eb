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
    for (const control of all<HTMLInputElement | HTMLSelectElement>("td input, td select", line)) {
      control.disabled = !own.checked;
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

/** Departments dragged under others; a refused move is taken back by loading the page anew. */
export class Tree extends HTMLElement {
  connectedCallback(): void {
    for (const list of all("ul[data-parent]", this)) {
      Sortable.create(list, {
        group: "tree",
        handle: ".node",
        filter: "a, button",
        preventOnFilter: false,
        animation: 140,
        delay: 120,
        delayOnTouchOnly: true,
        fallbackOnBody: true,
        swapThreshold: 0.6,
        onEnd: (event) => void this.moved(event.item, event.to, event.newIndex ?? 0),
      });
    }
  }

  private async moved(item: HTMLElement, to: HTMLElement, place: number): Promise<void> {
    const body = new URLSearchParams({
      id: item.dataset["id"] ?? "",
      parent: to.dataset["parent"] ?? "",
      place: String(place),
    });
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
