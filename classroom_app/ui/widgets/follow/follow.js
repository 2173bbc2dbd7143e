// Asks whether anything changed that the page shows, and only then has the page run again. Shows nothing.
// Where all iPads together ask more of the app than it can do, each asks less often: none is turned away.

import { ask } from "../common/ask.js";
import { mountOf } from "../common/mount.js";

const LIMIT_MS = 10_000;
const TOLD_AGAIN_MS = 10_000; // what was told and changed nothing was lost: the connection was away
const SLOWER = 1.15; // each time that nothing has changed, up to
const CALM_MS = 2000;
const GONE_MS = 60_000; // between looks where the answer stays that the group is gone: a class may be opened again
const BREATH = 8; // a page that took a second to run again runs again after eight at the soonest
const BREATH_MOST_MS = 10_000;

/** Milliseconds until the next look. `unchanged`: looks in a row that brought nothing; `tookMs`: how long
 * the page last took to run again. */
export function pauseMs(everyMs, unchanged, tookMs) {
  const calm = Math.min(everyMs * SLOWER ** unchanged, Math.max(everyMs, CALM_MS));
  return Math.max(calm, Math.min(BREATH * tookMs, BREATH_MOST_MS));
}

/** The server's time of the round, for the clock in the head (round_clock.js), which is on the page only with one. */
function tellRound(headers) {
  const left = headers.get("X-Round-Left");
  if (left === null) return;
  const detail = { leftMs: 1000 * Number(left), paused: headers.get("X-Round-Paused") === "1" };
  dispatchEvent(new CustomEvent("round-clock", { detail }));
}

/** For what a page holds of the group beside what it shows (on_device.js): a reset, or the end of a
 * swap round, reaches it even where the page itself cannot run again. */
function tellGroup(status, answer) {
  const gone = [401, 403].includes(status) && Boolean(answer?.error);
  if (!gone && answer?.epoch === undefined) return;
  dispatchEvent(new CustomEvent("group-now", { detail: { gone, epoch: answer.epoch, lent: answer.lent } }));
}

export class Follower {
  constructor() {
    this.told = { mark: null, at: 0 };
    this.unchanged = 0;
    this.gone = 0; // answers in a row that this iPad's cookie opens nothing
    this.tookMs = 0;
    this.onShown = () => document.hidden || this.look();
    document.addEventListener("visibilitychange", this.onShown);
    this.onRoundOver = () => this.look();
    addEventListener("round-over", this.onRoundOver);
  }

  /** The page has run: what it shows is as new as can be. */
  update({ data, setTriggerValue }) {
    if (this.toldAt !== undefined) this.tookMs = Date.now() - this.toldAt;
    this.toldAt = undefined;
    this.unchanged = this.gone = 0;
    this.data = data;
    this.setTriggerValue = setTriggerValue;
    if (this.saved === undefined) this.hasSent();
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    const pause = this.gone > 1 ? GONE_MS : pauseMs(this.data.every_ms, this.unchanged, this.tookMs);
    this.timer = setTimeout(() => this.look(), pause);
  }

  async look() {
    if (this.looking || this.closed) return;
    this.looking = true;
    this.unchanged += 1;
    this.tookMs /= 2; // a page that was slow once is not slow for ever
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
    tellGroup(status, answer);
    this.gone = status === 401 && answer?.error ? this.gone + 1 : 0;
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
    this.toldAt = Date.now();
    this.unchanged = 0;
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
