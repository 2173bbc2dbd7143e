// The browser gives focus back to what had it when a dialog opened. A menu's entry is gone by then: the menu's
// own button takes its place.

import { mountOf } from "../common/mount.js";

const UNTIL_THE_DIALOG_IS_GONE_MS = 400;

class FocusBack {
  update({ data }) {
    this.key = data.key;
  }

  close() {
    setTimeout(() => {
      if (document.activeElement && document.activeElement !== document.body) return;
      document.querySelector(`.st-key-${CSS.escape(this.key)} button`)?.focus();
    }, UNTIL_THE_DIALOG_IS_GONE_MS);
  }
}

export default mountOf(FocusBack);
