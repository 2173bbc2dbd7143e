// How much time a round has left: ticks here, and is set anew by each look at the server (follow.js), which alone
// knows the time. An iPad's own clock is never asked.

import { mountOf } from "../common/mount.js";
import { plainText, setText } from "../common/text.js";

const TICK_MS = 250;
const WORD_SHOWN_MS = 6_000;
const OFF_BY_MS = 1500; // less than this is the way from the server: figures that jump back are worse
const SIGNS = { calm: "⏳", soon: "⏳", last: "⏳", over: "🏁", paused: "⏸️" };
// What is said in words, once, when so much is left.
const WORDS = [
  { key: "clock_five", at: 300_000 },
  { key: "clock_one", at: 60_000 },
  { key: "clock_over", at: 0 },
];

/** "8:05": whole seconds, rounded up, so that 0:00 is the end and not before. */
export function figures(leftMs) {
  const seconds = Math.ceil(Math.max(0, leftMs) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function stageOf(leftMs, paused) {
  if (leftMs <= 0) return "over";
  if (paused) return "paused";
  if (leftMs <= 60_000) return "last";
  return leftMs <= 300_000 ? "soon" : "calm";
}

/** The word that is due when the time goes from one moment to the next; null for none. */
export const wordDue = (beforeMs, leftMs) =>
  WORDS.findLast(({ at }) => beforeMs > at && leftMs <= at)?.key ?? null;

/** What is left by now of what the server said. `heard`: {leftMs, paused, at}, `at` by the browser's steady clock. */
export const leftNow = (heard, now) =>
  heard.paused ? heard.leftMs : Math.max(0, heard.leftMs - (now - heard.at));

/** The newer word of the server, or the old one where they say the same but for the way. */
export function agreed(heard, news) {
  if (!heard || heard.paused !== news.paused) return news;
  return Math.abs(leftNow(heard, news.at) - news.leftMs) > OFF_BY_MS ? news : heard;
}

export class RoundClock {
  constructor(root) {
    const $ = (name) => root.querySelector(name);
    this.root = $(".round");
    this.part = {
      sign: $(".sign"),
      name: $(".name"),
      left: $(".left"),
      word: $(".word"),
      spoken: $(".spoken"),
    };
    this.onNews = ({ detail }) => this.hear(detail);
    addEventListener("round-clock", this.onNews);
    this.ticking = setInterval(() => this.tick(), TICK_MS);
  }

  update({ data }) {
    this.text = data.strings;
    setText(this.part.name, this.text.clock_left);
    this.hear({ leftMs: data.left_ms, paused: data.paused });
  }

  hear({ leftMs, paused }) {
    this.heard = agreed(this.heard, { leftMs, paused, at: performance.now() });
    if (this.text) this.tick();
  }

  tick() {
    const { part, heard } = this;
    if (!heard) return;
    const left = leftNow(heard, performance.now());
    const stage = stageOf(left, heard.paused);
    this.root.dataset.stage = stage;
    document.documentElement.dataset.clock = stage; // for the page around: children_frame.css
    setText(part.sign, SIGNS[stage]);
    setText(part.left, figures(left));
    // Of a pause the page itself tells: a bubble would lie on its words.
    if (stage === "paused" && this.stage && this.stage !== stage) this.say("clock_paused", { bubble: false });
    else if (this.before !== undefined && wordDue(this.before, left)) this.say(wordDue(this.before, left));
    if (this.before > 0 && left <= 0) dispatchEvent(new Event("round-over")); // follow.js looks at once
    this.before = left;
    this.stage = stage;
  }

  say(key, { bubble = true } = {}) {
    const { word, spoken } = this.part;
    setText(word, this.text[key]);
    word.hidden = !bubble;
    spoken.textContent = plainText(this.text[key]);
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      word.hidden = true;
      spoken.textContent = "";
    }, WORD_SHOWN_MS);
  }

  close() {
    clearInterval(this.ticking);
    clearTimeout(this.quiet);
    removeEventListener("round-clock", this.onNews);
    delete document.documentElement.dataset.clock;
  }
}

export default mountOf(RoundClock);
