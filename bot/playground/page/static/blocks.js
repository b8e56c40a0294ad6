// The blocks that Parley sends, drawn; anything else is drawn as a warning.

import { chart } from "./chart.js";
import { h, newId } from "./dom.js";
import { field } from "./fields.js";
import { richText } from "./rich_text.js";
import { act } from "./store.js";
import { warning } from "./warning.js";

/** Blocks that stand in `place` ({view}, or {channel, ts}); `form` gathers the fields among them. */
export function blocks(listed, place, form = null) {
  const all = listed.map((block) => drawn(block, place, form)), rows = all.filter((each) => each.matches(".actions"));
  if (rows.length > 1) for (const row of rows) told(row, all[all.indexOf(row) - 1]);
  return all;
}

/** Of several rows of buttons each is about what stands above it: who hears "Agree" hears to what. */
function told(row, above) {
  if (!above?.matches(".rich")) return;
  above.id = newId("above");
  row.setAttribute("role", "group");
  row.setAttribute("aria-labelledby", above.id);
}

function drawn(block, place, form) {
  switch (block.type) {
    case "header":
      return h("h3", { class: "headline", dir: "auto" }, block.text.text);
    case "rich_text":
      return richText(block);
    case "table":
      return table(block);
    case "data_visualization":
      return chart(block);
    case "actions":
      return h("div", { class: "actions" }, block.elements.map((element) => button(element, block, place)));
    case "input":
      return form ? field(block, form) : warning("input");
    default:
      return warning(block.type);
  }
}

function table(block) {
  const [header, ...rows] = block.rows;
  const kinds = header.map((_, column) => (rows.every((row) => isNumber(row[column])) ? "number" : null));
  const named = header.map(cellText).filter((text) => typeof text === "string").join(", ");
  const cellOf = (cell, column) => {
    const isName = column === 0 && !kinds[0];
    return h(isName ? "th" : "td", { scope: isName ? "row" : null, dir: "auto", class: kinds[column] }, cellText(cell));
  };
  return h("div", { class: "table", tabindex: "0", role: "group", "aria-label": `Table: ${named}` },
    h("table", {},
      h("thead", {}, h("tr", {}, header.map((cell) => h("th", { scope: "col", dir: "auto" }, cellText(cell))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cellOf))))));
}

const cellText = (cell) => (cell.type === "raw_text" ? cell.text : warning(`table cell ${cell.type}`));
const isNumber = (cell) => cell.type === "raw_text" && /^[-+–]?[\d.,\s]*\d\s?(%|[€$£])?$/.test(cell.text);

function button(element, block, place) {
  if (element.type !== "button") return warning(element.type);
  const press = () => act("press", { ...place, block: block.block_id, action: element.action_id });
  const look = `button ${element.style ?? ""}`.trim();
  const known = { class: look, data: { key: element.value ?? element.action_id } }; // Slack gives a changed block another id
  if (element.url && /^https?:/i.test(element.url)) {
    return h("a", { ...known, href: element.url, target: "_blank", rel: "noopener noreferrer", onclick: press, dir: "auto" }, element.text.text);
  }
  const drawnButton = h("button", { ...known, type: "button", dir: "auto" }, element.text.text);
  drawnButton.addEventListener("click", () => busyWhile(drawnButton, press()));
  return drawnButton;
}

/** Show that something is under way, and take no second press meanwhile; it keeps the focus, to which a form returns. */
export async function busyWhile(element, work) {
  if (element.classList.contains("busy")) return null;
  element.classList.add("busy");
  try {
    return await work;
  } finally {
    element.classList.remove("busy");
  }
}
