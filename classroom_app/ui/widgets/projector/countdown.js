// A time box that is counted down in the browser, between two answers of the server. The clock of the device
// does not matter: only how much time passes on it.

export const LAST_S = 60;
export const TICKS_S = 10;

export class Countdown {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.set({ left_s: null, paused: false });
  }

  set({ left_s: left, paused }) {
    this.left = left;
    this.paused = paused;
    this.since = this.now();
  }

  /** Whole seconds, rounded up, so that 0 is the end; null without a time box. */
  seconds() {
    if (this.left === null || this.left === undefined) return null;
    const passed = this.paused ? 0 : (this.now() - this.since) / 1000;
    return Math.max(0, Math.ceil(this.left - passed - 0.05));
  }
}

/** 754 is `12:34`. */
export const clockText = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** "", "last" for the last minute, "ticks" for the last ten seconds, "over". */
export function clockMood(seconds) {
  if (seconds === null || seconds > LAST_S) return "";
  if (seconds === 0) return "over";
  return seconds <= TICKS_S ? "ticks" : "last";
}
