// The browser gives focus back to what had it when a dialog opened. A menu's entry is gone by then: the menu's
// own button takes its place.

import { mountOf } from "../common/mount.js";

const UNTIL_THE_DIALOG_IS_GONE_MS = 400;
const LOOKS_EVERY_MS = 100;
const LOOKS_FOR_MS = 2000; // on a slow page the dialog stays longer, or the browser comes later than we

export class FocusBack {
  update({ data }) {
    this.key = data.key;
  }

  close() {
    setTimeout(() => this.look(LOOKS_FOR_MS), UNTIL_THE_DIALOG_IS_GONE_MS);
  }

  /** Gives focus back where nothing has it; whoever has moved it on meanwhile keeps it. */
  look(leftMs) {
    const button = document.querySelector(`.st-key-${CSS.escape(this.key)} button`);
    const now = document.activeElement;
    if (!now || now === document.body) button?.focus();
    else if (now !== button && !now.closest("[role=dialog]")) return;
    if (leftMs > 0) setTimeout(() => this.look(leftMs - LOOKS_EVERY_MS), LOOKS_EVERY_MS);
  }
}

export default mountOf(FocusBack);
