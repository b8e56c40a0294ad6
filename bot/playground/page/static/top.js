// The bar at the top: where one is, what time it is there, and how to travel in it.

import { fill, h, icon, iconButton, say } from "./dom.js";
import { avatar } from "./people.js";
import { announce } from "./notices.js";
import { menu } from "./popup.js";
import { act, me, now, on, store, tell } from "./store.js";
import { cityOf, longDay, shortDay, timeOf, weekday } from "./times.js";
import { themeButton } from "./theme.js";

const NARROW = matchMedia("(max-width: 760px)");
const top_ = document.getElementById("top");
const clock = h("span", { class: "clock-text" });
const time = h("button", { type: "button", class: "clock", "aria-haspopup": "menu", onclick: travelMenu }, icon("clock"), clock, icon("down"));
const tour = h("button", { type: "button", class: "pill tour", onclick: () => tell("panel", "tour") });
const drawer = iconButton("menu", "Channels and people", () => document.body.classList.toggle("drawer"), { class: "icon-button drawer-button" });
const scenes = h("button", { type: "button", class: "pill scenes", onclick: () => tell("panel", "scenes") }, icon("wires"), h("span", {}, "Technical details"));

export function startTop() {
  const brand = h("span", { class: "brand" }, h("img", { src: "/page/icon.svg", alt: "", width: 26, height: 26 }), h("strong", { class: "workspace", dir: "auto" }));
  const badge = h("span", { class: "badge", title: "Nobody here is real, and nothing you do leaves this machine." }, "Fictional company", h("span", { class: "where" }, " on your own machine"));
  fill(top_, drawer, brand, badge, h("span", { class: "space" }), time, tour, scenes, themeButton());
  on("me clock tour panel-drawn", draw);
  on("second", drawClock);
}

function draw() {
  if (!me()) return;
  top_.querySelector(".workspace").textContent = store.workspace;
  document.title = `${store.workspace} · Parley's playground`;
  const done = store.tour.filter((step) => step.done).length;
  tour.hidden = !store.tour.length;
  fill(drawer, icon("menu"), avatar(store.me, me().name));
  fill(tour, icon("tour"), h("span", {}, "Tour "), h("b", {}, `${done}/${store.tour.length}`));
  tour.setAttribute("aria-pressed", String(store.panel === "tour"));
  scenes.setAttribute("aria-pressed", String(store.panel === "scenes"));
  time.disabled = !store.offers.length || store.travelling;
  time.classList.toggle("fixed", !store.offers.length);
  time.classList.toggle("travelling", store.travelling);
  drawClock();
}

function drawClock() {
  const self = me();
  if (!self) return;
  const said = `${(NARROW.matches ? weekday : shortDay)(now(), self.tz)} ${timeOf(now(), self.tz)} · ${cityOf(self.tz)}`;
  say(clock, store.travelling ? "Travelling…" : said);
  time.setAttribute("aria-label", `${clock.textContent}${store.offers.length ? ". Travel in time" : ""}`);
  time.title = `What the clock on ${self.name}'s wall shows.${store.offers.length ? " Travel in time: see what Parley does tomorrow, or next week." : ""}`;
}

function travelMenu() {
  menu(time, store.offers.map((offer) => ({ label: offer.label, run: () => travel(offer) })), "Travel in time");
}

/** Go to the moment of an offer; whether that was possible. */
export async function travel(offer) {
  announce("Travelling…");
  const gone = await act("travel", { to: offer.id });
  if (gone) tell("told", `It is now ${longDay(now())}, ${timeOf(now())} in ${cityOf(me().tz)}.`);
  return Boolean(gone);
}
