// The tour: what to try next, and the way there.

import { fill, h, icon } from "./dom.js";
import { nameOf } from "./people.js";
import { on, store, tell } from "./store.js";

const list = h("ol", { class: "steps" });
const strip = h("section", { class: "tour-strip", "aria-label": "The tour" });
const END = "That was the tour. Look around as long as you like.";

export function startTour() {
  on("tour me", draw);
}

/** The step that is about the open thread, else the next one, to stand above something else. */
export function tourStrip() {
  draw();
  return strip;
}

export function tourPanel() {
  draw();
  return { title: "A tour in five minutes", about: "Do each step yourself; it is ticked off when it is done.", content: [list] };
}

function draw() {
  const next = store.tour.findIndex((step) => !step.done);
  fill(list, store.tour.map((step, index) => drawn(step, index, index === next)));
  if (next < 0 && store.tour.length) list.append(h("li", { class: "finished" }, END));
  const here = store.tour.findIndex((step) => !step.done && step.thread && step.thread === store.thread?.ts);
  const shown = here < 0 ? next : here, step = store.tour[shown];
  fill(strip,
    step ? [h("strong", {}, `Step ${shown + 1}: ${step.title}`), h("p", { dir: "auto" }, step.text)] : h("strong", {}, END),
    h("button", { type: "button", class: "small", onclick: () => tell("panel", "tour") }, "Back to the tour"));
}

function drawn(step, index, isNext) {
  const there = step.person || step.place, way = step.travel ? `Take me there: ${step.travel.label}` : "Take me there";
  const who = step.person && step.person !== store.me ? ` as ${nameOf(step.person)}` : "";
  return h("li", { class: [step.done ? "done" : "", isNext ? "next" : ""].join(" "), "aria-current": isNext ? "step" : null },
    h("span", { class: "tick", "aria-hidden": "true" }, step.done ? icon("check") : index + 1),
    h("div", {}, h("strong", {}, step.title), step.done ? h("span", { class: "unseen" }, " (done)") : null, h("p", { dir: "auto" }, step.text),
      there && !step.done ? h("button", { type: "button", class: isNext ? "button primary" : "button", onclick: () => tell("take-there", index) }, `${way}${step.travel && who ? "," : ""}${who}`) : null));
}
