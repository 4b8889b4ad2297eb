// The documentation of the API: operations found by words, examples copied, requests tried in one's own session.

import { all, near, one } from "./dom";
import { text, token } from "./texts";

/** The list of operations, narrowed while one types; what an address points to is opened. */
export class Reference extends HTMLElement {
  connectedCallback(): void {
    const field = one<HTMLInputElement>("[data-find]", this);
    field?.addEventListener("input", () => this.find(field.value));
    this.addEventListener("click", (event) => void this.copy(near(event, "[data-copy]")));
    window.addEventListener("hashchange", () => this.open());
    this.open();
    one<HTMLElement>('.reference-nav a[aria-current="page"]', this)?.scrollIntoView({ block: "nearest" });
  }

  private open(): void {
    const wanted = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (wanted instanceof HTMLDetailsElement) {
      wanted.open = true;
      wanted.scrollIntoView();
    }
  }

  private find(typed: string): void {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    let any = false;
    for (const area of all<HTMLElement>("[data-area]", this)) {
      let hits = 0;
      for (const entry of all<HTMLElement>("[data-words]", area)) {
        const hit = words.every((word) => entry.dataset["words"]?.includes(word));
        entry.hidden = !hit;
        if (hit) hits += 1;
      }
      const found = one<HTMLElement>(".found", area);
      if (found) found.hidden = !words.length;
      area.hidden = words.length > 0 && !hits;
      any ||= !area.hidden;
    }
    const none = one<HTMLElement>("[data-none-found]", this);
    if (none) none.hidden = any;
  }

  private async copy(button: HTMLElement | null): Promise<void> {
    const sample = button?.closest(".sample");
    if (!button || !sample) return;
    await navigator.clipboard.writeText(one("code", sample)?.textContent ?? "");
    const label = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE);
    const before = label?.textContent ?? "";
    if (!label) return;
    label.textContent = text("copied");
    window.setTimeout(() => (label.textContent = before), 1500);
  }
}

/** Sends an operation with the values of its form, as the person who is signed in. */
export class Try extends HTMLElement {
  connectedCallback(): void {
    one<HTMLFormElement>("form", this)?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
  }

  private async send(): Promise<void> {
    const state = one("[data-state]", this);
    if (state) state.textContent = text("sending");
    const began = performance.now();
    const headers: Record<string, string> = { "X-CSRFToken": token(), Accept: "application/json, */*;q=0.5" };
    const body = one<HTMLTextAreaElement>("[data-body]", this)?.value;
    if (body) headers["Content-Type"] = "application/json";
    for (const [name, value] of this.values("header")) headers[name] = value;
    try {
      const response = await fetch(this.address(), { method: this.getAttribute("method") ?? "GET", headers, body: body ?? null });
      const answer = await response.text();
      if (state) state.textContent = `${Math.round(performance.now() - began)} ms`;
      this.show(response, answer);
    } catch {
      if (state) state.textContent = text("failed");
    }
  }

  private values(place: string): [string, string][] {
    return all<HTMLInputElement | HTMLSelectElement>(`[data-place="${place}"]`, this)
      .filter((field) => field.value)
      .map((field) => [field.dataset["name"] ?? "", field.value]);
  }

  private address(): string {
    let path = this.getAttribute("path") ?? "";
    for (const [name, value] of this.values("path")) path = path.replace(`{${name}}`, encodeURIComponent(value));
    const query = new URLSearchParams(this.values("query")).toString();
    return `/api/v1${path}${query ? `?${query}` : ""}`;
  }

  private show(response: Response, answer: string): void {
    const panel = one<HTMLElement>("[data-answer]", this);
    const status = one("[data-status]", this);
    const code = panel && one("code", panel);
    if (!panel || !status || !code) return;
    const told = ["ETag", "Location", "RateLimit-Remaining"].map((name) => [name, response.headers.get(name)] as const);
    status.textContent = [`${response.status} ${response.statusText}`, ...told.filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`)].join("  ·  ");
    panel.hidden = false;
    code.textContent = pretty(answer);
  }
}

function pretty(answer: string): string {
  try {
    return JSON.stringify(JSON.parse(answer), null, 2);
  } catch {
    return answer.slice(0, 20_000);
  }
}
