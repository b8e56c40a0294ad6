// What fits the word being typed: commands after a slash, people after @, channels after #. Worked by keyboard.

import { fill, h, newId } from "./dom.js";
import { avatar } from "./people.js";
import { store } from "./store.js";

const MOST = 8;

export class Completion {
  constructor(text, listId, { commands, changed }) {
    Object.assign(this, { text, commands, changed, at: 0, found: [] });
    this.list = h("ul", { id: listId, class: "completions", role: "listbox", "aria-label": "Suggestions", hidden: true });
    text.addEventListener("blur", () => this.close());
  }

  look() {
    const { value, selectionStart: end } = this.text, before = value.slice(0, end);
    const word = before.match(/(^|\s)([@#])([\p{L}\p{N}._-]*)$/u);
    if (this.commands && /^\/\S*$/.test(before)) this.show(commandsLike(before), 0, end);
    else if (word) this.show(word[2] === "@" ? peopleLike(word[3]) : channelsLike(word[3]), end - word[3].length - 1, end);
    else this.close();
  }

  show(found, start, end) {
    Object.assign(this, { found, start, end, at: 0 });
    fill(this.list, found.map((each, index) => {
      const element = h("li", { id: newId("suggestion"), role: "option", "aria-selected": String(index === 0) }, each.drawn);
      element.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        this.take(each);
      });
      return element;
    }));
    this.list.hidden = !found.length;
    this.mark(0);
  }

  mark(at) {
    this.at = at;
    [...this.list.children].forEach((each, index) => each.setAttribute("aria-selected", String(index === at)));
    const chosen = this.list.children[at];
    if (chosen) this.text.setAttribute("aria-activedescendant", chosen.id);
    else this.text.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.found = [];
    this.list.hidden = true;
    this.text.removeAttribute("aria-activedescendant");
  }

  /** Whether the key was for the list. */
  key(event) {
    if (!this.found.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = this.found[this.at];
    if (step) this.mark((this.at + step + this.found.length) % this.found.length);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" || (event.key === "Enter" && chosen.insert.trim() !== this.text.value.slice(this.start, this.end))) this.take(chosen);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  take({ insert }) {
    this.text.setRangeText(insert, this.start, this.end, "end");
    this.close();
    this.changed();
    this.close();
    this.text.focus();
  }
}

const INVITE = { name: "/invite", hint: "@parley", about: "Bring Parley into this channel" };

function commandsLike(typed) {
  const fits = (each) => each.name.startsWith(typed.toLowerCase());
  return [...store.commands, INVITE].filter(fits).slice(0, MOST).map((each) => ({
    insert: `${each.name} `,
    drawn: [h("strong", {}, each.name), h("code", {}, each.hint), h("small", {}, each.about)],
  }));
}

function peopleLike(typed) {
  const wanted = typed.toLowerCase();
  const fits = (each) => !each.gone && [each.handle, ...each.name.toLowerCase().split(/\s+/)].some((word) => word.startsWith(wanted));
  return [...store.people.values()].filter(fits).slice(0, MOST).map((each) => ({
    insert: `@${each.handle} `,
    drawn: [avatar(each.id, each.name, each.bot), h("strong", { dir: "auto" }, each.name), h("small", {}, each.title || (each.bot ? "App" : `@${each.handle}`))],
  }));
}

function channelsLike(typed) {
  const fits = (each) => each.kind !== "im" && each.name.startsWith(typed.toLowerCase());
  return [...store.channels.values()].filter(fits).slice(0, MOST).map((each) => ({ insert: `#${each.name} `, drawn: [h("strong", {}, `#${each.name}`)] }));
}
