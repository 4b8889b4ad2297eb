// The record page: properties edited where they stand, steps of the path taken by a click.

import htmx from "htmx.org";
import { near, one } from "./dom";
import { edit } from "./inline";
import { Refused, post } from "./sending";
import { later, toast } from "./toast";

export class RecordPage extends HTMLElement {
  private get base(): string {
    return `/o/${this.getAttribute("object")}/${this.getAttribute("record")}`;
  }

  connectedCallback(): void {
    one("[aria-current=step]", this)?.scrollIntoView({ block: "nearest", inline: "center" });
    this.addEventListener("click", (event) => {
      const pen = near(event, ".pen");
      if (pen) this.edit(pen.closest<HTMLElement>(".prop"));
      const step = near(event, "[data-step]");
      if (step) void this.step(step);
    });
    this.addEventListener("dblclick", (event) => {
      if (!near(event, "a, .cell-edit")) this.edit(near(event, ".prop[data-edit]"));
    });
  }

  private edit(prop: HTMLElement | null): void {
    const value = prop && one(".value", prop);
    const key = prop?.dataset["field"];
    if (!prop || !value || !key) return;
    prop.classList.add("editing");
    void edit({
      element: value,
      address: `${this.base}/cell/${key}`,
      version: () => this.getAttribute("version") ?? undefined,
      saved: (answer) => {
        if (answer.gone) location.assign(`/o/${this.getAttribute("object")}`);
        if (answer.version) this.setAttribute("version", String(answer.version));
        for (const shown of this.querySelectorAll(`[data-shown="${key}"]`)) shown.innerHTML = answer.html ?? "";
        const stream = one("[data-only][aria-pressed=true]", this);
        if (stream) htmx.trigger(stream, "click", {});
      },
      closed: () => {
        prop.classList.remove("editing");
        one<HTMLElement>(".pen", prop)?.focus({ preventScroll: true });
      },
    });
  }

  private async step(button: HTMLElement): Promise<void> {
    const value = button.dataset["step"] ?? "";
    const field = button.closest<HTMLElement>("[data-path]")?.dataset["path"] ?? "";
    try {
      const answer = await post<{ message: string; undo?: number }>(`${this.base}/move`, new URLSearchParams({ value, field }));
      later(answer.message, "good", answer.undo);
      location.reload();
    } catch (error) {
      const asked = error instanceof Refused ? Object.keys(error.refusal.fields ?? {}).filter(Boolean) : [];
      if (error instanceof Refused && error.refusal.status === 422 && asked.length) {
        const query = new URLSearchParams([["value", value], ["field", field], ...asked.map((key) => ["ask", key])]);
        void htmx.ajax("get", `${this.base}/move?${query}`, "#dialog");
      } else {
        toast((error as Error).message, "bad");
      }
    }
  }
}
