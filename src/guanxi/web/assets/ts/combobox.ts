// Lookup fields: type to search, arrows to choose, Enter to take (ARIA combobox with a list).

import htmx from "htmx.org";
import { all, isComposing, one } from "./dom";
import { Refused, getJson } from "./sending";
import { text } from "./texts";

interface Choice {
  value: string;
  title: string;
  subtitle: string;
  color: string;
}

interface Answer {
  choices: Choice[];
  create?: string;
}

let counter = 0;

export class Combobox extends HTMLElement {
  private box!: HTMLInputElement;
  private list: HTMLElement | null = null;
  private at = -1;
  private waiting = 0;
  private aborting: AbortController | null = null;
  private shown = "";
  private readonly offered = new WeakMap<Element, Choice>();

  connectedCallback(): void {
    const box = one<HTMLInputElement>("input[role=combobox]", this);
    if (!box) return;
    this.box = box;
    this.shown = box.value;
    box.addEventListener("input", (event) => {
      if (!(event as InputEvent).isComposing) this.soon();
    });
    box.addEventListener("compositionend", () => this.soon());
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("focus", () => box.select());
    box.addEventListener("click", () => void this.search(""));
    box.addEventListener("blur", () => setTimeout(() => this.leave(), 150));
    one(".clear", this)?.addEventListener("click", () => {
      this.take({ value: "", title: "", subtitle: "", color: "" });
      this.box.focus();
    });
    this.addEventListener("click", (event) => {
      const token = event.target instanceof Element ? event.target.closest(".token") : null;
      if (token && event.target instanceof HTMLButtonElement) {
        token.remove();
        this.tell();
      }
    });
  }

  private get many(): boolean {
    return this.hasAttribute("many");
  }

