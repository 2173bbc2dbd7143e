// Says how far this browser's clock is ahead of the server's time that just came with the page. It is said again
// only when that has changed by more than the way takes: each word makes a part of the page run again.

import { mountOf } from "../common/mount.js";

const STEP_S = 30;

export class OwnClock {
  update({ data, setStateValue }) {
    const off = Math.round((Date.now() - data.server_ms) / 1000);
    if (this.told !== undefined && Math.abs(off - this.told) <= STEP_S) return;
    this.told = off;
    setStateValue("off_s", off);
  }

  close() {}
}

export default mountOf(OwnClock);
