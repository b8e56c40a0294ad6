// Emojis by the names Slack gives them. What Parley understands comes first in the picker.

export const MEANT = [
  ["white_check_mark", "✅", "accept the lead"],
  ["+1", "👍", "good lead"],
  ["-1", "👎", "not a good lead"],
  ["recycle", "♻️", "not now"],
  ["no_entry_sign", "🚫", "duplicate, or the wrong owner"],
  ["question", "❓", "ask marketing for more"],
  ["eyes", "👀", "I am looking at it"],
];
const OTHERS = [
  ["tada", "🎉"], ["heart", "❤️"], ["joy", "😂"], ["pray", "🙏"], ["fire", "🔥"], ["rocket", "🚀"], ["thinking_face", "🤔"], ["wave", "👋"],
];
const ALSO = [
  ["x", "❌"], ["warning", "⚠️"], ["bulb", "💡"], ["star", "⭐"], ["clap", "👏"], ["smile", "😄"], ["raised_hands", "🙌"],
  ["hourglass_flowing_sand", "⏳"], ["trophy", "🏆"], ["seedling", "🌱"], ["speech_balloon", "💬"], ["bell", "🔔"],
  ["one", "1️⃣"], ["two", "2️⃣"], ["three", "3️⃣"], ["four", "4️⃣"], ["five", "5️⃣"],
];
const BY_NAME = new Map([...MEANT, ...OTHERS, ...ALSO].map(([name, drawn]) => [name, drawn]));
const TONES = { 2: "🏻", 3: "🏼", 4: "🏽", 5: "🏾", 6: "🏿" };

export const PICKED = [...MEANT.map(([name, drawn, about]) => ({ name, drawn, about })), ...OTHERS.map(([name, drawn]) => ({ name, drawn, about: "" }))];

const SPOKEN = { "+1": "thumbs up", "-1": "thumbs down" };

/** The name of an emoji as one reads it aloud. */
export const spoken = (name) => SPOKEN[name] ?? name.replaceAll("_", " ");

/** The emoji of a name; its name between colons where it is unknown. */
export function emoji(name) {
  const [plain, tone] = name.split("::skin-tone-");
  const drawn = BY_NAME.get(plain);
  return drawn ? drawn + (TONES[tone] ?? "") : `:${name}:`;
}
