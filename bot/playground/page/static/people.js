// People as the page shows them: a coloured sign with initials, a name, and their time.

import { h } from "./dom.js";
import { person } from "./store.js";

const HUES = [168, 22, 262, 205, 338, 92, 48, 300, 140, 230];

export function initials(name) {
  const words = name.trim().split(/\s+/);
  return (words.length > 1 ? [...words[0]][0] + [...words.at(-1)][0] : [...name].slice(0, 2).join("")).toUpperCase();
}

function hueOf(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return HUES[sum % HUES.length];
}

/** The sign of a person; of a bot it is square and wears the app's colours. */
export function avatar(id, name, isBot = false) {
  const drawn = h("span", { class: isBot ? "avatar bot" : "avatar", "aria-hidden": "true" }, isBot && name === "Parley" ? "" : initials(name || "?"));
  drawn.style.setProperty("--hue", hueOf(id || name || "?"));
  return drawn;
}

/** Who wrote a message: id, name and whether it is a bot. */
export function author(message) {
  const known = person(message.user);
  if (known) return { id: known.id, name: known.name, isBot: known.bot, outside: known.outside };
  return { id: message.author ?? "", name: message.author ?? "Somebody", isBot: true, outside: false };
}

export const nameOf = (id) => person(id)?.name ?? "somebody";

/** "Ana, Bo and 3 more". */
export function listed(ids, most = 4) {
  const names = ids.map(nameOf);
  if (names.length > most) return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : (names[0] ?? "");
}
