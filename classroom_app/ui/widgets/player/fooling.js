// In a swap round: the children say what the thing before them really is, and whether that fooled the other group's AI.
// Two labels are sent, and nothing of the picture.

import { isPassing, post } from "../common/ask.js";
import { make, makeEmoji } from "../common/base.js";
import { setLabel, setText } from "../common/text.js";

const ADDRESS = "/swap/fooled";
const LIMIT_MS = 8000;
const JSON_TYPE = { headers: { "Content-Type": "application/json" } };
// What comes after the server's answers; after "soon" the same label once more.
const AFTER = { counted: "next", again: "next", enough: "over" };

/** What a label says of a guess: the AI was "right", did not know ("doubt"), or took it for something else ("fooled"). */
export function verdictOf(guessed, unsure, label) {
  if (guessed === label) return "right";
  return unsure ? "doubt" : "fooled";
}

/** The sentence for an answer of the server, and what comes after: the same label "again", the "next" thing, or
 * nothing, because it is "over". */
export function saidOf(reply, text) {
  const { ok, answer } = reply;
  if (ok && answer?.check) {
    const sentence = text[`swap_${answer.check}`];
    return { sentence, after: AFTER[answer.check] ?? "again" };
  }
  if (answer?.error === "swap_over") return { sentence: text.swap_over, after: "over" };
  return isPassing(reply)
    ? { sentence: text.player_offline, after: "again" }
    : { sentence: answer?.message ?? text.player_offline, after: "over" };
}

export class Fooling {
  /** `goOn`: the next thing is wanted, so the picture may move again. */
  constructor(root, goOn) {
    this.root = root;
    const $ = (name) => root.querySelector(name);
    this.part = {
      box: $(".really"),
      ask: $(".really-ask"),
      labels: $(".really-labels"),
      said: $(".really-said"),
      truth: $(".really-truth"),
      next: $(".really-next"),
    };
    this.part.next.addEventListener("click", goOn);
    this.buttons = new Map(); // label id -> button
    this.guess = null; // what the AI says of the picture that stands still
  }

  /** No labels: the AI is the group's own, and nothing is asked. */
  update(labels, text) {
    this.text = text;
    setText(this.part.ask, text.swap_really);
    this.names = new Map(labels.map((label) => [label.label_id, label.name]));
    if (labels.length === this.buttons.size && labels.every((label) => this.buttons.has(label.label_id)))
      return;
    this.buttons = new Map(labels.map((label) => [label.label_id, this.button(label)]));
    this.part.labels.replaceChildren(...this.buttons.values());
  }

  button(label) {
    const button = make("button", { type: "button" });
    const name = make("span", { className: "really-name" });
    setText(name, label.name);
    button.append(makeEmoji("emoji", label.emoji), name);
    setLabel(button, label.name);
    button.addEventListener("click", () => this.say(label.label_id));
    return button;
  }

  /** The AI has said what it sees in the picture that stands still. */
  ask({ first, unsure }) {
    if (!this.buttons.size || this.guess) return;
    this.guess = { first, unsure };
    this.show(true);
  }

  clear() {
    this.guess = null;
    this.tell("", "again");
    for (const button of this.buttons.values()) button.classList.remove("said");
    this.show(false);
  }

  show(asks) {
    this.part.box.hidden = !asks;
    this.root.classList.toggle("asks", asks);
  }

  /** What came of it. When that is more than "again" the question goes, and there is one thing to do: what the
   * button says. */
  tell(sentence, after, next = this.text?.swap_next, truth = "") {
    const { part } = this;
    const told = after !== "again";
    setText(part.said, sentence);
    setText(part.next, next);
    setText(part.truth, truth);
    part.truth.hidden = !told || !truth;
    part.ask.hidden = part.labels.hidden = told;
    part.next.hidden = after !== "next";
    this.root.classList.toggle("told", told);
  }

  async say(label) {
    const { guess } = this;
    if (!guess || this.saying) return;
    for (const [id, button] of this.buttons) button.classList.toggle("said", id === label);
    const verdict = verdictOf(guess.first, guess.unsure, label);
    if (verdict !== "fooled") {
      const next = verdict === "doubt" ? this.text.swap_once_more : this.text.swap_next;
      this.tell(this.text[`swap_${verdict}`], "next", next);
      return;
    }
    this.saying = true;
    const { sentence, after } = await this.sent(label, guess.first);
    this.saying = false;
    if (guess !== this.guess) return; // another picture stands there meanwhile
    const truth = this.text.mistakes_truth.replace("%label", () => this.names.get(label));
    this.tell(sentence, after, this.text.swap_next, truth);
  }

  async sent(label, guess) {
    try {
      return saidOf(await post(ADDRESS, LIMIT_MS, JSON.stringify({ label, guess }), JSON_TYPE), this.text);
    } catch {
      return { sentence: this.text.player_offline, after: "again" }; // no network
    }
  }
}
