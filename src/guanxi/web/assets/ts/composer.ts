// The composer: tabs for the sorts of follow-up; what was typed stays when the tab changes or the server refuses.

import { all, near, one } from "./dom";

export class Composer extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("click", (event) => {
      const tab = near(event, "[role=tab]");
      if (tab) this.choose(tab);
    });
    this.addEventListener("keydown", (event) => {
      const tab = near(event, "[role=tab]");
      const tabs = all("[role=tab]", this);
      const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (!tab || !by) return;
      const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
      if (next) {
        this.choose(next);
        next.focus();
      }
    });
    this.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) near<HTMLFormElement>(event, "form")?.requestSubmit();
    });
    document.addEventListener("composed", () => {
      for (const form of all<HTMLFormElement>("form", this)) if (!form.hidden) this.clear(form);
      document.body.dispatchEvent(new Event("related"));
    });
  }

  private choose(tab: HTMLElement): void {
    for (const one of all("[role=tab]", this)) {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
    }
    const shown = all<HTMLFormElement>("form", this).find((form) => !form.hidden);
    for (const form of all<HTMLFormElement>("form", this)) {
      form.hidden = form.dataset["object"] !== tab.dataset["for"];
      if (form.hidden) continue;
      const sort = one<HTMLInputElement>("input[name=sort]", form);
      if (sort) sort.value = tab.dataset["sort"] ?? "";
      const from = shown && one<HTMLTextAreaElement>("textarea", shown);
      const to = one<HTMLTextAreaElement>("textarea", form);
      if (from && to && from !== to && !to.value) {
        to.value = from.value;
        from.value = "";
      }
      to?.focus();
    }
  }

  private clear(form: HTMLFormElement): void {
    const sort = one<HTMLInputElement>("input[name=sort]", form)?.value;
    form.reset();
    const kept = one<HTMLInputElement>("input[name=sort]", form);
    if (kept && sort !== undefined) kept.value = sort;
  }
}
