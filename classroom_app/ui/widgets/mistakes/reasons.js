// Fetches why a photo was guessed so: one question at a time, and only for cards that a child looks at.
// Knows nothing of what a reason looks like or how it is drawn.

const LOOKED_AT_MS = 600; // a card that only scrolls by costs no question
const LOOKED_AT_SHARE = 0.5;
const REASON_TIMEOUT_MS = 10_000;
const REASON_AGAIN_MS = [1000, 2000, 4000, 8000];

class Reasons {
  constructor(onReason) {
    this.onReason = onReason; // (id, reason), reason null when there is none to be had
    this.known = new Map();
    this.looked = new Map(); // id -> when a child began to look
    this.failures = 0;
    this.watcher = new IntersectionObserver((entries) => entries.forEach((entry) => this.seen(entry)), {
      threshold: LOOKED_AT_SHARE,
    });
    this.ids = new WeakMap();
  }

  watch(element, id) {
    this.ids.set(element, id);
    this.watcher.observe(element);
  }

  forget(element, id) {
    this.watcher.unobserve(element);
    this.looked.delete(id);
  }

  seen({ target, isIntersecting }) {
    const id = this.ids.get(target);
    if (!isIntersecting) this.looked.delete(id);
    else if (!this.looked.has(id)) this.looked.set(id, performance.now());
    this.later(LOOKED_AT_MS);
  }

  /** A child tapped: before all others, and again even where it had failed. */
  now(id) {
    this.first = id;
    if (this.known.get(id) === null) this.known.delete(id);
    this.failures = 0;
    this.later(0);
  }

  later(ms) {
    clearTimeout(this.timer);
    if (!this.busy) this.timer = setTimeout(() => this.next(), ms);
  }

  wanted() {
    const ripe = [...this.looked]
      .filter(([, since]) => performance.now() - since >= LOOKED_AT_MS - 20)
      .map(([id]) => id);
    return [this.first, ...ripe].find((id) => id !== undefined && !this.known.has(id));
  }

  async next() {
    const id = this.wanted();
    if (id === undefined || this.busy || document.hidden) {
      if (id !== undefined) this.later(REASON_AGAIN_MS[0]);
      return;
    }
    this.busy = true;
    const reason = await this.ask(id).catch(() => undefined);
    this.busy = false;
    if (this.closed) return;
    if (reason === undefined) {
      this.failures += 1;
      this.later(REASON_AGAIN_MS[Math.min(this.failures, REASON_AGAIN_MS.length) - 1]);
      return;
    }
    this.failures = 0;
    this.known.set(id, reason);
    this.onReason(id, reason);
    this.later(this.looked.size ? 50 : LOOKED_AT_MS);
  }

  /** The reason; null where the server refuses it for good, undefined where it is worth asking again. */
  async ask(id) {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), REASON_TIMEOUT_MS);
    try {
      const response = await fetch(`/mistakes/${encodeURIComponent(id)}/reason`, {
        signal: stop.signal,
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
      });
      if (response.ok) {
        const reason = await response.json();
        return typeof reason?.heat === "string" && Array.isArray(reason.nearest) ? reason : null;
      }
      return response.status < 500 && response.status !== 408 && response.status !== 429 ? null : undefined;
    } finally {
      clearTimeout(limit);
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.watcher.disconnect();
  }
}
