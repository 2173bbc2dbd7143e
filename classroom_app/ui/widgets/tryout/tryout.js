// The camera as it will be in the race, to be tried before it: asks for the permission, takes one photo, shows how it
// went, throws it away. It has no way to the network: neither the photo queue nor `ask` is imported here.

import { calmMotion, noCallout, replay } from "../common/base.js";
import { Finder } from "../common/finder.js";
import { mountOf } from "../common/mount.js";
import { paint } from "../common/paint.js";
import { giveCanvas, PHOTO_SIDE_PX, signatureOf, squareOf } from "../common/pixels.js";
import { setLabel, setText } from "../common/text.js";

// What the photo coach calls dark (services/photo_coach.py): the mean, unless something bright stands before a dark ground.
const DIM_BELOW = 60; // of 255
const HIGHLIGHTS_BELOW = 110;
const HIGHLIGHTS_SHARE = 0.05; // of the pixels
const SENTENCES = {
  ".hint-text": "tryout_hint",
  ".gone": "tryout_gone",
  ".ask": "tryout_help",
  ".back": "tryout_way_back",
  ".more": "tryout_again",
  ".done": "tryout_done",
  ".allowed": "camera_again",
};

/** Is a picture too dark, by its tiny grey version? */
export function isDark(signature) {
  const mean = signature.reduce((sum, value) => sum + value, 0) / signature.length;
  const brightest = [...signature].sort((one, other) => other - one);
  return mean < DIM_BELOW && brightest[Math.floor(signature.length * HIGHLIGHTS_SHARE)] < HIGHLIGHTS_BELOW;
}

class TryoutWidget {
  constructor(root) {
    this.root = root.querySelector(".tryout");
    const $ = (name) => this.root.querySelector(name);
    this.part = {
      still: $(".still"),
      flash: $(".flash"),
      hint: $(".hint"),
      controls: $(".controls"),
      shutter: $(".shutter"),
      allow: $(".allow"),
      ask: $(".ask"),
      after: $(".after"),
      taken: $(".taken"),
      back: $(".back"),
      more: $(".more"),
      done: $(".done"),
      allowed: $(".allowed"),
    };
    this.stopListening = new AbortController();
    const { signal } = this.stopListening;
    this.finder = new Finder(this.root, (word) => this.showWord(word), signal);
    this.camera = this.finder.camera;
    const on = (element, act) => element.addEventListener("click", act, { signal });
    on(this.part.shutter, () => this.shoot());
    on(this.finder.part.flip, () => this.camera.flip());
    on(this.part.more, () => this.throwAway());
    on(this.part.back, () => this.leave(false));
    on(this.part.allowed, () => this.camera.open());
    on(this.part.done, () => this.leave(true));
    noCallout(this.root);
  }

  update({ data, setTriggerValue }) {
    this.text = data.strings;
    this.setTriggerValue = setTriggerValue;
    paint(this.root, data.color);
    this.finder.write(this.text);
    for (const [place, key] of Object.entries(SENTENCES))
      setText(this.root.querySelector(place), this.text[key]);
    for (const [at, step] of [...this.part.allow.children].entries())
      setText(step.firstElementChild, this.text[`tryout_allow_${at + 1}`]);
    setText(this.part.allow.querySelector("b.mark"), this.text.tryout_mark); // of older iPads; newer ones draw a page
    setLabel(this.part.shutter, this.text.camera_shutter);
    if (this.camera.word === "") this.camera.open();
    else this.showWord(this.camera.word);
  }

  showWord(word) {
    const { part } = this;
    const stands = !part.still.hidden;
    const { live } = this.finder.show(word, this.text, { stands });
    part.shutter.disabled = !live;
    part.hint.hidden = !live;
    part.controls.hidden = stands;
    part.after.hidden = part.more.hidden = part.done.hidden = !stands;
    part.back.hidden = stands; // one way on, and once more
    part.allow.hidden = part.ask.hidden = part.allowed.hidden = stands || word !== "denied";
  }

  shoot() {
    const canvas = this.camera.usable && squareOf(this.finder.part.video, PHOTO_SIDE_PX);
    if (!canvas) return;
    const { still, flash, taken } = this.part;
    still.width = canvas.width;
    still.height = canvas.height;
    still.getContext("2d").drawImage(canvas, 0, 0);
    giveCanvas(canvas);
    still.hidden = false;
    if (!calmMotion()) replay(flash, "on");
    setText(taken, isDark(signatureOf(still)) ? this.text.tryout_taken_dark : this.text.tryout_taken);
    this.showWord(this.camera.word);
  }

  /** Nothing of the photo is left, not even on this iPad. */
  throwAway() {
    const { still } = this.part;
    still.width = still.height = 0;
    still.hidden = true;
    this.showWord(this.camera.word);
  }

  leave(tried) {
    this.throwAway();
    this.setTriggerValue("left", { tried, ts: Date.now() });
  }

  close() {
    this.stopListening.abort();
    this.finder.close();
  }
}

export default mountOf(TryoutWidget);
