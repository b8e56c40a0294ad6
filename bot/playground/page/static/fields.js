// The fields of forms: how each kind is drawn, and what it holds.

import { combobox } from "./combobox.js";
import { h, newId } from "./dom.js";
import { person, store } from "./store.js";
import { warning } from "./warning.js";

const MOST = 3000, NEARLY = 60; // characters in a text; left when one is told

/** The fields of one form. `entered` keeps what was typed, by block and action, over redrawing. */
export class Form {
  constructor(place, { values, errors, entered, changed, search }) {
    Object.assign(this, { place, given: values, errors, entered, changed, search, blocks: new Map() });
  }

  /** What stands in all fields, as the server takes it. */
  values() {
    const found = {};
    for (const { block, read } of this.blocks.values()) found[block.block_id] = { [block.element.action_id]: read() };
    return found;
  }

  /** What to begin with: what was typed here, else what the server knows. */
  initial(block, stored) {
    const kept = this.entered.get(keyOf(block));
    return kept && kept.type === block.element.type ? kept.value : stored(this.given[block.block_id]?.[block.element.action_id] ?? {});
  }

  /** A person typed or chose; `done` when they have finished with the field. What was wrong with it was another value. */
  took(block, done) {
    const { read, drawn } = this.blocks.get(block.block_id);
    delete this.errors[block.block_id];
    forgive(drawn);
    this.entered.set(keyOf(block), { type: block.element.type, value: read(), done });
    if (done) this.changed(block);
  }
}

const keyOf = (block) => `${block.block_id}/${block.element.action_id}`;

/** An input block with its label, hint and error. */
export function field(block, form) {
  const kind = KINDS[block.element.type];
  if (!kind) return warning(block.element.type);
  const id = newId("field"), error = form.errors[block.block_id];
  const described = [block.hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || null;
  const about = { id, "aria-describedby": described, "aria-invalid": error ? "true" : null, "aria-required": block.optional ? null : "true", data: { key: keyOf(block) } };
  const { element, read, isGroup } = kind(block, form, about);
  const label = [h("bdi", {}, block.label.text), block.optional ? h("span", { class: "optional" }, " (optional)") : null];
  const below = [
    block.hint ? h("p", { class: "hint", id: `${id}-hint`, dir: "auto" }, block.hint.text) : null,
    error ? h("p", { class: "error", id: `${id}-error`, dir: "auto" }, error) : null,
  ];
  const look = error ? "field wrong" : "field";
  const drawn = isGroup
    ? h("fieldset", { class: look, "aria-describedby": described, data: { key: keyOf(block) } }, h("legend", {}, label), element, below)
    : h("div", { class: look }, h("label", { for: id }, label), element, below);
  form.blocks.set(block.block_id, { block, read, drawn });
  return drawn;
}

function forgive(drawn) {
  drawn.classList.remove("wrong");
  drawn.querySelector(".error")?.remove();
  drawn.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
}

const KINDS = {
  plain_text_input(block, form, about) {
    const { multiline, max_length: most = MOST } = block.element;
    const text = h(multiline ? "textarea" : "input", { ...about, dir: "auto", rows: multiline ? 4 : null, autocomplete: "off" });
    const field = typed(block, form, text, "value"), left = h("p", { role: "status" });
    const count = () => say(left, most - [...text.value].length);
    text.addEventListener("input", count);
    count();
    return { ...field, element: [text, left] };
  },
  number_input(block, form, about) {
    return typed(block, form, h("input", { ...about, inputmode: block.element.is_decimal_allowed ? "decimal" : "numeric", autocomplete: "off" }), "value");
  },
  datepicker(block, form, about) {
    return typed(block, form, h("input", { ...about, type: "date" }), "selected_date");
  },
  timepicker(block, form, about) {
    return typed(block, form, h("input", { ...about, type: "time" }), "selected_time");
  },
  static_select(block, form, about) {
    const { element: told } = block;
    const options = (listed) => listed.map((option) => h("option", { value: option.value }, option.text.text));
    const groups = told.option_groups?.map((group) => h("optgroup", { label: group.label.text }, options(group.options)));
    const element = h("select", about, h("option", { value: "" }, "Choose…"), groups ?? options(told.options));
    element.value = form.initial(block, (known) => known.selected_option?.value) ?? "";
    element.addEventListener("change", () => form.took(block, true));
    return { element, read: () => element.value || null };
  },
  checkboxes: many,
  multi_static_select: many,
  users_select(block, form, about) {
    const chosen = form.initial(block, (known) => known.selected_user);
    const start = chosen ? { value: chosen, text: person(chosen)?.name ?? chosen } : null;
    const search = async (query) => [{ options: peopleLike(query) }];
    return searched(block, form, about, start, search, (option) => option?.value ?? null);
  },
  external_select(block, form, about) {
    const stored = (known) => known.selected_option && { value: known.selected_option.value, text: known.selected_option.text.text };
    const least = block.element.min_query_length ?? 3;
    const search = async (query) => (query.length < least ? [] : form.search(block, query));
    return searched(block, form, about, form.initial(block, stored) ?? null, search, (option) => option);
  },
};

/** As Slack's counter: nothing is cut while one types, but one sees when it is about to be too much. */
function say(line, left) {
  line.hidden = left > NEARLY;
  line.className = left < 0 ? "left over" : "left";
  line.textContent = left < 0 ? `Too long by ${-left}` : `${left} left`;
}

function typed(block, form, element, key) {
  element.value = form.initial(block, (known) => known[key]) ?? "";
  element.addEventListener("input", () => form.took(block, false));
  element.addEventListener("change", () => form.took(block, true));
  return { element, read: () => element.value || null };
}

function many(block, form) {
  const chosen = new Set(form.initial(block, (known) => known.selected_options?.map((option) => option.value)) ?? []);
  const boxes = block.element.options.map((option) => {
    const box = h("input", { type: "checkbox", onchange: () => form.took(block, true) });
    box.checked = chosen.has(option.value);
    return { box, option };
  });
  const element = h("div", { class: "boxes" }, boxes.map(({ box, option }) => h("label", {}, box, h("bdi", {}, option.text.text))));
  const read = () => boxes.filter(({ box }) => box.checked).map(({ option }) => option.value);
  return { element, read, isGroup: true };
}

function searched(block, form, about, start, search, kept) {
  const { element, chosen } = combobox({ about, start, search, onchange: () => form.took(block, true) });
  return { element, read: () => kept(chosen()) };
}

function peopleLike(query) {
  const wanted = query.toLowerCase();
  const fits = (each) => !each.gone && `${each.name} ${each.handle} ${each.title}`.toLowerCase().includes(wanted);
  return [...store.people.values()].filter(fits).map((each) => ({ value: each.id, text: each.name, about: each.title }));
}
