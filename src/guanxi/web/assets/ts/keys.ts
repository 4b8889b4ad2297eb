// Keys. Never while typing in a field, never while an input method composes.

import { all, isComposing, isTyping, one } from "./dom";
import { open as openPalette } from "./palette";
import * as peek from "./peek";
import { Table } from "./table";

let going = 0;

function table(): Table | null {
  return one<Table>("gx-table");
}

function busy(): boolean {
  return document.querySelector("dialog[open], [popover].menu:popover-open") !== null;
}

function go(letter: string): void {
  if (letter === "h") location.assign("/");
  const goal = all<HTMLElement>("[data-go]").find((key) => key.textContent === letter);
  if (goal) location.assign(`/o/${goal.dataset["go"]}`);
}

const commands: Record<string, (event: KeyboardEvent) => boolean> = {
  "/": () => Boolean(focus("#query") || focus("#search-q") || (openPalette(), true)),
  "?": () => (one<HTMLDialogElement>("#keys")?.showModal(), true),
  c: () => click("[data-create]") || click('.top [popovertarget="menu-create"]'),
  e: () => click("[data-edit-page]") || editRow(),
  j: () => walk(1),
  k: () => walk(-1),
  ArrowDown: () => (peek.isOpen() ? (peek.walk(1), true) : false),
  ArrowUp: () => (peek.isOpen() ? (peek.walk(-1), true) : false),
  x: () => (table()?.toggle(), true),
  " ": (event) => peekRow(event),
  g: () => ((going = Date.now()), true),
  Escape: () => (peek.isOpen() ? (peek.close(), true) : false),
};

function focus(selector: string): boolean {
  const found = one<HTMLInputElement>(selector);
  found?.focus();
  found?.select();
  return found !== null;
}

function click(selector: string): boolean {
  const found = one<HTMLElement>(selector);
  found?.click();
  return found !== null;
}

function editRow(): boolean {
  const row = table()?.current();
  const id = row?.dataset["id"];
  if (id) location.assign(`/o/${table()?.getAttribute("object")}/${id}/edit`);
  return Boolean(id);
}

function walk(by: number): boolean {
  if (peek.isOpen()) peek.walk(by);
  else table()?.step(by);
  return table() !== null;
}

function peekRow(event: KeyboardEvent): boolean {
  if (event.target instanceof HTMLElement && event.target.matches("button, input, summary")) return false;
  if (!table()?.current()) return false;
  if (peek.isOpen()) peek.close();
  else table()?.openPeek();
  return true;
}

export function listen(): void {
  document.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || busy()) return;
    if (going && Date.now() - going < 1200) {
      going = 0;
      go(event.key.toLowerCase());
      event.preventDefault();
      return;
    }
    if (commands[event.key]?.(event)) event.preventDefault();
  });
}