  private soon(): void {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.search(this.box.value), 140);
  }

  private async search(words: string): Promise<void> {
    this.aborting?.abort();
    this.aborting = new AbortController();
    const query = new URLSearchParams({ q: words });
    const depends = this.getAttribute("depends");
    const other = depends ? this.closest("form")?.elements.namedItem(depends) : null;
    if (depends && other instanceof HTMLInputElement) query.set(depends, other.value);
    try {
      this.show(await getJson<Answer>(`${this.getAttribute("src") ?? ""}?${query}`, this.aborting.signal), words);
    } catch (error) {
      if (error instanceof Refused && error.refusal.status) this.note(error.message);
    }
  }

  private panel(): HTMLElement {
    if (!this.list) {
      this.list = document.createElement("div");
      this.list.className = "options";
      this.list.id = `options-${++counter}`;
      this.list.setAttribute("role", "listbox");
      // A popover lies above dialogs, menus and tables, none of which can cut it off.
      this.list.setAttribute("popover", "manual");
      this.list.setAttribute("aria-label", this.box.labels?.[0]?.textContent ?? text("search"));
      this.append(this.list);
      this.list.showPopover();
      addEventListener("scroll", this.follow, { capture: true, passive: true });
      this.box.setAttribute("aria-controls", this.list.id);
    }
    this.box.setAttribute("aria-expanded", "true");
    this.follow();
    return this.list;
  }

  /** Keep the list at its field; above it where there is no room below. */
  private readonly follow = (): void => {
    if (!this.list) return;
    const at = (this.many ? this.box.parentElement ?? this.box : this.box).getBoundingClientRect();
    const below = innerHeight - at.bottom - 12;
    const up = below < 180 && at.top > below;
    this.list.style.width = `${Math.max(at.width, Math.min(260, innerWidth - 16))}px`;
    this.list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - Math.max(at.width, 260) - 8))}px`;
    this.list.style.top = up ? "auto" : `${at.bottom + 4}px`;
    this.list.style.bottom = up ? `${innerHeight - at.top + 4}px` : "auto";
    this.list.style.maxHeight = `${Math.min(280, up ? at.top - 12 : below)}px`;
  };

  private note(message: string): void {
    const note = document.createElement("div");
    note.className = "none";
    note.textContent = message;
    this.panel().replaceChildren(note);
  }

  private show(answer: Answer, words: string): void {
    if (document.activeElement !== this.box) return;
    const taken = new Set(all<HTMLInputElement>("input[type=hidden]", this).map((input) => input.value));
    const offered = this.many ? answer.choices.filter((choice) => !taken.has(choice.value)) : answer.choices;
    const items = offered.map((choice, index) => this.option(choice, index));
    if (!items.length) this.note(text("none"));
    else this.panel().replaceChildren(...items);
    this.point(words && items.length ? 0 : -1);
    if (answer.create && words.trim()) this.offerNew(answer.create, words.trim());
  }

  private option(choice: Choice, index: number): HTMLElement {
    const item = document.createElement("div");
    item.setAttribute("role", "option");
    item.id = `${this.panel().id}-${index}`;
    item.textContent = choice.title;
    if (choice.subtitle) {
      const more = document.createElement("small");
      more.textContent = choice.subtitle;
      item.append(more);
    }
    item.addEventListener("mousedown", (event) => {
      event.preventDefault();
      this.take(choice);
    });
    this.offered.set(item, choice);
    return item;
  }

  private offerNew(address: string, words: string): void {
    // Inside a dialog a second one would throw away what was typed in the first.
    if (this.closest("dialog")) return;
    const make = document.createElement("button");
    make.type = "button";
    make.className = "make";
    make.textContent = text("make", { text: words });
    make.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const title = new URLSearchParams({ name: words, stay: "1" });
      void htmx.ajax("get", `${address}&${title}`, "#dialog");
      document.addEventListener(
        "created",
        (made) => {
          const { id, title: name } = (made as CustomEvent<{ id: number; title: string }>).detail;
          this.take({ value: String(id), title: name, subtitle: "", color: "" });
        },
        { once: true },
      );
    });
    this.panel().append(make);
  }

  private point(index: number): void {
    const items = all("[role=option]", this);
    this.at = items.length ? (index + items.length) % items.length : -1;
    if (index < 0) this.at = -1;
    items.forEach((item, position) => item.setAttribute("aria-selected", String(position === this.at)));
    const here = items[this.at];
    if (here) {
      this.box.setAttribute("aria-activedescendant", here.id);
      here.scrollIntoView({ block: "nearest" });
    } else {
      this.box.removeAttribute("aria-activedescendant");
    }
  }

  private key(event: KeyboardEvent): void {
    if (isComposing(event)) return;
    const items = all("[role=option]", this);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!items.length) void this.search("");
      else this.point(event.key === "ArrowDown" ? this.at + 1 : this.at <= 0 ? items.length - 1 : this.at - 1);
    } else if (event.key === "Enter" && items[this.at]) {
      event.preventDefault();
      event.stopPropagation();
      const choice = this.offered.get(items[this.at] as Element);
      if (choice) this.take(choice);
    } else if (event.key === "Escape" && this.list) {
      event.preventDefault();
      event.stopPropagation();
      this.hide();
    } else if (event.key === "Backspace" && this.many && !this.box.value) {
      const last = all(".token", this).pop();
      last?.remove();
      if (last) this.tell();
    }
  }

  private take(choice: Choice): void {
    const name = this.getAttribute("name") ?? "";
    if (this.many) {
      const token = document.createElement("span");
      token.className = `token c-${choice.color || "gray"}`;
      token.textContent = choice.title;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `${text("remove")} ${choice.title}`);
      const value = document.createElement("input");
      value.type = "hidden";
      value.name = name;
      value.value = choice.value;
      token.append(remove, value);
      this.box.before(token);
      this.box.value = "";
    } else {
      const value = one<HTMLInputElement>("input[type=hidden]", this);
      if (value) value.value = choice.value;
      this.box.value = this.shown = choice.title;
      const clear = one(".clear", this);
      if (clear) clear.hidden = !choice.value;
    }
    this.hide();
    this.tell();
  }

  private tell(): void {
    this.dispatchEvent(new Event("change", { bubbles: true }));
    const form = this.closest("form");
    const name = this.getAttribute("name");
    // What depends on this field no longer holds.
    for (const other of form ? all<Combobox>(`gx-combobox[depends="${name}"]`, form) : []) other.reset();
  }

  /** Empty the field because what it depends on has changed. */
  reset(): void {
    const value = one<HTMLInputElement>("input[type=hidden]", this);
    if (value) value.value = "";
    this.box.value = this.shown = "";
  }

  private leave(): void {
    if (this.contains(document.activeElement)) return;
    this.hide();
    if (this.many) return;
    const value = one<HTMLInputElement>("input[type=hidden]", this);
    if (!this.box.value.trim() && value?.value) this.take({ value: "", title: "", subtitle: "", color: "" });
    else this.box.value = this.shown;
  }

  private hide(): void {
    this.aborting?.abort();
    clearTimeout(this.waiting);
    removeEventListener("scroll", this.follow, { capture: true });
    this.list?.remove();
    this.list = null;
    this.at = -1;
    this.box.setAttribute("aria-expanded", "false");
    this.box.removeAttribute("aria-activedescendant");
    this.box.removeAttribute("aria-controls");
  }
}
