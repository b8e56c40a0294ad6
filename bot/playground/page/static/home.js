// Parley's Home: what the app shows to one person.

import { blocks } from "./blocks.js";
import { fill, h } from "./dom.js";
import { keepingFocus } from "./focus.js";
import { on, store } from "./store.js";

const home = h("div", { class: "home", tabindex: "-1" });

export function homeView() {
  draw();
  return home;
}

export function startHome() {
  on("home people clock", draw);
}

function draw() {
  const shown = store.home;
  const sheet = shown
    ? blocks(shown.blocks, { view: shown.id })
    : h("p", { class: "waiting" }, "Parley is preparing your Home…");
  keepingFocus(home, () => fill(home, h("div", { class: "sheet" }, sheet)));
}
