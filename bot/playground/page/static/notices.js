// What the page itself has to say: the lost connection, what was refused, and new messages for those who listen.

import { fill, h } from "./dom.js";
import { author } from "./people.js";
import { plainText } from "./rich_text.js";
import { now, on, store, tell } from "./store.js";

const SHOWN_FOR = 7000, CALM = 900; // milliseconds
const banner = document.getElementById("banner"), toasts = document.getElementById("toasts"), heard = document.getElementById("heard");
let lost;

export function startNotices() {
  on("lost", () => {
    lost ??= setTimeout(() => {
      banner.textContent = "The playground is away just now. Trying to reach it again…";
      banner.hidden = false;
    }, CALM);
  });
  on("connected", () => {
    clearTimeout(lost);
    lost = undefined;
    banner.hidden = true;
  });
  on("refused", (text) => toast(sentence(text), "wrong"));
  on("told", (text) => toast(text, "told"));
  on("trouble", (text) => (store.view === "channel" && !store.modals.length ? remark(trouble(text)) : toast(trouble(text), "wrong")));
  on("message thread", ({ message, isNew }) => {
    if (isNew && message.user !== store.me) announce(`${author(message).name}: ${plainText(message.text).textContent}`);
  });
}

const HEARD_AFTER = 250, HEARD_FOR = 10_000; // milliseconds; a screen reader that is flooded with changes passes over what comes with them

/** Have something read aloud. While a form stands over everything, only what is in it is heard. */
export function announce(text) {
  const line = h("p", {}, text);
  setTimeout(() => (document.querySelector("dialog[open] [aria-live]") ?? heard).append(line), HEARD_AFTER);
  setTimeout(() => line.remove(), HEARD_FOR);
}

const TROUBLES = {
  operation_timeout: "Parley did not answer in time (operation_timeout). It may still do what you asked.",
  no_connection: "Parley is not connected just now, so it did not hear you (no_connection).",
};

const trouble = (text) => TROUBLES[text.trim()] ?? TROUBLES[text.split(" ")[0]] ?? sentence(text);
const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`;

/** A line in the channel that only this window shows, as Slackbot's are. */
function remark(text) {
  const newest = Math.max(now() / 1000, Number([...store.messages.keys()].at(-1) ?? 0) + 0.000001);
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const message = { ts: newest.toFixed(6), channel: store.channel, user: null, author: "Slackbot", text: escaped, blocks: [], reactions: [], files: [], attachments: 0, whisper: true, thread: null };
  store.messages.set(message.ts, message);
  tell("message", { message, isNew: true });
}

function toast(text, kind) {
  const drawn = h("div", { class: `toast ${kind}` }, h("span", { dir: "auto" }, text), h("button", { type: "button", "aria-label": "Hide this", onclick: () => drawn.remove() }, "×"));
  toasts.append(drawn);
  setTimeout(() => drawn.remove(), SHOWN_FOR);
  if (toasts.children.length > 3) toasts.firstChild.remove();
}

export function clearNotices() {
  fill(toasts);
}
