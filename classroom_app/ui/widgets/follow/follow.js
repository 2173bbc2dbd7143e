// Asks whether anything changed that the page shows, and only then has the page run again. Shows nothing.

import { ask } from "../common/ask.js";
import { mountOf } from "../common/mount.js";

const LIMIT_MS = 10_000;
const TOLD_AGAIN_MS = 10_000; // what was told and changed nothing was lost: the connection was away

/** The server's time of the round, for the clock in the head (round_clock.js), which is on the page only with one. */
function tellRound(headers) {
  const left = headers.get("X-Round-Left");
  if (left === null) return;
  const detail = { leftMs: 1000 * Number(left), paused: headers.get("X-Round-Paused") === "1" };
  dispatchEvent(new CustomEvent("round-clock", { detail }));
}

export class Follower {
  constructor() {
    this.told = { mark: null, at: 0 };
    this.onShown = () => document.hidden || this.look();
    document.addEventListener("visibilitychange", this.onShown);
    this.onRoundOver = () => this.look();
    addEventListener("round-over", this.onRoundOver);
  }

  /** The page has run: what it shows is as new as can be. */
  update({ data, setTriggerValue }) {
    this.data = data;
    this.setTriggerValue = setTriggerValue;
    if (this.saved === undefined) this.hasSent();
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), this.data.every_ms);
  }

  async look() {
    if (this.looking || this.closed) return;
    this.looking = true;
    const { data } = this;
    try {
      if (!document.hidden) this.judge(await this.asked(data), data);
    } catch {
      // no network: the next look will tell
    } finally {
      this.looking = false;
      if (!this.closed) this.later();
    }
  }

  asked({ page, mark }) {
    const headers = { "If-None-Match": `"${mark}"` };
    return ask(`/api/group/now?page=${page}`, LIMIT_MS, { headers }, tellRound);
  }

  judge({ status, answer }, data) {
    const shooting = this.hasSent();
    if (this.closed || data !== this.data) return; // the page ran meanwhile: this answer is older than it
    // Our own "no" alone says that the group is gone; what stands between us and the app says much.
    const mark = status === 200 ? answer?.mark : [401, 403].includes(status) && answer?.error;
    if (!mark || mark === data.mark) return;
    // The camera has the page run by itself when its photos have settled; a reset does not wait for that.
    if (shooting && data.page === "collect" && answer.phase === data.phase && answer.epoch === data.epoch)
      return;
    if (this.told.mark === mark && Date.now() - this.told.at < TOLD_AGAIN_MS) return;
    this.told = { mark, at: Date.now() };
    this.setTriggerValue("changed", { ts: Date.now() });
  }

  /** Have photos of this iPad been saved since the last look? */
  hasSent() {
    const before = this.saved;
    this.saved = window.classroomPhotoQueue?.snapshot().saved ?? 0;
    return this.saved !== before;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onShown);
    removeEventListener("round-over", this.onRoundOver);
  }
}

export default mountOf(Follower);
