// One message: who, when, what, its reactions, its files, its thread, and what can be done with it.

import { blocks } from "./blocks.js";
import { h, icon, iconButton } from "./dom.js";
import { emoji, PICKED, spoken } from "./emoji.js";
import { author, avatar, listed } from "./people.js";
import { menu, popup } from "./popup.js";
import { plainText } from "./rich_text.js";
import { act, me, store, tell } from "./store.js";
import { ago, fullTime, instant, timeOf } from "./times.js";
import { warning } from "./warning.js";

const IN_SIGHT_FOR = 15_000, MARKED_FOR = 3_000; // milliseconds
const MOST_IN_NAME = 100; // characters

/** Draw a message; `compact` ones follow another by the same author. */
export function drawMessage(message, { compact = false, inThread = false } = {}) {
  const from = author(message), at = instant(message.ts);
  const body = h("div", { class: "body" },
    message.whisper ? h("p", { class: "only" }, "Only visible to you") : null,
    message.broadcast && !inThread ? h("p", { class: "only" }, "Replied to a thread") : null,
    compact ? null : h("div", { class: "who" }, h("strong", { dir: "auto" }, from.name), from.isBot ? h("span", { class: "tag" }, "App") : null, from.outside ? h("span", { class: "tag" }, "Outside") : null, stamp(at)),
    content(message), reactions(message), inThread ? null : thread(message));
  const look = ["message", compact && "compact", message.whisper && "whisper"].filter(Boolean).join(" ");
  const element = h("article", { class: look, tabindex: "0", data: { ts: message.ts }, "aria-label": named(message, from, at) },
    compact ? h("div", { class: "gutter" }, stamp(at)) : avatar(from.id, from.name, from.isBot), body);
  const equip = () => element.querySelector(".tools") ?? element.append(tools(message, element, inThread));
  element.addEventListener("pointerenter", equip);
  element.addEventListener("focusin", equip);
  return element;
}

/** Who, when, and how it begins: enough to know which one it is when one goes from message to message. */
function named(message, from, at) {
  const begins = (message.blocks.find((block) => block.type === "header")?.text.text ?? plainText(message.text ?? "").textContent).split("\n")[0];
  return [message.whisper && "Only visible to you", from.name, timeOf(at), shortened(begins)].filter(Boolean).join(", ");
}

const shortened = (text) => (text.length > MOST_IN_NAME ? `${text.slice(0, MOST_IN_NAME)}…` : text);

/** The answer to a press stands in sight although it is far below, until it has been read; `done` is told its ts then. */
export function keepInSight(element, done = () => {}) {
  element.classList.add("answer");
  setTimeout(() => {
    element.classList.remove("answer");
    done(element.dataset.ts);
  }, IN_SIGHT_FOR);
}

/** Show which message is meant. */
export function mark(element) {
  const meant = { background: "var(--mine-soft)" };
  element.animate([meant, { ...meant, offset: 0.6 }, {}], MARKED_FOR);
}

const stamp = (at) => h("time", { datetime: new Date(at).toISOString(), title: fullTime(at) }, timeOf(at));

