// Asks three times a second whether anything changed on a class's screens, and only then has the page run again.

import { ask } from "../common/ask.js";

const LIMIT_MS = 5000;
const TOLD_AGAIN_MS = 5000; // what was told and changed nothing was lost: the connection was away

const atOnce = (mark) => String(mark).split(".")[0];

export class Watch {
  /** `onClock` hears of another end of the time box, for which no page has to run. */
  constructor(_place, onClock = () => {}) {
    this.onClock = onClock;
    this.told = { mark: null, at: 0 };
    this.onShown = () => document.hidden || this.look();
    document.addEventListener("visibilitychange", this.onShown);
  }

  /** The page has run: what it shows is as new as can be. */
  update({ data, setTriggerValue }) {
    if (data.mark !== this.data?.mark) this.told = { mark: null, at: 0 }; // back to an earlier step is news too
    this.data = data;
    this.ends = data.clock?.ends ?? null;
    this.drawnAt = Date.now();
    this.tell = () => setTriggerValue("changed", { ts: Date.now() });
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

  asked({ event, mark }) {
    const query = new URLSearchParams({ event, ends: this.ends ?? "" });
    return ask(`/api/show/now?${query}`, LIMIT_MS, { headers: { "If-None-Match": `"${mark}"` } });
  }

  judge({ status, answer }, data) {
    if (this.closed || data !== this.data) return; // the page ran meanwhile: this answer is older than it
    if (status === 200 && answer) {
      this.ends = answer.ends;
      this.onClock(answer);
    }
    // Our own "no" alone says that the link has ended; what stands between us and the app says much.
    const mark = status === 200 ? answer?.mark : [401, 403, 404].includes(status) && answer?.error;
    if (!mark || mark === data.mark) return;
    // Photos come all the time: they may wait for a moment, and then come together.
    if (atOnce(mark) === atOnce(data.mark) && Date.now() - this.drawnAt < data.calm_ms) return;
    if (this.told.mark === mark && Date.now() - this.told.at < TOLD_AGAIN_MS) return;
    this.told = { mark, at: Date.now() };
    this.tell();
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onShown);
  }
}
