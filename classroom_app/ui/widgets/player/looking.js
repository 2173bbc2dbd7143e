// Looking around: the AI finds its feet in the place that the camera shows. Knows what to ask with and what the
// button says; the page's own word for the camera's frames makes them one stream. No picture is kept.

const LOOK_MS = 10_000; // of showing everything once

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

  /** What the button says: "here" (may be tapped), "show" (while it looks), "done" (a tap undoes it). */
  state(now) {
    if (this.around) return "done";
    return now < this.until ? "show" : "here";
  }
}
