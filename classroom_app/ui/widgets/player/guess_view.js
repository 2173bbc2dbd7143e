// The guess as children see it: a picture and a name in large letters, and calm bars below, with words for how
// sure it is and no percentages.

import { make, replay } from "../common/base.js";
import { sayableSureness } from "../common/sureness.js";
import { plainText, setText } from "../common/text.js";
import { CalmGuess } from "./calm_guess.js";

const PLACES = 3;
const ALL_UP_TO = 4; // labels: all of them are shown, a little closer to each other
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

  /** `text`: the sentences of the widget, one for each reason not to know. In doubt nothing is sure, whatever
   * the bars say. */
  draw(text) {
    const { known, order, lengths, shares, unsure, best, reason } = this.guess;
    const places = order.length > ALL_UP_TO ? PLACES : order.length;
    this.root.classList.toggle("four", places > PLACES);
    order.forEach((id, rank) => {
      const row = this.rows.get(id) ?? this.newRow(id, known.get(id));
      const share = shares.get(id);
      row.box.style.setProperty("--rank", String(Math.min(rank, places)));
      row.box.style.setProperty("--p", lengths.get(id).toFixed(3));
      row.box.classList.toggle("out", rank >= places);
      row.box.classList.toggle("best", rank === 0 && !unsure);
      row.word = unsure ? "" : sayableSureness(share, rank === 0, row.word);
      setText(row.share, row.word && text[`sure_${row.word}`]);
    });
    const doubt = reason === "torn" ? text.player_unsure_torn : text.player_unsure;
    if (best) this.sayHeadline(best.emoji, best.name, "sure");
    else this.sayHeadline(reason === "torn" ? "😕" : "🤔", doubt, "unsure");
    this.root.dataset.reason = reason;
  }

  newRow(id, score) {
    const span = (className) => make("span", { className });
    const row = { box: span("row"), share: span("share"), word: "" };
    const [emoji, track, tube, fill, name] = ["emoji", "track", "tube", "fill", "name"].map(span);
    emoji.textContent = score.emoji;
    setText(name, score.name);
    tube.append(fill);
    track.append(tube, name);
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
