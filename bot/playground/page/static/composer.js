// Where one writes: text, commands with their hints, names after @, files.

import { h, icon, iconButton, newId } from "./dom.js";
import { Completion } from "./completion.js";
import { act, current, store, tell } from "./store.js";

const MOST_BYTES = 5 * 1024 * 1024;
const drafts = new Map(); // by channel or thread

export class Composer {
  /** `thread()` is the ts of the thread that is written into, or null. */
  constructor({ thread = () => null, placeholder }) {
    this.thread = thread;
    this.placeholder = placeholder;
    const listId = newId("completions");
    this.text = h("textarea", { rows: 1, dir: "auto", "aria-autocomplete": "list", "aria-controls": listId, "aria-describedby": `${listId}-hint`, autocomplete: "off", spellcheck: "true" });
    this.hint = h("p", { class: "command-hint", id: `${listId}-hint`, hidden: true });
    this.completion = new Completion(this.text, listId, { commands: !thread(), changed: () => this.changed() });
    this.files = h("input", { type: "file", hidden: true, tabindex: "-1", onchange: () => this.upload() });
    this.send = h("button", { type: "button", class: "send", "aria-label": "Send", title: "Send", onclick: () => this.submit() }, icon("send"));
    this.also = h("input", { type: "checkbox", id: `${listId}-also` });
    const attach = iconButton("clip", "Share a file", () => this.files.click());
    this.element = h("div", { class: "composer" }, this.completion.list, this.hint,
      h("div", { class: "typing" }, attach, this.text, this.send), this.files,
      thread() ? h("label", { class: "also", for: `${listId}-also` }, this.also, "Also send to the channel") : null);
    this.text.addEventListener("input", () => this.changed());
    this.text.addEventListener("keydown", (event) => this.key(event));
  }

  /** Take up what was being written here. */
  show() {
    this.draft = `${store.me} ${store.channel} ${this.thread() ?? ""}`;
    this.text.value = drafts.get(this.draft) ?? "";
    const label = this.placeholder();
    this.text.placeholder = label;
    this.text.setAttribute("aria-label", label);
    this.changed();
    this.completion.close();
  }

  focus() {
    this.text.focus();
  }

  changed() {
    drafts.set(this.draft, this.text.value);
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 180)}px`;
    this.send.disabled = !this.text.value.trim();
    this.completion.look();
    const command = !this.thread() && store.commands.find((each) => this.text.value.startsWith(`${each.name} `));
    this.hint.hidden = !command;
    this.hint.textContent = command ? `${command.name} ${command.hint}` : "";
  }

  key(event) {
    if (event.isComposing || this.completion.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    }
  }

  async submit() {
    const typed = this.text.value.trim(), channel = store.channel, thread = this.thread();
    if (!typed) return;
    this.text.value = "";
    this.changed();
    const done = await this.deliver(typed, channel, thread);
    if (!done && !this.text.value) {
      this.text.value = typed;
      this.changed();
    }
  }

  deliver(typed, channel, thread) {
    if (thread) {
      const broadcast = this.also.checked;
      this.also.checked = false;
      return act("write", { channel, text: typed, thread, broadcast });
    }
    const invited = typed.match(/^\/invite\s+@(\S+)$/i)?.[1].toLowerCase();
    if (invited && invited === store.people.get(store.bot)?.handle) return act("invite", { channel });
    return typed.startsWith("/") ? act("command", { channel, line: typed }) : act("write", { channel, text: typed });
  }

  async upload() {
    const [file] = this.files.files;
    this.files.value = "";
    if (!file) return;
    if (file.size > MOST_BYTES) {
      tell("refused", "Files here have at most 5 MB.");
      return;
    }
    const text = this.text.value.trim();
    const done = await act("upload", { channel: store.channel, name: file.name, content: await base64(file), text, thread: this.thread() });
    if (done && text) {
      this.text.value = "";
      this.changed();
    }
  }
}

function base64(file) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.readAsDataURL(file);
  });
}

export const placeholder = () => {
  const channel = current();
  return channel?.kind === "im" ? "Write to Parley, or / for commands" : `Write in #${channel?.name ?? ""}, or / for commands`;
};
