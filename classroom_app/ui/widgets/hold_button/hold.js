// How far a held button is. Knows no page: it is told when it is pressed and let go, and what time it is.

export class Hold {
  constructor(holdMs) {
    this.holdMs = holdMs;
    this.since = null;
    this.byItself = false;
  }

  press(now) {
    if (this.since === null) this.since = now;
  }

  /** Was it held to the end? On a busy machine the last frame may come too late to say so. */
  release(now) {
    if (this.byItself) return false;
    const done = this.look(now) === 1;
    this.since = null;
    return done;
  }

  /** A screen reader presses and lets go at once: then it fills by itself, and a second press stops it. */
  activate(now) {
    this.byItself = this.since === null;
    this.since = this.byItself ? now : null;
  }

  /** 0 to 1; at 1 it is done and begins anew. */
  look(now) {
    if (this.since === null) return 0;
    const share = Math.min(1, (now - this.since) / this.holdMs);
    if (share === 1) {
      this.since = null;
      this.byItself = false;
    }
    return share;
  }

  get held() {
    return this.since !== null;
  }
}