function content(message) {
  const place = { channel: message.channel, ts: message.ts };
  return h("div", { class: "content" },
    message.blocks.length ? blocks(message.blocks, place) : message.text ? plainText(message.text) : null,
    message.attachments ? warning("attachment") : null,
    message.edited ? h("small", { class: "edited" }, "(edited)") : null,
    message.files.map((file) => h("a", { class: "file", href: file.url, download: file.name }, icon("file"), h("span", {}, h("strong", { dir: "auto" }, file.name), h("small", {}, size(file.size))))));
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function reactions(message) {
  if (!message.reactions.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map(({ name, users }) => {
    const mine = users.includes(store.me), who = `${listed(users, 8)} reacted with ${spoken(name)}`;
    return h("button", { type: "button", class: "reaction", data: { key: `react ${name}` }, "aria-pressed": String(mine), title: who, "aria-label": who, onclick: () => react(message, name) }, emoji(name), h("span", {}, users.length));
  }), iconButton("smile", "Add a reaction", (event) => pickReaction(event.currentTarget, message), { class: "reaction add", "aria-haspopup": "menu" }));
}

const react = (message, name) => act("react", { channel: message.channel, ts: message.ts, name });

function pickReaction(anchor, message) {
  const choice = ({ name, drawn, about }) => h("button", { type: "button", title: about ? `:${name}: ${about}` : `:${name}:`, "aria-label": about || spoken(name), onclick: () => (close(), react(message, name)) }, drawn);
  const understood = PICKED.filter((each) => each.about), others = PICKED.filter((each) => !each.about);
  const close = popup(anchor, h("div", { class: "picker" },
    h("p", {}, "On a lead's card, Parley understands"), h("div", {}, understood.map(choice)), h("p", {}, "Others"), h("div", {}, others.map(choice))), "Reactions", "dialog");
}

function thread(message) {
  if (!message.replies) return null;
  const { count, users, latest } = message.replies;
  return h("button", { type: "button", class: "thread-link", onclick: () => tell("open-thread", message.ts) },
    users.slice(0, 4).map((id) => avatar(id, author({ user: id }).name, author({ user: id }).isBot)),
    h("strong", {}, count === 1 ? "1 reply" : `${count} replies`), h("small", {}, `Last reply ${ago(instant(latest))}`));
}

function tools(message, element, inThread) {
  const reply = inThread ? null : iconButton("reply", "Reply in a thread", () => tell("open-thread", message.ts));
  const smile = message.whisper ? null : iconButton("smile", "React", (event) => pickReaction(event.currentTarget, message), { "aria-haspopup": "menu" });
  const more = iconButton("more", "More you can do with this message", (event) => menu(event.currentTarget, entries(message, element, inThread), "With this message"), { "aria-haspopup": "menu" });
  return h("div", { class: "tools", role: "group", "aria-label": "With this message" }, smile, message.whisper ? null : reply, message.whisper ? null : more);
}

function entries(message, element, inThread) {
  const at = { channel: message.channel, ts: message.ts }, isMine = message.user === store.me;
  const shortcuts = store.shortcuts.filter((each) => each.on === "message").map((each) => ({ label: each.name, about: each.about, run: () => act("shortcut", { ...at, callback: each.id }) }));
  return [
    ...shortcuts,
    null,
    inThread ? undefined : { label: "Reply in a thread", run: () => tell("open-thread", message.ts) },
    isMine && message.text ? { label: "Edit", run: () => edit(message, element) } : undefined,
    isMine || me().admin ? { label: "Delete", danger: true, run: () => act("delete", at) } : undefined,
  ].filter((entry) => entry !== undefined);
}

/** Let the author change the words in place. */
function edit(message, element) {
  const before = element.querySelector(".content");
  const text = h("textarea", { rows: 3, dir: "auto", "aria-label": "Edit the message", value: typedText(message) });
  const done = () => box.replaceWith(before);
  const save = async () => {
    if (await act("edit", { channel: message.channel, ts: message.ts, text: text.value })) done();
  };
  const box = h("div", { class: "editing" }, text,
    h("div", { class: "actions" }, h("button", { type: "button", class: "button", onclick: done }, "Cancel"), h("button", { type: "button", class: "button primary", onclick: save }, "Save")));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") done();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      save();
    }
  });
  before.replaceWith(box);
  text.focus();
}

/** What the author typed: names of people and channels instead of their ids. */
function typedText(message) {
  const named = message.text.replace(/<@(\w+)>/g, (_all, id) => `@${store.people.get(id)?.handle ?? id}`)
    .replace(/<#(\w+)(\|[^>]*)?>/g, (_all, id) => `#${store.channels.get(id)?.name ?? id}`).replace(/<!(\w+)>/g, "@$1").replace(/<(https?:[^>|]+)>/g, "$1");
  return named.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
