// Light or dark: as the system says, until somebody says otherwise here.

import { icon, iconButton } from "./dom.js";

const KEY = "parley.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

const isDark = () => (localStorage.getItem(KEY) ?? (dark.matches ? "dark" : "light")) === "dark";

const button = iconButton("moon", "Light or dark", () => {
  localStorage.setItem(KEY, isDark() ? "light" : "dark");
  apply();
});

function apply() {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  button.replaceChildren(icon(isDark() ? "sun" : "moon"));
}

export function startTheme() {
  dark.addEventListener("change", apply);
  apply();
}

export const themeButton = () => button;
