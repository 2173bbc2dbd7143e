// The projector's own part in the browser: it follows the class, counts down, leads the show, and sounds.

import { post } from "../common/ask.js";
import { mountOf } from "../common/mount.js";
import { setLabel } from "../common/text.js";
import { Countdown, clockMood, clockText } from "./countdown.js";
import { wishOf } from "./keys.js";
import { Sound } from "./sound.js";
import { Watch } from "./watch.js";

const LEAD_LIMIT_MS = 5000;
const CLOCK_EVERY_MS = 200;
const ASLEEP_AFTER_MS = 3000;
const JSON_TYPE = { headers: { "Content-Type": "application/json" } };

class Stage {
  constructor(place) {
    this.root = place.querySelector(".stage");
    const $ = (name) => this.root.querySelector(name);
    this.part = {
      clock: $(".clock"),
      picture: $(".clock-picture"),
      time: $(".clock b"),
      back: $(".back"),
      next: $(".next"),
      sound: $(".sound"),
    };
    this.countdown = new Countdown();
    this.sounds = new Sound();
    this.watch = new Watch(place, (answer) => this.countdown.set(answer));
    this.stopListening = new AbortController();
    this.listen();
    this.wake();
    this.ticking = setInterval(() => this.drawClock(), CLOCK_EVERY_MS);
  }

  listen() {
    const { signal } = this.stopListening;
    const on = (element, name, act) => element.addEventListener(name, act, { signal });
    on(this.part.back, "click", () => this.lead("back"));
    on(this.part.next, "click", () => this.lead("next"));
    on(this.part.sound, "click", () => this.toggleSound());
    on(document, "keydown", (event) => this.onKey(event));
    on(document, "pointermove", () => this.wake());
    on(document, "click", (event) => {
      // The buttons of this widget are inside it; what else can be tapped keeps its own meaning.
      const inside = event.composedPath();
      if (!inside.some((element) => element.matches?.("a, button, input, .stage"))) this.lead("next");
    });
  }

  update(component) {
    const { data } = component;
    const first = this.data === undefined;
    this.data = data;
    this.step = data.step;
    this.rerun = () => component.setTriggerValue("changed", { ts: Date.now() });
    this.watch.update(component);
    this.countdown.set(data.clock);
    for (const name of ["back", "next", "sound"]) setLabel(this.part[name], data.strings[`pj_key_${name}`]);
    this.part.back.hidden = this.part.next.hidden = !data.leads;
    this.drawClock();
    // A screen that was just opened has missed the moment of what it shows.
    if (!first && data.cue.name !== this.cue) this.sounds.play(data.cue.kind, data.cue.number);
    this.cue = data.cue.name;
  }

  onKey(event) {
    const wish = wishOf(event);
    if (wish === null) return;
    if (wish === "sound") this.toggleSound();
    else if (!this.data?.leads) return;
    else {
      // A key is for the show, also when a button has the focus: it would be pressed as well.
      event.preventDefault();
      this.lead(wish);
    }
  }

  /** From the step that is on this screen: who is late by one does not skip any. */
  async lead(go) {
    if (!this.data?.leads || this.leading) return;
    this.leading = true;
    try {
      const body = JSON.stringify({ event: this.data.event, go, seen: this.step });
      const { ok, answer } = await post("/api/show/step", LEAD_LIMIT_MS, body, JSON_TYPE);
      if (ok && answer) this.step = answer.step;
      this.rerun();
    } catch {
      // no network: whoever leads presses again
    } finally {
      this.leading = false;
    }
  }

  toggleSound() {
    this.sounds.toggle();
    this.part.sound.setAttribute("aria-pressed", String(this.sounds.on));
  }

  drawClock() {
    const { clock, picture, time } = this.part;
    const seconds = this.data?.clocked ? this.countdown.seconds() : null;
    clock.hidden = seconds === null;
    picture.textContent = this.countdown.paused ? "⏸️" : "⏰";
    if (seconds === null || seconds === this.seconds) return;
    const [mood, before] = [clockMood(seconds), this.seconds];
    this.seconds = seconds;
    time.textContent = clockText(seconds);
    clock.classList.remove("last", "ticks", "over");
    if (mood) clock.classList.add(mood);
    if (before === undefined || before <= seconds) return;
    if (mood === "ticks") this.sounds.play("tick");
    if (mood === "over") this.sounds.play("over");
  }

  /** The buttons lie over what is shown: they are there when somebody moves the mouse, and at first. */
  wake() {
    this.root.classList.add("awake");
    clearTimeout(this.sleeping);
    this.sleeping = setTimeout(() => this.root.classList.remove("awake"), ASLEEP_AFTER_MS);
  }

  close() {
    this.watch.close();
    this.sounds.close();
    this.stopListening.abort();
    clearInterval(this.ticking);
    clearTimeout(this.sleeping);
  }
}

export default mountOf(Stage);
