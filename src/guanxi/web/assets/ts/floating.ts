// Menus beside their buttons, and dialogs that open when the server has filled them.

import Sortable from "sortablejs";
import { all, near, one } from "./dom";

const GAP = 6;

function place(menu: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  const below = innerHeight - at.bottom - GAP;
  const top = box.height <= below || at.top < box.height ? at.bottom + GAP : at.top - GAP - box.height;
  const left = at.left + box.width > innerWidth - 8 ? at.right - box.width : at.left;
  menu.style.top = `${Math.max(8, Math.min(top, innerHeight - box.height - 8))}px`;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - box.width - 8))}px`;
}

function opener(menu: HTMLElement): HTMLElement | null {
  const buttons = all(`[popovertarget="${menu.id}"]`).filter((button) => button.getClientRects().length > 0);
  return buttons.find((button) => button === document.activeElement) ?? buttons[0] ?? null;
}

/** Open a menu beside any element. */
export function openBeside(menu: HTMLElement, button: HTMLElement): void {
  menu.showPopover();
  place(menu, button);
  one<HTMLElement>("button, a", menu)?.focus();
}

function replace(menu: HTMLElement): void {
  const button = opener(menu);
  if (button && menu.matches(":popover-open")) place(menu, button);
}

function arrows(event: KeyboardEvent): void {
  const menu = near(event, ".menu:popover-open");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key) || near(event, "input, select, textarea")) return;
  const items = all<HTMLElement>(".item", menu).filter((item) => item.getClientRects().length > 0);
  const at = items.indexOf(document.activeElement as HTMLElement);
  items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
  event.preventDefault();
}

export function dialog(): HTMLDialogElement | null {
  return one<HTMLDialogElement>("#dialog");
}

export function closeDialog(): void {
  const box = dialog();
  box?.close();
  box?.replaceChildren();
}

export function listen(): void {
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target as HTMLElement;
      if (!menu.matches?.(".menu")) return;
      const open = (event as ToggleEvent).newState === "open";
      opener(menu)?.setAttribute("aria-expanded", String(open));
      if (open) {
        replace(menu);
        one<HTMLElement>(".item.on, .item", menu)?.focus({ preventScroll: true });
      }
    },
    true,
  );
  document.addEventListener("keydown", arrows);
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = (event as CustomEvent<{ target: HTMLElement }>).detail.target;
    if (target.matches(".menu")) replace(target);
    for (const list of all("[data-sortable]", target)) Sortable.create(list, { animation: 120 });
    if (target.id !== "dialog" || !target.firstElementChild) return;
    for (const menu of all("[popover].menu")) if (menu.matches(":popover-open")) menu.hidePopover();
    const box = target as HTMLDialogElement;
    if (!box.open) box.showModal();
    const first = one<HTMLElement>("[data-sum], [autofocus], [aria-invalid=true]", box) ?? one<HTMLElement>(".dialog-body input:not([type=hidden]), .dialog-body select, .dialog-body textarea", box);
    first?.focus();
  });
  // Later, because the other events of the same answer start from an element inside the dialog.
  document.addEventListener("closeDialog", () => setTimeout(closeDialog));
  document.addEventListener("click", (event) => {
    if (near(event, "[data-close]")) {
      const box = near<HTMLDialogElement>(event, "dialog");
      if (box?.id === "dialog") closeDialog();
      else box?.close();
    } else if (event.target instanceof HTMLDialogElement && event.target.open && event.target.id !== "dialog") {
      // A click on the backdrop closes what holds no input.
      event.target.close();
    }
    const item = near(event, ".menu .item");
    if (item) item.closest<HTMLElement>("[popover]")?.hidePopover();
  });
}
