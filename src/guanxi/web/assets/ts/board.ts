// The board: cards dragged from column to column, or sent there by a menu. A refused move is taken back.

import htmx from "htmx.org";
import Sortable from "sortablejs";
import { all, near, one } from "./dom";
import { openBeside } from "./floating";
import { Refused, getHtml, post } from "./sending";
import { toast } from "./toast";

/** The dragged card is copied by Sortable; a copied style attribute would break the content security policy. */
function cloneWithoutStyle(this: HTMLElement, deep?: boolean): Node {
  const style = this.style.cssText;
  this.removeAttribute("style");
  const copy = HTMLElement.prototype.cloneNode.call(this, deep);
  this.style.cssText = style;
  return copy;
}

export class Board extends HTMLElement {
  private moving: HTMLElement | null = null;

  connectedCallback(): void {
    if (!this.hasAttribute("movable")) return;
    for (const cards of all(".cards", this)) {
      Sortable.create(cards, {
        group: "cards",
        draggable: ".card-tile",
        filter: "[data-ro], .move",
        preventOnFilter: false,
        animation: 140,
        delay: 120,
        delayOnTouchOnly: true,
        fallbackTolerance: 4,
        forceFallback: true,
        fallbackOnBody: true,
        onChoose: (event) => {
          event.item.cloneNode = cloneWithoutStyle;
        },
        onEnd: (event) => {
          if (event.from !== event.to) void this.moved(event.item, event.from, event.to, event.oldIndex ?? 0);
        },
      });
    }
    this.addEventListener("click", (event) => this.clicked(event));
  }

  private clicked(event: MouseEvent): void {
    const button = near(event, "[data-move]");
    const menu = one("#menu-move", this);
    if (button && menu) {
      this.moving = button.closest(".card-tile");
      openBeside(menu, button);
    }
    const goal = near(event, "[data-move-to]")?.dataset["moveTo"];
    const to = goal !== undefined && all(".lane", this).find((lane) => lane.dataset["value"] === goal);
    if (to && this.moving) this.send(this.moving, one(".cards", to) as HTMLElement);
  }

  private send(card: HTMLElement, to: HTMLElement): void {
    const from = card.parentElement as HTMLElement;
    if (from === to) return;
    const at = all(".card-tile", from).indexOf(card);
    to.prepend(card);
    void this.moved(card, from, to, at);
  }

  private async moved(card: HTMLElement, from: HTMLElement, to: HTMLElement, at: number): Promise<void> {
    const value = to.closest<HTMLElement>(".lane")?.dataset["value"] ?? "";
    const address = `/o/${this.getAttribute("object")}/${card.dataset["id"]}/move`;
    card.classList.add("saving");
    try {
      const answer = await post<{ message: string; undo?: number }>(address, new URLSearchParams({ value, field: this.getAttribute("group") ?? "" }));
      toast(answer.message, "good", answer.undo);
      await this.heads();
    } catch (error) {
      const siblings = all(".card-tile", from);
      from.insertBefore(card, siblings[at] ?? one(".none", from));
      this.refused(error, address, value);
    } finally {
      card.classList.remove("saving");
      one("a", card)?.focus({ preventScroll: true });
    }
  }

  /** Fields that the new column requires are asked for; anything else is said. */
  private refused(error: unknown, address: string, value: string): void {
    const fields = error instanceof Refused && error.refusal.status === 422 ? Object.keys(error.refusal.fields ?? {}) : [];
    const asked = fields.filter((key) => key && key !== "value");
    if (!asked.length) {
      toast((error as Error).message, "bad");
      return;
    }
    const query = new URLSearchParams([["value", value], ["field", this.getAttribute("group") ?? ""], ...asked.map((key) => ["ask", key])]);
    void htmx.ajax("get", `${address}?${query}`, "#dialog");
  }

  /** Counts and sums after a move. */
  private async heads(): Promise<void> {
    const holder = document.createElement("div");
    holder.innerHTML = await getHtml(this.getAttribute("heads") ?? "");
    for (const head of all("[data-head]", holder)) document.getElementById(head.id)?.replaceChildren(...head.childNodes);
  }
}
