// Small menus and pickers beside the button that opens them; Escape and a click elsewhere close them.

import { h, icon } from "./dom.js";

let open = null;

export function closePopup() {
  open?.close();
}

/** Show `content` beside `anchor`; returns how to close it. */
export function popup(anchor, content, label, role = "menu") {
  closePopup();
  const element = h("div", { class: "popup", role, "aria-label": label, tabindex: "-1" }, content);
  document.body.append(element);
  const at = anchor.getBoundingClientRect(), size = element.getBoundingClientRect();
  const top = at.bottom + size.height + 8 > innerHeight ? Math.max(8, at.top - size.height - 4) : at.bottom + 4;
  element.style.top = `${top}px`;
  element.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
  anchor.setAttribute("aria-expanded", "true");
  const outside = (event) => {
    if (!element.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const keys = (event) => {
    const items = [...element.querySelectorAll("button:not([disabled])")];
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      close();
      anchor.focus();
    } else if (step && items.length) {
      event.preventDefault();
      items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    }
  };
  function close() {
    if (open?.element !== element) return;
    open = null;
    anchor.setAttribute("aria-expanded", "false");
    element.remove();
    document.removeEventListener("pointerdown", outside, true);
  }
  open = { element, close };
  element.addEventListener("keydown", keys);
  document.addEventListener("pointerdown", outside, true);
  element.querySelector("button:not([disabled])")?.focus();
  return close;
}

/** A menu of `items`: {label, about, run, danger}, or null for a line between. */
export function menu(anchor, items, label) {
  const drawn = items.map((item) =>
    item === null
      ? h("hr", {})
      : h("button", { type: "button", role: "menuitem", class: item.danger ? "danger" : null, disabled: item.disabled, onclick: () => (close(), item.run()) },
        h("span", {}, item.label), item.about ? h("small", {}, item.about) : null, item.current ? icon("check") : null));
  const close = popup(anchor, drawn, label);
}
