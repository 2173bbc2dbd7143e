// The photo coach's bubble beside the shutter: one picture, one sentence, not too often.
// Knows nothing of how advice is found (the server does that) or of how photos travel.

import { plainText, setText } from "../common/text.js";

const ADVICE_GAP_MS = 20_000; // between two bubbles on this iPad
const ADVICE_AGAIN_MS = 60_000; // until the same advice may come again
const ADVICE_FRESH_MS = 10_000; // a photo that waited longer for the network is forgotten by now
const ADVICE_SHOWN_MS = 6_000;
const ADVICE_PICTURES = {
  face: "🙂",
  dark: "🌙",
  blurry: "💨",
  same: "🔁",
  few: "⚖️",
  background: "🖼️",
  seen: "🙈",
};

/** When each advice was shown, by kind; on window, so that a change of page does not start it over. */
function coachTimes() {
  window.classroomCoachTimes ??= new Map();
  return window.classroomCoachTimes;
}

/** Is advice to be shown now? `label` is the one that photos are taken of; `times` when each kind was shown. */
export function isTimely(advice, label, times, now) {
  if (!advice?.sentence || advice.label !== label) return false; // for another label it comes too late
  if (now - advice.takenAt > ADVICE_FRESH_MS) return false;
  if (now - Math.max(0, ...times.values()) < ADVICE_GAP_MS) return false;
  return now - (times.get(advice.kind) ?? 0) >= ADVICE_AGAIN_MS;
}

export class CoachBubble {
  constructor(root) {
    const $ = (name) => root.querySelector(name);
    this.part = {
      bubble: $(".coach"),
      picture: $(".coach-picture"),
      text: $(".coach-text"),
      spoken: $(".coach-spoken"),
    };
  }

  hear(advice, label) {
    const now = Date.now();
    const times = coachTimes();
    if (!isTimely(advice, label, times, now)) return;
    times.set(advice.kind, now);
    const { part } = this;
    setText(part.picture, ADVICE_PICTURES[advice.kind] ?? "💡");
    setText(part.text, advice.sentence);
    part.spoken.textContent = plainText(advice.sentence);
    part.bubble.dataset.kind = advice.kind;
    part.bubble.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      part.bubble.hidden = true;
      part.spoken.textContent = "";
    }, ADVICE_SHOWN_MS);
  }

  close() {
    clearTimeout(this.timer);
  }
}
