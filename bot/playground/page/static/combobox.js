// A field that searches while one types: an input with a list, worked by keyboard or pointer.

import { fill, h, newId } from "./dom.js";

const WAIT = 150; // milliseconds of quiet before a search

/** `search(query)` answers groups of options {value, text, about}; `start` is the option chosen at first. */
export function combobox({ about, start, search, onchange }) {
  const listId = newId("list");
  const input = h("input", { ...about, role: "combobox", autocomplete: "off", dir: "auto", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId, placeholder: "Type to search" });
  const list = h("ul", { id: listId, class: "options", role: "listbox", hidden: true });
  const clear = h("button", { type: "button", class: "clear", "aria-label": "Choose nothing", hidden: !start }, "×");
  let chosen = start, at = -1, asked = 0, timer;
  input.value = chosen?.text ?? "";

  const options = () => [...list.querySelectorAll("[role=option]")];
  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    const changed = option?.value !== chosen?.value;
    chosen = option;
    input.value = option?.text ?? "";
    clear.hidden = !option;
    close();
    if (changed) onchange();
  };
  const move = (to) => {
    const all = options();
    if (!all.length) return;
    at = (to + all.length) % all.length;
    all.forEach((each, index) => each.setAttribute("aria-selected", String(index === at)));
    all[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[at].id);
  };
  const drawn = (option) => {
    const element = h("li", { id: newId("option"), role: "option", "aria-selected": "false", dir: "auto" }, option.text, option.about ? h("small", {}, option.about) : null);
    element.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      choose(option);
    });
    element.option = option;
    return element;
  };
  const look = async () => {
    const number = ++asked;
    const groups = await search(chosen && input.value === chosen.text ? "" : input.value.trim());
    if (number !== asked || !input.isConnected) return;
    const found = groups.filter((group) => group.options.length);
    const none = h("li", { class: "none" }, input.value.trim() ? "Nothing found" : "Type to search");
    fill(list, found.length ? found.map((group) => [group.label ? h("li", { class: "group", role: "presentation" }, group.label) : null, group.options.map(drawn)]) : none);
    list.hidden = document.activeElement !== input;
    input.setAttribute("aria-expanded", String(!list.hidden));
    at = -1;
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  };

  input.addEventListener("input", soon);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", look);
  input.addEventListener("blur", () => {
    close();
    if (!input.value.trim()) choose(null);
    else input.value = chosen?.text ?? "";
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) look();
      else move(at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1));
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      const picked = options()[Math.max(at, 0)];
      if (picked) choose(picked.option);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  clear.addEventListener("click", () => {
    choose(null);
    input.focus();
  });
  return { element: h("div", { class: "combobox" }, input, clear, list), chosen: () => chosen };
}
