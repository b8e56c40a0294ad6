// The tour: what to try next, and the way there.

import { fill, h, icon, newId } from "./dom.js";
import { keepingFocus } from "./focus.js";
import { announce } from "./notices.js";
import { nameOf } from "./people.js";
import { on, store, tell } from "./store.js";

const list = h("ol", { class: "steps", tabindex: "-1" });
const strip = h("section", { class: "tour-strip", tabindex: "-1", "aria-label": "The tour" });
const END = "That was the tour. Look around as long as you like.";

let known = []; // the steps as they stood

export function startTour() {
  on("tour", sayWhatIsDone);
  on("tour me", () => (known = store.tour));
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

/** Who does not see the tick hears of it, and what is next. */
function sayWhatIsDone() {
  const just = store.tour.findIndex((step, index) => step.done && known[index]?.done === false);
  if (just < 0) return;
  const next = store.tour.find((step) => !step.done);
  announce(`Step ${just + 1} of ${store.tour.length} is done. ${next ? `Next: ${next.title}.` : END}`);
}

function draw() {
  keepingFocus(list, drawSteps);
  keepingFocus(strip, drawStrip);
}

function drawSteps() {
  const next = store.tour.findIndex((step) => !step.done), isElsewhere = list.dataset.next !== String(next);
  fill(list, store.tour.map((step, index) => drawn(step, index, index === next)));
  if (next < 0 && store.tour.length) list.append(h("li", { class: "finished" }, END));
  list.dataset.next = next;
  if (isElsewhere) showNext();
}

function drawStrip() {
  const next = store.tour.findIndex((step) => !step.done);
  const here = store.tour.findIndex((step) => !step.done && step.thread && step.thread === store.thread?.ts);
  const shown = here < 0 ? next : here, step = store.tour[shown];
  fill(strip,
    step ? [h("h3", {}, `Step ${shown + 1}: ${step.title}`), h("p", { id: "tour-strip-text", dir: "auto" }, step.text)] : h("h3", {}, END),
    h("div", { class: "actions" }, step && here < 0 ? way(step, shown, "small", "tour-strip-text") : null,
      h("button", { type: "button", class: "small", onclick: () => tell("panel", "tour") }, "Back to the tour")));
}

function showNext() {
  list.querySelector(".next, .finished")?.scrollIntoView({ block: "nearest" });
}

function drawn(step, index, isNext) {
  const about = newId("step");
  return h("li", { class: [step.done ? "done" : "", isNext ? "next" : ""].join(" "), "aria-current": isNext ? "step" : null },
    h("span", { class: "tick", "aria-hidden": "true" }, step.done ? icon("check") : index + 1),
    h("div", {}, h("div", { id: about }, h("h3", {}, step.title, step.done ? h("span", { class: "unseen" }, " (done)") : null), h("p", { dir: "auto" }, step.text)),
      step.done ? null : way(step, index, isNext ? "button primary" : "button", about)));
}

/** The button that leads to where a step can be done, if that is known. */
function way(step, index, look, about) {
  if (!step.person && !step.place) return null;
  const when = step.travel ? `: ${step.travel.label}` : "";
  const who = step.person && step.person !== store.me ? `${when && ","} as ${nameOf(step.person)}` : "";
  return h("button", { type: "button", class: look, "aria-describedby": about, data: { key: `way ${index}` }, onclick: () => tell("take-there", index) }, `Take me there${when}${who}`);
}
