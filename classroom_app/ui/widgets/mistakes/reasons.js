// Fetches why a photo was guessed so: one question at a time, and only for cards that a child looks at.
// Knows nothing of what a reason looks like or how it is drawn.

import { ask, isPassing } from "../common/ask.js";

const LOOKED_AT_MS = 600; // a card that only scrolls by costs no question
const LOOKED_AT_SHARE = 0.5;
const REASON_TIMEOUT_MS = 10_000;
const REASON_AGAIN_MS = [1000, 2000, 4000, 8000];

/** What a reply tells: the reason, null where it is refused for good, undefined where it is worth asking again. */
export function reasonOf(reply) {
  const { ok, answer } = reply;
  if (!ok) return isPassing(reply) ? undefined : null;
  if (answer === null) return undefined; // cut off
  return typeof answer.heat === "string" && Array.isArray(answer.nearest) ? answer : null;
}

/** The next to ask for: what a child tapped, then what has been looked at since long enough; undefined if none. */
export function wantedOf(first, looked, known, nowMs) {
  const ripe = [...looked].filter(([, since]) => nowMs - since >= LOOKED_AT_MS - 20).map(([id]) => id);
  return [first, ...ripe].find((id) => id !== undefined && !known.has(id));
}

export class Reasons {
  constructor(onReason) {
    this.onReason = onReason; // (id, reason), reason null when there is none to be had
    this.known = new Map();
    this.looked = new Map(); // id -> when a child began to look
    this.failures = 0;
    const seen = (entries) => {
      for (const entry of entries) this.seen(entry);
    };
    this.watcher = new IntersectionObserver(seen, { threshold: LOOKED_AT_SHARE });
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

  async next() {
    const id = wantedOf(this.first, this.looked, this.known, performance.now());
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

  async ask(id) {
    return reasonOf(await ask(`/mistakes/${encodeURIComponent(id)}/reason`, REASON_TIMEOUT_MS));
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.watcher.disconnect();
  }
}
