// Puts the page together: who this window acts as, where it looks, and what the address says of both.

import { Composer, placeholder } from "./composer.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { homeView, startHome } from "./home.js";
import { MessageList, readOn } from "./list.js";
import { startModals } from "./modal.js";
import { clearNotices, startNotices } from "./notices.js";
import { avatar } from "./people.js";
import { closePopup } from "./popup.js";
import { leaveScenes, scenesPanel, startScenes } from "./scenes.js";
import { startSidebar } from "./sidebar.js";
import { act, ask, become, connect, current, on, setMessages, store, tell } from "./store.js";
import { startTheme } from "./theme.js";
import { loadThread, startThread, threadPanel } from "./thread.js";
import { startTop, travel } from "./top.js";
import { startTour, tourPanel, tourStrip } from "./tour.js";

const main = document.getElementById("main"), panel = document.getElementById("panel");
const [skipToMain, skipToPanel] = document.querySelectorAll(".skip");
const PANELS = { thread: threadPanel, scenes: scenesPanel, tour: tourPanel };
const NARROW = matchMedia("(max-width: 760px)");

startTheme();
startNotices();
startTop();
startSidebar();
startModals();
startThread();
startScenes();
startHome();
startTour();
readOn();

const list = new MessageList();
const composer = new Composer({ placeholder });
const title = h("h1", { dir: "auto" }), about = h("p", { class: "about" }), actions = h("div", { class: "actions" });
const heading = h("header", { class: "place-head" }, h("div", {}, title, about), actions);
const join = h("div", { class: "join" });

/** What the address keeps over a reload: who, where, which thread, which panel. */
const address = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

function remember() {
  const kept = { as: store.me, at: store.view === "home" ? "home" : store.channel, panel: store.panel };
  if (store.panel === "thread") kept.thread = store.thread.ts;
  const hash = new URLSearchParams(Object.entries(kept).filter(([, value]) => value));
  history.replaceState(null, "", `#${hash}`);
}

async function actAs(id, { at = "", thread = "", panel: wanted = store.panel === "thread" ? (store.isTouring ? "tour" : "") : store.panel } = {}) {
  closePopup();
  become(await ask("be", { person: id }));
  clearNotices();
  if (at === "home" && store.dm) await go({ view: "home" });
  else await go({ view: "channel", channel: store.channels.get(at)?.joined ? at : firstChannel() });
  if (wanted === "thread" && thread) await openThread(thread);
  else setPanel(wanted in PANELS && wanted !== "thread" ? wanted : "");
}

function firstChannel() {
  const joined = [...store.channels.values()].filter((each) => each.joined && each.kind !== "im");
  return (joined.find((each) => each.name === "leads") ?? joined[0])?.id ?? store.dm;
}

async function go({ view, channel = store.channel }) {
  document.body.classList.remove("drawer");
  closePopup();
  store.view = view;
  if (store.panel === "thread" && (view === "home" || store.thread?.channel !== channel)) setPanel("");
  if (view === "home") {
    fill(main, heading, homeView());
    act("home", { tab: "home" });
  } else {
    store.channel = channel;
    store.readUntil = current()?.read ?? "0";
    const page = await act("open", { channel });
    if (!page || store.channel !== channel || store.view !== "channel") return;
    setMessages(page);
    fill(main, heading, list.element, list.newest, join, composer.element);
    composer.show();
    list.show();
    if (channel === store.dm) act("home", { tab: "messages" });
    if (!NARROW.matches) composer.focus();
  }
  drawHeading();
  remember();
  tell("place");
}

function drawHeading() {
  const channel = current();
  if (store.view === "home") {
    title.textContent = "Home";
    about.textContent = "What Parley shows to you, and to nobody else";
    fill(actions);
  } else if (channel?.kind === "im") {
    fill(title, avatar(store.bot, "Parley", true), "Parley");
    about.textContent = "Between you and Parley";
    fill(actions);
  } else if (channel) {
    fill(title, icon(channel.kind === "group" ? "lock" : "hash"), h("bdi", {}, channel.name));
    about.textContent = [`${channel.members} people`, channel.bot ? "Parley is here" : "Parley is not here", channel.shared ? "shared with another company" : ""].filter(Boolean).join(" · ");
    fill(actions, channel.joined && !channel.bot && store.bot ? h("button", { type: "button", class: "button primary", onclick: () => act("invite", { channel: channel.id }) }, "Invite Parley") : null);
  }
  const isOutside = channel && !channel.joined && store.view === "channel";
  join.hidden = !isOutside;
  composer.element.hidden = Boolean(isOutside);
  fill(join, isOutside ? [h("span", {}, `You are not in #${channel.name}.`), h("button", { type: "button", class: "button primary", onclick: () => act("join", { channel: channel.id }) }, "Join")] : null);
}

