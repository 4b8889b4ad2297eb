// The frame: theme, density, folding navigation, the bell.

import htmx from "htmx.org";
import { all, near, one } from "./dom";
import { post } from "./sending";
import { text } from "./texts";
import { toast } from "./toast";

export function keep(key: string, value: string): void {
  void post("/preferences/quick", new URLSearchParams({ key, value })).catch((error: Error) => toast(error.message, "bad"));
}

export function setTheme(theme: string): void {
  if (theme === "auto") delete document.documentElement.dataset["bsTheme"];
  else document.documentElement.dataset["bsTheme"] = theme;
  for (const item of all<HTMLElement>("[data-theme-choice]")) item.classList.toggle("on", item.dataset["themeChoice"] === theme);
  keep("theme", theme);
}

export function setLanguage(language: string): void {
  const form = one<HTMLFormElement>("#menu-language");
  one<HTMLButtonElement>(`button[value="${language}"]`, form ?? document)?.click();
}

function fold(): void {
  const narrow = one("#shell")?.classList.toggle("narrow") ?? false;
  one("[data-fold]")?.setAttribute("aria-expanded", String(!narrow));
  keep("collapsed", narrow ? "1" : "0");
}

function live(): void {
  const address = one<HTMLMetaElement>('meta[name="gx-live"]')?.content;
  const bell = one("#unread");
  if (!address || !bell) return;
  const source = new EventSource(address, { withCredentials: true });
  source.addEventListener("notifications", (event) => {
    const { unread } = JSON.parse((event as MessageEvent<string>).data) as { unread: number };
    const shown = unread ? (unread > 99 ? "99+" : String(unread)) : "";
    const grown = unread > 0 && bell.textContent !== shown;
    bell.textContent = shown;
    const panel = one("#menu-bell");
    // An open panel takes up what has just come, unless the person is about to choose something in it.
    if (grown && panel?.matches(":popover-open") && !panel.contains(document.activeElement)) {
      void htmx.ajax("get", "/notifications", "#menu-bell");
    }
  });
  addEventListener("pagehide", () => source.close());
}

export function listen(): void {
  document.body.addEventListener("unread", () => {
    const bell = one("#unread");
    if (bell) bell.textContent = "";
  });
  document.addEventListener("click", (event) => {
    const theme = near(event, "[data-theme-choice]")?.dataset["themeChoice"];
    if (theme) setTheme(theme);
    const density = near(event, "[data-density-choice]")?.dataset["densityChoice"];
    if (density) {
      document.documentElement.dataset["density"] = density;
      keep("density", density);
    }
    if (near(event, "[data-fold]")) fold();
    if (near(event, "[data-back]")) history.back();
    if (near(event, "[data-more]")) one("#side")?.classList.toggle("open");
    else if (!near(event, "#side")) one("#side")?.classList.remove("open");
    if (near(event, "[data-copy-link]")) {
      void navigator.clipboard?.writeText(location.href).then(() => toast(text("copied")));
    }
    const copied = near<HTMLElement>(event, "[data-copy]")?.dataset["copy"];
    if (copied) {
      void navigator.clipboard?.writeText(one(copied)?.innerText ?? "").then(() => toast(text("copied")));
    }
    const only = near(event, "[data-only]");
    for (const button of only ? all("[data-only]", only.parentElement ?? document) : []) {
      button.setAttribute("aria-pressed", String(button === only));
    }
    const tick = near(event, "[data-tick]");
    if (tick) tick.closest("li")?.classList.add("saving");
  });
  if (/Mac|iPhone|iPad/.test(navigator.platform)) for (const key of all("[data-mod]")) key.textContent = "⌘K";
  live();
}
