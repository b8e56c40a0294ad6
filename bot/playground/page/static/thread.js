// The panel with one thread.

import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { arrange, keepingFocus } from "./focus.js";
import { drawMessage, keepInSight } from "./message.js";
import { ask, current, on, store, tell } from "./store.js";

const log = h("div", { class: "messages thread", role: "log", "aria-label": "Thread", "aria-live": "off", tabindex: "-1" });
const elements = new WeakMap(); // by message: one that has changed is another one
let composer, answer;

export function startThread() {
  composer = new Composer({ thread: () => store.thread?.ts ?? "-", placeholder: () => "Reply" });
  on("thread", ({ message, isNew }) => {
    if (store.panel !== "thread" || !store.thread) return;
    if (message && message.ts !== store.thread.ts && message.thread !== store.thread.ts) return;
    if (isNew && message.whisper) answer = message.ts;
    draw();
    if (isNew && message.user === store.me && !message.whisper) log.scrollTop = log.scrollHeight;
  });
}

/** Load a thread of the open channel; null if it is gone. */
export async function loadThread(ts) {
  const { channel } = store;
  try {
    const { parent, replies } = await ask("thread", { channel, ts });
    store.thread = { channel, ts, parent, replies };
  } catch (error) {
    store.thread = null;
    tell("refused", error.message);
  }
  return store.thread;
}

export function threadPanel() {
  answer = null;
  draw();
  queueMicrotask(() => {
    composer.show();
    // A long message leaves room for its replies: they are what is there to read.
    log.scrollTop += log.querySelector(".divider").getBoundingClientRect().top - log.getBoundingClientRect().top - log.clientHeight / 3;
    composer.focus();
  });
  const channel = current();
  return { title: "Thread", about: channel?.kind === "im" ? "with Parley" : `in #${channel?.name}`, content: [log, channel?.joined ? composer.element : null] };
}

function drawn(message) {
  if (!elements.has(message)) elements.set(message, drawMessage(message, { inThread: true }));
  return elements.get(message);
}

function draw() {
  const { parent, replies } = store.thread, count = replies.filter((each) => !each.whisper).length;
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const divider = h("h3", { class: "divider" }, h("span", {}, count === 1 ? "1 reply" : `${count} replies`));
  keepingFocus(log, () => arrange(log, [drawn(parent), divider, ...replies.map(drawn)]));
  if (atEnd) log.scrollTop = log.scrollHeight;
  if (answer && log.lastChild.dataset.ts === answer) keepInSight(log.lastChild, (ts) => (answer = answer === ts ? null : answer));
}
