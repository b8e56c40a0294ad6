// What this window knows: who it acts as, where it looks, and what it has been told. Others subscribe by topic.

import { Connection } from "./connection.js";

const listeners = new Map();
export const store = {
  me: "", bot: "", dm: "", workspace: "",
  people: new Map(), channels: new Map(), commands: [], shortcuts: [],
  channel: "", view: "channel", // "channel", or "home"
  messages: new Map(), more: false, // of the open channel, by ts
  thread: null, // { channel, ts, parent, replies }
  home: null, modals: [], tour: [], offers: [], travelling: false,
  skew: 0, panel: "", isTouring: false, readUntil: "0",
};

export function on(topics, listener) {
  for (const topic of topics.split(" ")) listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
}

export function tell(topic, about) {
  for (const listener of listeners.get(topic) ?? []) listener(about);
}

export const me = () => store.people.get(store.me);
export const person = (id) => store.people.get(id);
export const current = () => store.channels.get(store.channel);
export const now = () => Date.now() + store.skew;

const connection = new Connection({ hears: hear, opened: () => tell("connected"), lost: () => tell("lost") });
export const connect = () => connection.open();
export const ask = (act, fields) => connection.ask(act, fields);

/** Ask, and show the person what went wrong, if anything. Resolves to null then. */
export async function act(name, fields) {
  try {
    return await ask(name, fields);
  } catch (error) {
    tell("refused", error.message);
    return null;
  }
}

const sorted = (messages) => messages.sort((a, b) => a.ts - b.ts);

export function become(seen) {
  Object.assign(store, {
    me: seen.me, bot: seen.bot, dm: seen.dm, workspace: seen.workspace, commands: seen.commands, shortcuts: seen.shortcuts,
    home: seen.home, modals: seen.modals, tour: seen.tour, messages: new Map(), thread: null,
  });
  store.channels = new Map(seen.channels.map((channel) => [channel.id, channel]));
  setPeople(seen.people);
  setTime(seen.time);
  tell("me");
}

function setPeople(people) {
  store.people = new Map(people.map((each) => [each.id, each]));
}

function setTime({ clock, offers, travelling }) {
  store.skew = clock - Date.now();
  Object.assign(store, { offers, travelling });
}

export function setMessages({ messages, more }, older = false) {
  if (!older) store.messages = new Map();
  const all = sorted([...messages, ...store.messages.values()]);
  store.messages = new Map(all.map((message) => [message.ts, message]));
  store.more = more;
}

const HEARD = {
  message({ message }) {
    const isReply = message.thread && store.thread?.ts === message.thread, isNewReply = isReply && upsert(store.thread.replies, message);
    if (store.thread?.ts === message.ts && store.thread.channel === message.channel) store.thread.parent = message;
    tell("thread", { message, isNew: isNewReply });
    if (message.channel !== store.channel || (message.thread && !message.broadcast)) return;
    const isNew = !store.messages.has(message.ts);
    store.messages.set(message.ts, message);
    const newest = [...store.messages.keys()].at(-2);
    if (isNew && newest > message.ts) store.messages = new Map(sorted([...store.messages.values()]).map((each) => [each.ts, each]));
    tell("message", { message, isNew });
  },
  gone({ channel, ts }) {
    if (store.thread) store.thread.replies = store.thread.replies.filter((each) => each.ts !== ts);
    tell("thread", {});
    if (channel === store.channel && store.messages.delete(ts)) tell("gone", ts);
  },
  channel({ channel }) {
    store.channels.set(channel.id, channel);
    tell("channels");
  },
  channel_gone({ channel }) {
    store.channels.delete(channel);
    tell("channels");
  },
  people({ people }) {
    setPeople(people);
    tell("people");
  },
  home({ home }) {
    store.home = home;
    tell("home");
  },
  modals({ modals }) {
    store.modals = modals;
    tell("modals");
  },
  trouble({ text }) {
    tell("trouble", text);
  },
  clock(said) {
    setTime(said);
    tell("clock");
  },
  tour({ steps }) {
    store.tour = steps;
    tell("tour");
  },
  traffic({ line }) {
    tell("traffic", line);
  },
};

/** Whether it is a new one. */
function upsert(messages, message) {
  const at = messages.findIndex((each) => each.ts === message.ts);
  if (at < 0) messages.push(message);
  else messages[at] = message;
  sorted(messages);
  return at < 0;
}

function hear(said) {
  HEARD[said.kind]?.(said);
}
