// What the playground cannot draw is said, not hidden.

import { h } from "./dom.js";

export function warning(type) {
  return h("p", { class: "warning", role: "note" }, `Slack would show something here that the playground cannot draw: ${type}`);
}
