// Light or dark: as the system says, until somebody says otherwise here.

import { icon, iconButton } from "./dom.js";

const KEY = "parley.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

const isDark = () => (localStorage.getItem(KEY) ?? (dark.matches ? "dark" : "light")) === "dark";

export function startTheme() {
  const apply = () => document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  dark.addEventListener("change", apply);
  apply();
}

export function themeButton() {
  const drawn = iconButton("moon", "Light or dark", () => {
    localStorage.setItem(KEY, isDark() ? "light" : "dark");
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    drawn.replaceChildren(icon(isDark() ? "sun" : "moon"));
  });
  drawn.replaceChildren(icon(isDark() ? "sun" : "moon"));
  return drawn;
}
