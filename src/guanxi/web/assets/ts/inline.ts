// Editing one value where it stands: shown at once, taken back when the server refuses.

import htmx from "htmx.org";
import { isComposing, one } from "./dom";
import { Refused, getHtml, post } from "./sending";
import { toast } from "./toast";

interface Saved {
  html?: string;
  version?: number;
  message: string;
  gone?: boolean;
  undo?: number;
}

export interface Place {
  /** The element that shows the value and will hold the widget. */
  element: HTMLElement;
  address: string;
  version: () => string | undefined;
  saved: (answer: Saved) => void;
  closed: () => void;
}

let open: Editor | null = null;

class Editor {
  private readonly before: Node[];
  private form: HTMLFormElement | null = null;
  private start = "";
  private done = false;

  constructor(private readonly place: Place) {
    this.before = [...place.element.childNodes];
  }

  async begin(): Promise<void> {
    const html = await getHtml(this.place.address);
    this.place.element.innerHTML = html;
    this.place.element.classList.add("editing");
    this.form = one<HTMLFormElement>("form", this.place.element);
    if (!this.form) return;
    htmx.process(this.form);
    this.start = this.state();
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
    this.form.addEventListener("keydown", (event) => this.key(event));
    this.form.addEventListener("change", (event) => {
      const changed = event.target as HTMLElement;
      if (changed.matches("select, input[type=checkbox].switch, gx-combobox:not([many])")) void this.save();
    });
    this.form.addEventListener("focusout", () => setTimeout(() => this.left(), 180));
    const field = one<HTMLElement>("input:not([type=hidden]), select, textarea", this.form);
    field?.focus();
    if (field instanceof HTMLInputElement && field.type === "text" && field.getAttribute("role") !== "combobox") field.select();
  }

  private state(): string {
    return this.form ? new URLSearchParams(new FormData(this.form) as unknown as Record<string, string>).toString() : "";
  }

  private key(event: KeyboardEvent): void {
    if (isComposing(event)) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      this.cancel();
    } else if (event.key === "Enter" && (!(event.target instanceof HTMLTextAreaElement) || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      void this.save();
    }
  }

  private left(): void {
    if (this.done || !this.form || this.form.contains(document.activeElement)) return;
    if (this.state() === this.start) this.cancel();
    else void this.save();
  }

  cancel(): void {
    if (this.done) return;
    this.restore();
    this.place.closed();
  }

  private restore(): void {
    this.done = true;
    if (open === this) open = null;
    this.place.element.classList.remove("editing", "saving");
    this.place.element.replaceChildren(...this.before);
  }

  private guess(): string {
    const field = this.form && one<HTMLElement>("select, input[role=combobox], input:not([type=hidden]), textarea", this.form);
    if (field instanceof HTMLSelectElement) return field.selectedOptions[0]?.textContent ?? "";
    if (field instanceof HTMLInputElement && field.type === "checkbox") return "…";
    return (field as HTMLInputElement | HTMLTextAreaElement | null)?.value ?? "";
  }

  private async save(): Promise<void> {
    if (this.done || !this.form) return;
    if (this.state() === this.start) {
      this.cancel();
      return;
    }
    const form = this.form;
    const data = new FormData(form);
    const version = form.dataset["version"] ?? this.place.version();
    if (version) data.set("version", version);
    const widget = [...this.place.element.childNodes];
    this.done = true;
    if (open === this) open = null;
    this.place.element.classList.remove("editing");
    this.place.element.classList.add("saving");
    this.place.element.textContent = this.guess();
    this.place.closed();
    try {
      const answer = await post<Saved>(this.place.address, data);
      this.place.element.classList.remove("saving");
      if (answer.html !== undefined) this.place.element.innerHTML = answer.html;
      this.place.saved(answer);
      toast(answer.message, "good", answer.undo);
    } catch (error) {
      this.place.element.classList.remove("saving");
      if (error instanceof Refused && error.refusal.status === 422) this.again(widget, error);
      else {
        this.place.element.replaceChildren(...this.before);
        toast((error as Error).message, "bad");
      }
    }
  }

  /** The value was not accepted: the widget comes back with what was typed and what is wrong with it. */
  private again(widget: Node[], error: Refused): void {
    this.done = false;
    open = this;
    this.place.element.classList.add("editing");
    this.place.element.replaceChildren(...widget);
    one(".error", this.place.element)?.remove();
    const words = document.createElement("div");
    words.className = "error";
    words.setAttribute("role", "alert");
    words.textContent = error.message;
    this.form?.append(words);
    const field = this.form && one<HTMLElement>("input:not([type=hidden]), select, textarea", this.form);
    field?.setAttribute("aria-invalid", "true");
    field?.focus();
  }
}

/** Begin to edit; an editor that is open elsewhere is left as if by a click outside. */
export async function edit(place: Place): Promise<void> {
  if (place.element.classList.contains("editing") || place.element.classList.contains("saving")) return;
  open?.cancel();
  const editor = new Editor(place);
  open = editor;
  try {
    await editor.begin();
  } catch (error) {
    open = null;
    toast((error as Error).message, "bad");
  }
}
