// The tour: what to try next, and the way there.

import { fill, h, icon } from "./dom.js";
import { nameOf } from "./people.js";
import { on, store, tell } from "./store.js";

const list = h("ol", { class: "steps" });
const strip = h("section", { class: "tour-strip", "aria-label": "The tour" });
const END = "That was the tour. Look around as long as you like.";

export function startTour() {
  on("tour me", draw);
  on("panel-drawn", showNext);
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
  const next = store.tour.findIndex((step) => !step.done), isElsewhere = list.dataset.next !== String(next);
  fill(list, store.tour.map((step, index) => drawn(step, index, index === next)));
  if (next < 0 && store.tour.length) list.append(h("li", { class: "finished" }, END));
  const here = store.tour.findIndex((step) => !step.done && step.thread && step.thread === store.thread?.ts);
  const shown = here < 0 ? next : here, step = store.tour[shown];
  fill(strip,
    step ? [h("strong", {}, `Step ${shown + 1}: ${step.title}`), h("p", { dir: "auto" }, step.text)] : h("strong", {}, END),
    h("div", { class: "actions" }, step && here < 0 ? way(step, shown, "small") : null,
      h("button", { type: "button", class: "small", onclick: () => tell("panel", "tour") }, "Back to the tour")));
  list.dataset.next = next;
  if (isElsewhere) showNext();
}

function showNext() {
  list.querySelector(".next, .finished")?.scrollIntoView({ block: "nearest" });
}

function drawn(step, index, isNext) {
  return h("li", { class: [step.done ? "done" : "", isNext ? "next" : ""].join(" "), "aria-current": isNext ? "step" : null },
    h("span", { class: "tick", "aria-hidden": "true" }, step.done ? icon("check") : index + 1),
    h("div", {}, h("strong", {}, step.title), step.done ? h("span", { class: "unseen" }, " (done)") : null, h("p", { dir: "auto" }, step.text),
      step.done ? null : way(step, index, isNext ? "button primary" : "button")));
}

/** The button that leads to where a step can be done, if that is known. */
function way(step, index, look) {
  if (!step.person && !step.place) return null;
  const when = step.travel ? `: ${step.travel.label}` : "";
  const who = step.person && step.person !== store.me ? `${when && ","} as ${nameOf(step.person)}` : "";
  return h("button", { type: "button", class: look, onclick: () => tell("take-there", index) }, `Take me there${when}${who}`);
}
