// Sentences that appear, are read aloud, and go. One that belongs to the next page waits for it.

import { text } from "./texts";

const KEY = "guanxi-toast";

export function toast(message: string, level: "good" | "bad" = "good"): void {
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
  note.append(words, close);
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
  setTimeout(() => note.remove(), level === "bad" ? 9000 : 4500);
}

/** Keep a sentence for the page that comes next. */
export function later(message: string, level: string): void {
  sessionStorage.setItem(KEY, JSON.stringify({ message, level }));
}

export function showWaiting(): void {
  const kept = sessionStorage.getItem(KEY);
  if (!kept) return;
  sessionStorage.removeItem(KEY);
  const { message, level } = JSON.parse(kept) as { message: string; level: "good" | "bad" };
  toast(message, level);
}
