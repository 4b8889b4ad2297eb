// Forms keep what was typed until it is saved: through an error, a reload, a closed tab.

import { all, one } from "./dom";
import { text } from "./texts";

export class Form extends HTMLElement {
  private key = "";
  private start = "";

  connectedCallback(): void {
    const form = one<HTMLFormElement>("form", this);
    if (!form) return;
    this.key = `guanxi-draft:${this.getAttribute("draft") ?? location.pathname}`;
    this.start = this.state(form);
    if (one("[data-sum]", form)) one<HTMLElement>("[data-sum]", form)?.focus();
    else this.bring(form);
    form.addEventListener("input", () => this.keep(form));
    form.addEventListener("change", () => this.keep(form));
    form.addEventListener("htmx:beforeOnLoad", (event) => {
      const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
      if (xhr.status < 400) sessionStorage.removeItem(this.key);
    });
  }

  private fields(form: HTMLFormElement): (HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[] {
    const found = all<HTMLInputElement>("input[name], textarea[name], select[name]", form);
    // Tokens of several values and hidden texts of lookups are not brought back: their titles are unknown here.
    return found.filter((field) => field.type !== "hidden" && field.type !== "password");
  }

  private state(form: HTMLFormElement): string {
    const entries = this.fields(form).map((field) => [field.name, field instanceof HTMLInputElement && field.type === "checkbox" ? String(field.checked) : field.value]);
    return JSON.stringify(entries);
  }

  private keep(form: HTMLFormElement): void {
    const now = this.state(form);
    if (now === this.start) sessionStorage.removeItem(this.key);
    else sessionStorage.setItem(this.key, now);
  }

  private bring(form: HTMLFormElement): void {
    const kept = sessionStorage.getItem(this.key);
    if (!kept || kept === this.start) return;
    const values = new Map(JSON.parse(kept) as [string, string][]);
    for (const field of this.fields(form)) {
      const value = values.get(field.name);
      if (value === undefined) continue;
      if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = value === "true";
      else field.value = value;
    }
    this.note(form);
  }

  private note(form: HTMLFormElement): void {
    const note = document.createElement("div");
    note.className = "draft-note";
    note.setAttribute("role", "status");
    const words = document.createElement("span");
    words.className = "grow";
    words.textContent = text("draft");
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "btn btn-small";
    discard.textContent = text("discard");
    discard.addEventListener("click", () => {
      sessionStorage.removeItem(this.key);
      form.reset();
      note.remove();
    });
    note.append(words, discard);
    (one(".dialog-body", form) ?? form).prepend(note);
  }
}
