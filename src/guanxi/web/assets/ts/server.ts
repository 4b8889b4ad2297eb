// What htmx sends along, and what the server's answers may ask of the page.

import htmx from "htmx.org";
import { one } from "./dom";
import { text, token } from "./texts";
import { later, toast } from "./toast";

interface HtmxDetail {
  headers: Record<string, string>;
  xhr: XMLHttpRequest;
  target: Element;
}

interface ToastDetail {
  message: string;
  level?: "good" | "bad";
  undo?: number;
}

let leaving = false;

/** Load the list anew, or the whole page where there is none. */
export function refresh(address: string = location.pathname + location.search): void {
  if (one("#list")) {
    void htmx.ajax("get", address, { target: "#list", swap: "innerHTML" });
  } else {
    leaving = true;
    location.assign(address);
  }
}

export function listen(): void {
  document.addEventListener("htmx:configRequest", (event) => {
    (event as CustomEvent<HtmxDetail>).detail.headers["X-CSRFToken"] = token();
  });
  // The answer that leads to another page hands its sentence on to that page.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr } = (event as CustomEvent<HtmxDetail>).detail;
    const said = xhr.getResponseHeader("HX-Trigger");
    if (!xhr.getResponseHeader("HX-Redirect") || !said?.startsWith("{")) return;
    const { toast: note } = JSON.parse(said) as { toast?: ToastDetail };
    if (note) later(note.message, note.level ?? "good", note.undo);
  });
  document.addEventListener("toast", (event) => {
    const note = (event as CustomEvent<ToastDetail>).detail;
    if (leaving) later(note.message, note.level ?? "good", note.undo);
    else if (!sessionStorage.getItem("guanxi-toast")) toast(note.message, note.level, note.undo);
  });
  document.addEventListener("refresh", () => refresh());
  document.addEventListener("goList", (event) => {
    const { value } = (event as CustomEvent<{ value: string }>).detail;
    for (const menu of document.querySelectorAll<HTMLElement>("[popover]:popover-open")) menu.hidePopover();
    history.pushState({}, "", value);
    refresh(value);
  });
  document.addEventListener("htmx:sendError", () => toast(text("failed"), "bad"));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = (event as CustomEvent<HtmxDetail>).detail;
    if (!xhr.getResponseHeader("HX-Trigger") && !xhr.getResponseHeader("HX-Redirect")) toast(text("refused"), "bad");
  });
  window.addEventListener("popstate", () => {
    if (one("#list")) refresh();
  });
}
