// The list of channels, and who this window acts as.

import { fill, h, icon, say } from "./dom.js";
import { avatar } from "./people.js";
import { menu } from "./popup.js";
import { act, me, now, on, store, tell } from "./store.js";
import { cityOf, timeOf } from "./times.js";

const sidebar = document.getElementById("sidebar");

export function startSidebar() {
  on("channels people me place home", draw);
  on("clock second", drawTime);
}

function drawTime() {
  const time = sidebar.querySelector(".their-time");
  if (time) say(time, theirTime(me()));
}

const theirTime = (person) => `${timeOf(now(), person.tz)} in ${cityOf(person.tz)}`;

/** People to act as, with what they do and what time it is where they are. */
export function actAsMenu(anchor) {
  const people = [...store.people.values()].filter((each) => !each.bot && !each.gone && !each.outside);
  menu(anchor, people.map((each) => ({
    label: [avatar(each.id, each.name), h("span", { class: "person" }, h("strong", { dir: "auto" }, each.name), h("small", {}, each.title ? [h("bdi", {}, each.title), " · "] : null, theirTime(each)))],
    current: each.id === store.me,
    run: () => tell("act-as", each.id),
  })), "Act as");
}

function draw() {
  const self = me();
  if (!self) return;
  const channels = [...store.channels.values()].filter((each) => each.kind !== "im" && !each.archived).sort((a, b) => a.name.localeCompare(b.name));
  const joined = channels.filter((each) => each.joined), others = channels.filter((each) => !each.joined);
  const focused = document.activeElement?.dataset?.at;
  fill(sidebar,
    h("button", { type: "button", class: "act-as", "aria-haspopup": "menu", "aria-label": `You act as ${self.name}. Act as somebody else`, onclick: (event) => actAsMenu(event.currentTarget) },
      avatar(self.id, self.name),
      h("span", { class: "person" }, h("small", {}, "You act as"), h("strong", { dir: "auto" }, self.name), h("small", { dir: "auto" }, self.title), h("small", { class: "their-time" }, theirTime(self))), icon("down")),
    store.dm ? section("Parley", [line({ key: "home", name: "Home", sign: "home", isOpen: store.view === "home", go: () => tell("go", { view: "home" }) }), channelLine(store.channels.get(store.dm), "Messages", "chat")]) : null,
    section("Channels", joined.map((each) => channelLine(each, each.name, each.kind === "group" ? "lock" : "hash"))),
    others.length ? section("Channels you could join", others.map(joinLine)) : null);
  if (focused) sidebar.querySelector(`[data-at="${CSS.escape(focused)}"]`)?.focus();
}

function section(title, lines) {
  return h("section", {}, h("h2", {}, title), h("ul", {}, lines.map((each) => each && h("li", {}, each))));
}

function channelLine(channel, name, sign) {
  if (!channel) return null;
  const isOpen = store.view === "channel" && store.channel === channel.id;
  return line({ key: channel.id, name, sign, isOpen, unread: isOpen && !document.hidden ? 0 : channel.unread, mentions: channel.mentions, go: () => tell("go", { view: "channel", channel: channel.id }) });
}

function line({ key, name, sign, isOpen, unread = 0, mentions = 0, go }) {
  const count = mentions || unread;
  const label = unread ? `${name}, ${unread} unread` : name;
  return h("button", { type: "button", class: unread ? "place unread" : "place", "aria-current": isOpen ? "page" : null, "aria-label": label, data: { at: key }, onclick: go },
    icon(sign), h("span", { dir: "auto" }, name), unread ? h("b", { class: mentions ? "count for-me" : "count" }, count > 99 ? "99+" : count) : null);
}

function joinLine(channel) {
  return h("div", { class: "place other" }, icon("hash"), h("span", { dir: "auto" }, channel.name),
    h("button", { type: "button", class: "small", "aria-label": `Join ${channel.name}`, onclick: async () => (await act("join", { channel: channel.id })) && tell("go", { view: "channel", channel: channel.id }) }, "Join"));
}
