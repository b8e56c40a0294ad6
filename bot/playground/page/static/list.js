// The messages of a channel. However many there are, only a window of them stands in the document.

import { fill, h } from "./dom.js";
import { arrange, keepingFocus } from "./focus.js";
import { drawMessage, keepInSight, mark } from "./message.js";
import { act, ask, current, on, person, setMessages, store, tell } from "./store.js";
import { dayKey, dayName, instant } from "./times.js";

const MOST = 90, STEP = 10, NEAR = 700; // messages in the document; messages per step; pixels from an edge
const START = 60; // messages at first
const ROOM_ABOVE = 40; // pixels above a message that is taller than the window
const TOGETHER = 5 * 60_000; // milliseconds in which messages of one author stand together

export class MessageList {
  constructor() {
    this.rows = h("div", { class: "rows" });
    this.start = h("p", { class: "start" });
    this.element = h("div", { class: "messages", role: "log", "aria-live": "off", tabindex: "-1" }, this.start, this.rows);
    this.newest = h("button", { type: "button", class: "newest", hidden: true, onclick: () => this.toNewest() }, "Newest messages ↓");
    this.drawn = new Map();
    this.from = this.to = 0;
    this.loading = null;
    this.element.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.walk(event));
    this.resized = new ResizeObserver(() => this.stuck && this.toBottom());
    this.resized.observe(this.element);
    this.resized.observe(this.rows);
    on("message", ({ message, isNew }) => this.take(message, isNew));
    on("gone", (ts) => this.forget(ts));
    on("clock people", () => this.redraw());
  }

  /** Show the channel that is open, from its newest message. */
  show() {
    this.all = [...store.messages.values()];
    this.element.setAttribute("aria-label", `Messages in ${current().kind === "im" ? "the conversation with Parley" : `#${current().name}`}`);
    this.unreadFrom = store.readUntil;
    this.to = this.all.length;
    this.from = Math.max(0, this.to - START);
    this.redraw();
    this.toBottom();
  }

  redraw() {
    if (!this.all) return;
    const wasStuck = this.stuck, { scrollTop } = this.element;
    this.drawn.clear();
    this.render();
    if (wasStuck) this.toBottom();
    else this.element.scrollTop = scrollTop;
  }

  take(message, isNew) {
    if (!this.all) return;
    const wasAtEnd = this.to === this.all.length;
    this.drawn.delete(message.ts);
    this.all = [...store.messages.values()];
    if (isNew && wasAtEnd) this.to = this.all.length;
    if (isNew && (this.stuck || message.user === store.me)) this.from = Math.max(this.from, this.to - MOST);
    this.render();
    if (isNew && message.user === store.me && !message.whisper) this.toNewest();
    else if (isNew && message.whisper && !wasAtEnd) this.toNewest();
    else if (this.stuck) this.toBottom();
    else if (isNew && message.whisper) keepInSight(this.drawn.get(message.ts).element);
    else if (isNew) this.newest.hidden = false;
  }

  forget(ts) {
    this.drawn.delete(ts);
    this.all = [...store.messages.values()];
    this.to = Math.min(this.to, this.all.length);
    this.render();
  }

  get stuck() {
    return this.atBottom && this.to === this.all?.length;
  }

  toBottom() {
    this.atBottom = true;
    this.element.scrollTop = this.element.scrollHeight;
    this.scrolledTo = this.element.scrollTop;
    this.newest.hidden = true;
    tell("seen-newest");
  }

  toNewest() {
    this.to = this.all.length;
    this.from = Math.max(0, this.to - START);
    this.render();
    this.toBottom();
  }

  /** Bring a message into sight, however old, and mark it for a moment; null if it is gone. */
  async reveal(ts) {
    while (!store.messages.has(ts) && (await this.load()));
    const at = this.all.findIndex((message) => message.ts === ts);
    if (at < 0) return null;
    if (at < this.from || at >= this.to) {
      this.from = Math.max(0, at - START / 2);
      this.to = Math.min(this.all.length, this.from + START);
    }
    this.atBottom = false;
    this.render();
    const { element } = this.drawn.get(ts), { top, height } = element.getBoundingClientRect();
    const room = this.element.clientHeight - height;
    this.element.scrollTop += top - this.element.getBoundingClientRect().top - Math.max(ROOM_ABOVE, room / 2);
    mark(element);
    return element;
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    // What grew meanwhile, such as lines in a narrower window, is no reason to stay behind: only who scrolls up does.
    this.atBottom = scrollHeight - scrollTop - clientHeight < 40 || (this.atBottom && scrollTop >= this.scrolledTo);
    if (this.stuck) {
      this.newest.hidden = true;
      tell("seen-newest");
    }
    if (scrollTop < NEAR) this.older();
    else if (scrollHeight - scrollTop - clientHeight < NEAR && this.to < this.all.length) this.move(Math.min(this.all.length, this.to + STEP), 1);
  }

  async older() {
    if (this.from > 0) this.move(Math.max(0, this.from - STEP), -1);
    else if (!this.loading && (await this.load())) this.move(Math.max(0, this.from - STEP), -1);
  }

  /** Have a page of older messages ready; whether there was one. */
  load() {
    this.loading ??= this.loadPage().finally(() => (this.loading = null));
    return this.loading;
  }

  async loadPage() {
    if (!store.more || !this.all.length) return false;
    const { channel } = store, before = this.all[0].ts;
    const page = await ask("open", { channel, before });
    if (channel !== store.channel || this.all[0].ts !== before) return false;
    const known = this.all.length;
    setMessages(page, true);
    this.all = [...store.messages.values()];
    this.from += this.all.length - known;
    this.to += this.all.length - known;
    return true;
  }

  /** Take the window further in one direction; it loses at the other end what it gains here. */
  move(edge, direction) {
    if (direction < 0) [this.from, this.to] = [edge, Math.min(this.to, edge + MOST)];
    else [this.from, this.to] = [Math.max(this.from, edge - MOST), edge];
    this.render();
  }

  render() {
    const wanted = this.wanted(), keep = new Set(wanted), box = this.element.getBoundingClientRect().top;
    const anchor = this.stuck ? null : [...this.rows.children].find((row) => keep.has(row) && row.getBoundingClientRect().bottom > box);
    const before = anchor?.getBoundingClientRect().top;
    keepingFocus(this.rows, () => arrange(this.rows, wanted), this.element);
    fill(this.start, this.from > 0 || store.more ? "Older messages…" : beginning());
    if (anchor) this.element.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  wanted() {
    const rows = [];
    let last = this.all[this.from - 1];
    for (const message of this.all.slice(this.from, this.to)) {
      const at = instant(message.ts), newDay = !last || dayKey(at) !== dayKey(instant(last.ts));
      const firstUnread = Number(message.ts) > Number(this.unreadFrom) && message.user !== store.me && (!last || Number(last.ts) <= Number(this.unreadFrom));
      if (newDay) rows.push(this.row(`day ${dayKey(at)}`, () => h("h2", { class: "divider" }, h("span", {}, dayName(at)))));
      if (firstUnread) rows.push(this.row("new", () => h("h2", { class: "divider fresh" }, h("span", {}, "New"))));
      const compact = !newDay && !firstUnread && follows(message, last);
      rows.push(this.message(message, compact));
      last = message;
    }
    return rows;
  }

  row(key, draw) {
    if (!this.drawn.has(key)) this.drawn.set(key, draw());
    return this.drawn.get(key);
  }

  message(message, compact) {
    const known = this.drawn.get(message.ts);
    if (known?.compact === compact) return known.element;
    const element = drawMessage(message, { compact });
    this.drawn.set(message.ts, { element, compact });
    return element;
  }

  walk(event) {
    const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
    const from = event.target.closest?.(".message");
    if (!step || event.target !== from) return;
    let to = from[step];
    while (to && !to.matches(".message")) to = to[step];
    if (!to) return;
    event.preventDefault();
    to.focus();
  }
}

function follows(message, last) {
  return !person(message.user)?.bot && !message.whisper && !last.whisper && !message.broadcast && last.user === message.user && last.author === message.author && instant(message.ts) - instant(last.ts) < TOGETHER;
}

function beginning() {
  const channel = current();
  if (!channel) return "";
  return channel.kind === "im" ? "This is the beginning of your conversation with Parley." : `This is the beginning of #${channel.name}.`;
}

/** Tell the server how far has been read, once per newest message. */
export function readOn() {
  let told = "";
  on("seen-newest", () => {
    const newest = [...store.messages.values()].filter((message) => !message.whisper).at(-1);
    const channel = current();
    if (!newest || !channel?.joined || document.hidden || store.view !== "channel") return;
    const key = `${store.me} ${channel.id} ${newest.ts}`;
    if (key === told || (!channel.unread && Number(channel.read) >= Number(newest.ts))) return;
    told = key;
    act("read", { channel: channel.id, ts: newest.ts });
  });
}
