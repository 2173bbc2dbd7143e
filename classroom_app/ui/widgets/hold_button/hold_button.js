// A button that counts when it was held to the end.

import { noCallout } from "../common/base.js";
import { mountOf } from "../common/mount.js";
import { setText } from "../common/text.js";
import { Hold } from "./hold.js";

const NUDGE_MS = 2500;
const KEYS = new Set([" ", "Enter"]);

class HoldButton {
  constructor(root) {
    this.root = root.querySelector(".hold");
    this.button = this.root.querySelector("button");
    this.hint = this.root.querySelector("small");
    this.words = this.root.querySelector(".words");
    this.hold = new Hold(2000);
    const { button } = this;
    button.addEventListener("pointerdown", (event) => {
      this.byHand = true;
      if (event.button === 0) this.press();
    });
    for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"])
      button.addEventListener(name, () => this.release());
    button.addEventListener("keydown", (event) => {
      if (!KEYS.has(event.key)) return;
      event.preventDefault(); // no click comes of it
      if (!event.repeat) this.press();
    });
    button.addEventListener("keyup", () => this.release());
    button.addEventListener("click", () => {
      if (!this.byHand) this.activate();
      this.byHand = false;
    });
    noCallout(this.root);
  }

  update({ data, setTriggerValue }) {
    this.setTriggerValue = setTriggerValue;
    this.hold.holdMs = data.hold_ms;
    this.root.classList.toggle("strong", data.strong);
    setText(this.words, data.text);
    setText(this.hint, data.hint);
  }

  press() {
    this.hold.press(performance.now());
    this.fill();
  }

  release() {
    const wasHeld = this.hold.held && !this.hold.byItself;
    if (this.hold.release(performance.now())) this.done();
    else if (wasHeld) this.nudge();
  }

  /** Let go too early: the words beside the button say how it is meant. */
  nudge() {
    clearTimeout(this.nudged);
    this.root.classList.add("early");
    this.nudged = setTimeout(() => this.root.classList.remove("early"), NUDGE_MS);
  }

  activate() {
    this.hold.activate(performance.now());
    this.fill();
  }

  fill() {
    cancelAnimationFrame(this.frame);
    const share = this.hold.look(performance.now());
    this.root.style.setProperty("--share", share);
    if (share === 1) {
      this.done();
      return;
    }
    if (this.hold.held) this.frame = requestAnimationFrame(() => this.fill());
    else this.root.style.setProperty("--share", 0);
  }

  done() {
    this.root.style.setProperty("--share", 0);
    this.setTriggerValue("held", Date.now());
  }

  close() {
    clearTimeout(this.nudged);
    cancelAnimationFrame(this.frame);
  }
}

export default mountOf(HoldButton);
