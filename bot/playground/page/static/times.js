// Instants as people read them, in the zone of whoever this window acts as.

import { me, now } from "./store.js";

const cache = new Map();

function format(zone, options, locale = "en-GB") {
  const key = JSON.stringify([zone, options, locale]);
  if (!cache.has(key)) cache.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  return cache.get(key);
}

const zone = () => me()?.tz ?? "UTC";
const said = (at, options, tz = zone()) => format(tz, options).format(at);

export const instant = (ts) => Number(ts) * 1000;
export const timeOf = (at, tz) => said(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, tz);
export const dayKey = (at) => said(at, { year: "numeric", month: "2-digit", day: "2-digit" });
export const longDay = (at, tz) => said(at, { weekday: "long", day: "numeric", month: "long" }, tz).replace(",", "");
export const shortDay = (at, tz) => said(at, { weekday: "short", day: "numeric", month: "short" }, tz).replace(",", "");
export const weekday = (at, tz) => said(at, { weekday: "short" }, tz);
export const fullTime = (at) => `${said(at, { weekday: "long", day: "numeric", month: "long", year: "numeric" })}, ${timeOf(at)}`;
export const cityOf = (tz) => tz.split("/").at(-1).replaceAll("_", " ");

const DAY = 86_400_000;

/** "Today", "Yesterday", "Tomorrow", or the day itself. */
export function dayName(at, otherwise = longDay) {
  const key = dayKey(at);
  if (key === dayKey(now())) return "Today";
  if (key === dayKey(now() - DAY)) return "Yesterday";
  if (key === dayKey(now() + DAY)) return "Tomorrow";
  return otherwise(at);
}

const TOKENS = {
  date_short_pretty: (at) => dayName(at, (day) => said(day, { day: "numeric", month: "short", year: "numeric" })),
  time: (at) => timeOf(at),
};

/** A date as Slack's tokens ask for it; the fallback where one is unknown. */
export function dated(seconds, pattern, fallback) {
  const unknown = [...pattern.matchAll(/\{(\w+)\}/g)].some(([, name]) => !TOKENS[name]);
  return unknown ? fallback : pattern.replace(/\{(\w+)\}/g, (_all, name) => TOKENS[name](seconds * 1000));
}

export function ago(at) {
  const minutes = Math.round((now() - at) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const day = dayName(at, (other) => `on ${longDay(other)}`);
  return `${day[0].toLowerCase()}${day.slice(1)} at ${timeOf(at)}`;
}