async function openThread(ts) {
  if (await loadThread(ts)) setPanel("thread");
}

/** Show a panel, or none. A thread stands in the place of the tour only for a while, with the next step above it. */
function setPanel(wanted) {
  const wasInside = panel.contains(document.activeElement), opener = store.panel && openerOf(store.panel);
  const name = !wanted && store.panel === "thread" && store.isTouring ? "tour" : wanted;
  store.isTouring = name === "thread" && (store.panel === "tour" || store.isTouring);
  if (store.panel === "scenes" && name !== "scenes") leaveScenes();
  store.panel = name;
  panel.hidden = !name;
  document.body.classList.toggle("with-panel", Boolean(name));
  if (name) {
    const { title: said, about: more, content } = PANELS[name]();
    panel.setAttribute("aria-label", said);
    panel.className = name;
    fill(panel, h("header", {}, h("div", {}, h("h2", {}, said), h("p", {}, more)), iconButton("close", "Close", () => setPanel(""))), store.isTouring ? tourStrip() : null, content);
  } else {
    fill(panel);
  }
  skipToPanel.hidden = !name;
  skipToPanel.textContent = name ? `Skip to: ${panel.getAttribute("aria-label")}` : "";
  remember();
  tell("panel-drawn");
  if (wasInside) (name ? panel : opener || main).focus();
}

/** To where one goes back from a panel. */
function openerOf(name) {
  return name === "thread" ? main.querySelector(`.message[data-ts="${store.thread?.ts}"]`) : document.querySelector(`#top .${name}`);
}

async function begin() {
  const { as, at, thread, panel: wanted } = address();
  try {
    const { people } = await (await fetch("/page/people")).json();
    const known = people.find((each) => each.id === (store.me || as)) ?? people[0];
    const isFirst = !as && !store.me;
    await actAs(known.id, { at, thread, panel: wanted ?? "" });
    if (isFirst && store.tour.length) {
      setPanel("tour");
      panel.focus();
    }
  } catch (error) {
    tell("refused", error.message);
  }
}

on("connected", begin);
on("act-as", (id) => actAs(id, { at: store.view === "home" ? "home" : store.channel === store.dm ? "" : store.channel }).catch((error) => tell("refused", error.message)));
on("go", go);
on("open-thread", openThread);
on("panel", (name) => {
  setPanel(store.panel === name ? "" : name);
  if (store.panel) panel.focus();
});
on("channels people", drawHeading);
on("take-there", async (index) => {
  const { person, place, travel: moment } = store.tour[index];
  const at = place === "messages" ? "" : place;
  if (person && person !== store.me) await actAs(person, { at });
  if (moment && !(await travel(moment))) return;
  if (place === "home") await go({ view: "home" });
  else if (place) await go({ view: "channel", channel: place === "messages" ? store.dm : place });
  const { thread, message } = store.tour[index]; // known only when one is there
  if (thread) await openThread(thread);
  else if (NARROW.matches) setPanel("");
  const meant = message ? await list.reveal(message) : null;
  (thread ? panel.querySelector(".divider + .message") : meant)?.focus({ preventScroll: true });
});
skipToMain.addEventListener("click", (event) => {
  event.preventDefault(); // the address has other things to say
  ([...main.querySelectorAll(".message")].at(-1) ?? main).focus();
});
skipToPanel.addEventListener("click", (event) => {
  event.preventDefault();
  panel.focus();
});
document.addEventListener("click", (event) => {
  const mention = event.target.closest?.("a[data-channel]");
  if (mention) {
    event.preventDefault();
    go({ view: "channel", channel: mention.dataset.channel });
  } else if (document.body.classList.contains("drawer") && !event.target.closest("#sidebar, .drawer-button, .popup")) {
    document.body.classList.remove("drawer");
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.target.closest?.("dialog")) return;
  if (document.body.classList.contains("drawer")) {
    document.body.classList.remove("drawer");
    document.querySelector(".drawer-button").focus();
  } else if (store.panel && (NARROW.matches || panel.contains(document.activeElement))) setPanel("");
});
setInterval(() => tell("second"), 1000);
document.addEventListener("visibilitychange", () => !document.hidden && list.stuck && tell("seen-newest"));
connect();
