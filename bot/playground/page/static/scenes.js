// "Technical details": what the workspace and Parley say to each other, as it happens.

import { fill, h } from "./dom.js";
import { act, ask, on, store } from "./store.js";
import { timeOf } from "./times.js";

const KEPT = 300;
const list = h("ol", { class: "traffic" });

export function startScenes() {
  on("traffic", (line) => {
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    list.append(drawn(line));
    if (list.children.length > KEPT) list.firstChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
  });
  on("connected", () => store.panel === "scenes" && look());
}

export function scenesPanel() {
  look();
  const about = "Everything Slack and Parley would tell each other. Open a line to see the message itself.";
  return { title: "Technical details", about, content: [h("p", { class: "key" }, h("i", { class: "parley" }), "Parley does something", h("i", { class: "people" }), "Parley is told of something"), list] };
}

export const leaveScenes = () => act("inspect", { on: false });

async function look() {
  const answer = await act("inspect", { on: true });
  if (!answer) return;
  fill(list, answer.lines.map(drawn));
  list.scrollTop = list.scrollHeight;
}

function drawn({ n, at, by, what, name, outcome }) {
  const payload = h("pre", { tabindex: "0" });
  const details = h("details", {},
    h("summary", {}, h("time", {}, timeOf(at)), h("span", {}, what), outcome === "ok" ? null : h("em", {}, outcome), h("code", {}, name)), payload);
  details.addEventListener("toggle", async () => {
    if (!details.open || payload.textContent) return;
    try {
      payload.textContent = JSON.stringify((await ask("payload", { n })).payload, null, 2);
      details.scrollIntoView({ block: "nearest" });
    } catch (error) {
      payload.textContent = error.message;
    }
  });
  return h("li", { class: outcome === "ok" ? by : `${by} failed` }, details);
}
