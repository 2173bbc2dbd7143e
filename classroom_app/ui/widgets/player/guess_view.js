// The guess as children see it: a picture and a name in large letters, and calm bars below.

import { make, replay } from "../common/base.js";
import { plainText, setText } from "../common/text.js";
import { CalmGuess } from "./calm_guess.js";

const PLACES = 3;
const SPOKEN_AFTER_MS = 1200; // a screen reader hears a guess that lasts, not every flicker

export class GuessView {
  constructor(root) {
    this.root = root;
    const $ = (name) => root.querySelector(name);
    this.part = {
      headline: $(".headline"),
      headPicture: $(".headline-picture"),
      headText: $(".headline-text"),
      bars: $(".bars"),
      spoken: $(".spoken"),
    };
    this.rows = new Map(); // label id -> row
    this.forget();
  }

  /** Another model, or nothing of the kind: nothing to be smoothed with. */
  forget() {
    this.guess = new CalmGuess();
    for (const row of this.rows.values()) row.box.remove();
    this.rows.clear();
  }

  /** `doubts`: a sentence for each reason not to know. No percentage stands beside "I don't know". */
  draw(doubts) {
    const { known, order, shares, unsure, best, reason } = this.guess;
    order.forEach((id, rank) => {
      const row = this.rows.get(id) ?? this.newRow(id, known.get(id));
      const share = shares.get(id);
      row.box.style.setProperty("--rank", String(Math.min(rank, PLACES)));
      row.box.style.setProperty("--p", share.toFixed(3));
      row.box.classList.toggle("out", rank >= PLACES);
      row.box.classList.toggle("best", rank === 0 && !unsure);
      row.share.textContent = unsure ? "" : `${Math.round(share * 100)}%`;
    });
    if (best) this.sayHeadline(best.emoji, best.name, "sure");
    else this.sayHeadline(reason === "torn" ? "😕" : "🤔", doubts[reason], "unsure");
    this.root.dataset.reason = reason;
  }

  newRow(id, score) {
    const span = (className) => make("span", { className });
    const row = { box: span("row"), share: span("share") };
    const [emoji, track, fill, name] = ["emoji", "track", "fill", "name"].map(span);
    emoji.textContent = score.emoji;
    setText(name, score.name);
    track.append(fill, name);
    row.box.append(emoji, track, row.share);
    this.part.bars.append(row.box);
    this.rows.set(id, row);
    return row;
  }

  sayHeadline(picture, sentence, kind) {
    this.root.dataset.guess = kind;
    const spoken = plainText(sentence);
    if (this.said === spoken) return;
    this.said = spoken;
    setText(this.part.headPicture, picture);
    setText(this.part.headText, sentence);
    replay(this.part.headline, "bump");
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.part.spoken.textContent = spoken;
    }, SPOKEN_AFTER_MS);
  }

  close() {
    clearTimeout(this.speaking);
  }
}
