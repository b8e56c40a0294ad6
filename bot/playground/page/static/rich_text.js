// Text as Slack structures it: rich_text blocks, and the text of messages that carry none.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { nameOf } from "./people.js";
import { person, store } from "./store.js";
import { dated, fullTime } from "./times.js";
import { warning } from "./warning.js";

/** A rich_text block. */
export function richText(block) {
  return h("div", { class: "rich" }, block.elements.map(part));
}

function part(element) {
  switch (element.type) {
    case "rich_text_section":
      return h("p", { dir: "auto" }, element.elements.map(span));
    case "rich_text_quote":
      return h("blockquote", { dir: "auto" }, element.elements.map(span));
    case "rich_text_preformatted":
      return h("pre", { dir: "auto", tabindex: "0" }, element.elements.map(span));
    default:
      return warning(element.type);
  }
}

function span(element) {
  switch (element.type) {
    case "text":
      return styled(element.text, element.style);
    case "user":
      return mention(element.user_id);
    case "channel":
      return channelMention(element.channel_id);
    case "broadcast":
      return h("span", { class: "mention" }, `@${element.range}`);
    case "link":
      return link(element.url, element.text || element.url);
    case "emoji":
      return emoji(element.name);
    case "date": {
      const shown = dated(element.timestamp, element.format, element.fallback);
      return h("time", { datetime: new Date(element.timestamp * 1000).toISOString(), title: fullTime(element.timestamp * 1000) }, shown);
    }
    default:
      return warning(element.type);
  }
}

function styled(text, style = {}) {
  let drawn = text;
  if (style.code) drawn = h("code", {}, drawn);
  if (style.bold) drawn = h("strong", {}, drawn);
  if (style.italic) drawn = h("em", {}, drawn);
  if (style.strike) drawn = h("s", {}, drawn);
  return drawn;
}

function mention(id) {
  const known = person(id);
  return h("span", { class: id === store.me ? "mention mine" : "mention", title: known?.title || null, dir: "auto" }, `@${nameOf(id)}`);
}

function channelMention(id) {
  const known = store.channels.get(id);
  return known ? h("a", { class: "mention", href: `#at=${id}`, data: { channel: id } }, `#${known.name}`) : h("span", { class: "mention" }, "#private");
}

/** A link that leads out of the playground; only addresses of the web become one. */
export function link(url, text) {
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return h("span", { dir: "auto" }, text);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, text);
}

const UNESCAPED = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const unescaped = (text) => text.replace(/&(lt|gt|amp);/g, (entity) => UNESCAPED[entity]);

/** The text of a message without blocks: mentions and links stand in it between angle brackets. */
export function plainText(text) {
  return h("div", { class: "rich" }, h("p", { dir: "auto" }, text.split(/(<[^<>\s][^<>\n]*>)/).map(token)));
}

function token(piece, index) {
  if (index % 2 === 0) return unescaped(piece);
  const [target, label] = piece.slice(1, -1).split("|");
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return channelMention(target.slice(1));
  if (target.startsWith("!")) return h("span", { class: "mention" }, label ?? `@${target.slice(1)}`);
  return link(unescaped(target), unescaped(label ?? target));
}
