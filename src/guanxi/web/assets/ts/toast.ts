// Sentences that appear, are read aloud, and go. One that belongs to the next page waits for it.

import { text, token } from "./texts";

const KEY = "guanxi-toast";

export type Level = "good" | "bad";

/** Show a sentence; `undo` is the change set that the button beside it takes back, by what it says. */
export function toast(message: string, level: Level = "good", undo?: number | null, again = false): void {
  if (!message) return;
  const place = document.getElementById("toasts");
  if (!place) return;
  const note = document.createElement("div");
  note.className = level === "bad" ? "toast-note bad" : "toast-note";
  if (level === "bad") note.setAttribute("role", "alert");
  const words = document.createElement("span");
  words.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", text("close"));
  close.addEventListener("click", () => note.remove());
  note.append(words);
  if (undo) {
    const back = document.createElement("button");
    back.type = "button";
    back.className = "undo";
    back.textContent = text(again ? "redo" : "undo");
    back.addEventListener("click", () => {
      note.remove();
      void takeBack(undo, !again);
    });
    note.append(back);
  }
  note.append(close);
  place.append(note);
  // A modal dialog lies above everything; a toast shown as a popover lies above the dialog.
  if (place.showPopover) {
    place.setAttribute("popover", "manual");
    try {
      place.hidePopover();
    } catch {
      // It was not open.
    }
    place.showPopover();
  }
  setTimeout(() => note.remove(), undo || level === "bad" ? 9000 : 4500);
}

/** Undo a change set, then show the page as it is now, with the way back. */
async function takeBack(changeSet: number, again: boolean): Promise<void> {
  const headers = { "X-CSRFToken": token(), "X-Guanxi": "1" };
  const response = await fetch(`/undo/${changeSet}`, { method: "POST", headers, credentials: "same-origin" }).catch(() => null);
  const answer = (await response?.json().catch(() => null)) as { message?: string; undo?: number } | null;
  if (!response?.ok || !answer) {
    toast(answer?.message ?? text("failed"), "bad");
    return;
  }
  later(answer.message ?? "", "good", answer.undo, again);
  location.reload();
}

/** Keep a sentence for the page that comes next. */
export function later(message: string, level: Level, undo?: number | null, again = false): void {
  sessionStorage.setItem(KEY, JSON.stringify({ message, level, undo, again }));
}

export function showWaiting(): void {
  const kept = sessionStorage.getItem(KEY);
  if (!kept) return;
  sessionStorage.removeItem(KEY);
  const { message, level, undo, again } = JSON.parse(kept) as { message: string; level: Level; undo?: number; again?: boolean };
  toast(message, level, undo, again);
}
