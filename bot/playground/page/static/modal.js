// The forms that an app opens over everything: drawn, filled in, submitted, one over the other.

import { blocks, busyWhile } from "./blocks.js";
import { fill, h, icon } from "./dom.js";
import { Form } from "./fields.js";
import { focused, goBack } from "./focus.js";
import { announce } from "./notices.js";
import { act, ask, on, store } from "./store.js";

const sheet = h("div", { class: "modal-sheet" });
const dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title", tabindex: "-1" }, sheet, h("div", { class: "unseen", "aria-live": "polite" }));
const AFTER_ITSELF = 60; // milliseconds: Orca passes over the first thing that has the focus when what had it is gone
const entered = new Map(); // what was typed, by view
let shown = null; // { id, form }
let trouble = "";
let opener = null; // what had the focus before

export function startModals() {
  document.body.append(dialog);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    act("close");
  });
  // A browser closes the dialog itself where Escape comes twice.
  dialog.addEventListener("close", () => store.modals.length && act("close"));
  on("modals me", show);
}

function show() {
  const view = store.modals.at(-1);
  for (const id of entered.keys()) if (!store.modals.some((each) => each.id === id)) entered.delete(id);
  if (!view) {
    shown = null;
    if (dialog.open) {
      dialog.close();
      goBack(opener, document, document.getElementById("main"));
    }
    return;
  }
  const isSame = shown?.id === view.id, before = isSame ? inField() : null;
  if (!isSame) trouble = "";
  draw(view);
  if (!dialog.open) {
    opener = focused();
    dialog.showModal();
    dialog.focus();
    setTimeout(() => dialog === document.activeElement && begin(), AFTER_ITSELF);
  } else if (Object.keys(view.errors).length) sheet.querySelector("[aria-invalid], .wrong input")?.focus();
  else if (!isSame || !restore(before)) begin();
  if (!shown.form.blocks.size) announce(words());
}

const begin = () => sheet.querySelector(":is(input, textarea, select), .close").focus();

/** What is said in a form that asks nothing, such as the answer that stands in its place. */
function words() {
  const parts = [...sheet.querySelectorAll(".modal-body > :not(.actions)")];
  return parts.map((part) => part.innerText).join(" ");
}

function draw(view) {
  if (!entered.has(view.id)) entered.set(view.id, new Map());
  const place = { view: view.id };
  const form = new Form(place, {
    values: view.values, errors: view.errors, entered: entered.get(view.id),
    changed: (block) => act("enter", { ...place, ...spot(block), values: form.values() }),
    search: (block, query) => found(place, block, query),
  });
  shown = { id: view.id, form };
  const body = h("div", { class: "modal-body" }, trouble ? h("p", { class: "trouble", role: "alert" }, trouble) : null, blocks(view.blocks, place, form));
  const closing = h("button", { type: "button", class: "button close", onclick: () => act("close") }, view.close || (view.submit ? "Cancel" : "Close"));
  const submit = view.submit ? h("button", { type: "submit", class: "button primary" }, view.submit) : null;
  const isOver = store.modals.length > 1;
  const cross = h("button", { type: "button", class: "icon-button", "aria-label": isOver ? "Back" : "Close", title: isOver ? "Back" : "Close", onclick: () => act("close") }, icon(isOver ? "back" : "close"));
  const element = h("form", { novalidate: true, onsubmit: (event) => send(event, view, form, submit) },
    h("header", { role: "none" }, isOver ? cross : h("span", { class: "avatar bot", "aria-hidden": "true" }), h("h2", { id: "modal-title", dir: "auto" }, view.title), isOver ? null : cross),
    body, h("footer", { role: "none" }, closing, submit));
  const scrolled = sheet.querySelector(".modal-body")?.scrollTop ?? 0;
  fill(sheet, element);
  body.scrollTop = scrolled;
}

const spot = (block) => ({ block: block.block_id, action: block.element.action_id });

async function found(place, block, query) {
  const answer = await act("search", { ...place, ...spot(block), query });
  return (answer?.groups ?? []).map((group) => ({
    label: group.label?.text,
    options: group.options.map((option) => ({ value: option.value, text: option.text.text })),
  }));
}

async function send(event, view, form, button) {
  event.preventDefault();
  if (!view.submit) return;
  trouble = "";
  try {
    const answer = await busyWhile(button, ask("submit", { view: view.id, values: form.values() }));
    if (answer?.trouble) trouble = "Parley did not answer in time. Nothing is lost: try again.";
  } catch (error) {
    trouble = error.message;
  }
  if (trouble && store.modals.at(-1)?.id === view.id) show();
}

/** Which field has the focus, and where in its text. */
function inField() {
  const element = document.activeElement?.closest?.("[data-key]");
  return element && { key: element.dataset.key, from: element.selectionStart, to: element.selectionEnd };
}

/** Whether the field is there. */
function restore(field) {
  const element = field && [...dialog.querySelectorAll("[data-key]")].find((each) => each.dataset.key === field.key);
  if (!element) return false;
  element.focus();
  if (field.from !== null && field.from !== undefined) element.setSelectionRange?.(field.from, field.to);
  return true;
}
