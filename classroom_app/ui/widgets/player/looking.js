// Looking around: the AI finds its feet in the place that the camera shows. Knows what to ask with and what the
// button says; the page's own word for the camera's frames makes them one stream. No picture is kept.

const LOOK_MS = 10_000; // of showing everything once
const SAY_MS = 8000; // why nothing came of it

export class Looking {
  constructor() {
    this.undone = false;
    this.around = false; // the AI has looked around
    this.variety = 0;
    this.restart();
  }

  /** Another stream: what was seen so far counts no more. */
  restart() {
    this.word = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    this.until = 0;
    this.variety = 0;
  }

  /** A tap on the button: begins, or undoes. */
  tap(now) {
    if (this.around) {
      this.undone = true;
      this.around = false;
      return;
    }
    this.undone = false;
    this.restart();
    this.until = now + LOOK_MS;
  }

  url(base) {
    return `${base}?camera=${this.word}${this.undone ? "&look=0" : ""}`;
  }

  learn(answer) {
    this.around = answer.looked_around === true;
    this.variety = Number(answer.variety) || 0;
    if (this.around) this.until = 0;
  }

  /**
   * What the button says: "here" (may be tapped), "show" (while it looks), "done" (a tap undoes it). When the time
   * is over and nothing came of it: "few" (too few different things were shown), "same" (it is no other place).
   */
  state(now) {
    if (this.around) return "done";
    if (now < this.until) return "show";
    if (now >= this.until + SAY_MS || !this.until) return "here";
    return this.variety < 1 ? "few" : "same";
  }
}
