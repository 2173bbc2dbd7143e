// Moves what is new on a page into view, once, and only as far as it must: who has scrolled on since is left alone.

import { mountOf } from "../common/mount.js";

// Streamlit draws the rest of the page meanwhile, and lets the page slip.
const DRAWN_AFTER_MS = 350;

export class InView {
  update({ data }) {
    if (data.what === this.what) return;
    this.what = data.what;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      const part = document.querySelector(`.st-key-${CSS.escape(data.container)}`);
      part?.scrollIntoView({ block: "nearest", behavior: "auto" });
    }, DRAWN_AFTER_MS);
  }

  close() {
    clearTimeout(this.waiting);
  }
}

export default mountOf(InView);
