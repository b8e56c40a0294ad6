// The tour: what to try next, and the way there.

import { fill, h, icon } from "./dom.js";
import { nameOf } from "./people.js";
import { on, store, tell } from "./store.js";

const list = h("ol", { class: "steps" });

export function startTour() {
  on("tour me", draw);
}

export function tourPanel() {
  draw();
  return { title: "A tour in five minutes", about: "Do each step yourself; it is ticked off when it is done.", content: [list] };
}

function draw() {
  const next = store.tour.findIndex((step) => !step.done);
  fill(list, store.tour.map((step, index) => drawn(step, index, index === next)));
  if (next < 0 && store.tour.length) list.append(h("li", { class: "finished" }, "That was the tour. Look around as long as you like."));
}

function drawn(step, index, isNext) {
  const there = step.person || step.place;
  const who = step.person && step.person !== store.me ? ` as ${nameOf(step.person)}` : "";
  return h("li", { class: [step.done ? "done" : "", isNext ? "next" : ""].join(" "), "aria-current": isNext ? "step" : null },
    h("span", { class: "tick", "aria-hidden": "true" }, step.done ? icon("check") : index + 1),
    h("div", {}, h("strong", {}, step.title), step.done ? h("span", { class: "unseen" }, " (done)") : null, h("p", { dir: "auto" }, step.text),
      there && !step.done ? h("button", { type: "button", class: isNext ? "button primary" : "button", onclick: () => tell("take-there", step) }, `Take me there${who}`) : null));
}
