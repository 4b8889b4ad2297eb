// Files that arrive without leaving the page, and the print view.

import { near } from "./dom";
import { closeDialog } from "./floating";
import { text } from "./texts";
import { toast } from "./toast";

export function listen(): void {
  document.addEventListener("submit", (event) => {
    const form = near<HTMLFormElement>(event, "form[data-download]");
    if (!form) return;
    toast(text("exporting"));
    // The form must still be there while the browser sends it.
    if (form.dataset["download"] === "reload") setTimeout(() => location.reload(), 2500);
    else setTimeout(closeDialog, 300);
  });
  document.addEventListener("click", (event) => {
    if (near(event, "[data-print]")) print();
  });
}
