// The pad of pictures: collects taps, says when enough are there. Knows nothing of the right code.

import { make, noCallout, pause, replay } from "../common/base.js";
import { mountOf } from "../common/mount.js";
import { paint } from "../common/paint.js";
import { setLabel, setText } from "../common/text.js";

const LOOK_AT_IT_MS = 350; // the last picture is seen in its place before the pad goes to ask

/** As on the group's card: the same drawing, not the iPad's own of that name. */
const drawing = (picture) => make("img", { src: picture.drawing, alt: "" });

class Pad {
  constructor(root) {
    this.root = root.querySelector(".code");
    this.sorry = this.root.querySelector(".sorry");
    this.slots = this.root.querySelector(".slots");
    this.pad = this.root.querySelector(".pad");
    this.undo = this.root.querySelector(".undo");
    this.tapped = [];
    this.tries = 0;
    this.undo.addEventListener("click", () => {
      this.tapped.pop();
      this.show();
    });
    noCallout(this.root);
  }

  update({ data, setTriggerValue }) {
    this.data = data;
    this.setTriggerValue = setTriggerValue;
    paint(this.root, data.color);
    setLabel(this.pad, data.strings.pad_label);
    setLabel(this.undo, data.strings.pad_undo);
    setText(this.sorry, data.problem);
    if (!this.pad.children.length) this.pad.append(...data.pictures.map((picture) => this.key(picture)));
    if (data.tries !== this.tries) {
      this.tries = data.tries;
      this.tapped = [];
      this.waiting = false;
      if (data.problem) replay(this.slots, "shake");
    }
    this.show();
  }

  key(picture) {
    const button = make("button", { type: "button", className: "picture" });
    button.append(drawing(picture));
    setLabel(button, picture.name);
    button.addEventListener("click", () => this.tap(picture));
    return button;
  }

  async tap(picture) {
    if (this.waiting || this.tapped.length >= this.data.length) return;
    this.tapped.push(picture);
    this.show();
    if (this.tapped.length < this.data.length) return;
    this.waiting = true;
    this.show();
    await pause(LOOK_AT_IT_MS);
    this.setTriggerValue("code", { keys: this.tapped.map((item) => item.key), ts: Date.now() });
  }

  show() {
    while (this.slots.children.length < this.data.length)
      this.slots.append(make("span", { className: "slot" }));
    for (const [at, slot] of [...this.slots.children].entries()) {
      const picture = this.tapped[at];
      if ((slot.dataset.key ?? "") !== (picture?.key ?? "")) {
        slot.dataset.key = picture?.key ?? "";
        slot.replaceChildren(...(picture ? [drawing(picture)] : []));
      }
      slot.classList.toggle("full", Boolean(picture));
    }
    this.undo.disabled = this.waiting || this.tapped.length === 0;
    this.root.classList.toggle("waiting", Boolean(this.waiting));
  }

  close() {
    this.pad.replaceChildren();
  }
}

export default mountOf(Pad);
