// The collect page's camera: one tap a photo, a long hold many, or the iPad's own camera and photo library.
// Knows nothing of how photos travel (PhotoQueue) or how the camera is kept alive (LiveCamera).

import { calmMotion, memo, noCallout, replay } from "../common/base.js";
import { Finder } from "../common/finder.js";
import { mountOf } from "../common/mount.js";
import { paint } from "../common/paint.js";
import { photoQueue } from "../common/photo_queue.js";
import {
  canvasOfFile,
  difference,
  giveCanvas,
  jpegOf,
  PHOTO_SIDE_PX,
  signatureOf,
  squareOf,
} from "../common/pixels.js";
import { plainText, setLabel, setText, withNumber } from "../common/text.js";
import { CoachBubble } from "./coach.js";
import { lastShots } from "./last_shots.js";

const HOLD_MS = 300;
const LAST_PX = 144; // the side of the last shot's picture
const BURST_GAP_MS = 200; // 5 per second
const BURST_CAP = 30;
const SAME_BELOW = 1.2; // mean grey difference of 255: noise stays below, moving by 1 % of the picture is above
const NUDGE_AFTER_SKIPS = 4;
const REPORT_AFTER_MS = 700;
const REPORT_AT_LATEST_MS = 3000;
const TICK_SHOWN_MS = 4000;
const NEWS_SHOWN_MS = 9000;
const TROUBLE_PICTURES = { blocked: "🙋", other_group: "🔑" };
const PAGE_FOLLOWS_MS = 10_000; // a label that the page has not taken over by then is given up
const PAGE_IS_OLD = new Set(["error_group_was_reset", "class_over"]); // refusals that the page has to hear of

class CameraWidget {
  constructor(root) {
    this.root = root.querySelector(".cam");
    this.queue = photoQueue();
    this.hold = null;
    this.encoding = 0;
    this.trouble = null; // why nothing goes up for now, where a child or an adult can do something: a key above
    this.othersTold = 0;
    this.seen = this.queue.snapshot();
    const $ = (name) => this.root.querySelector(name);
    this.part = {
      flash: $(".flash"),
      hand: $(".hand"),
      burst: $(".burst"),
      nudge: $(".nudge"),
      news: $(".news"),
      newsPicture: $(".news-picture"),
      newsText: $(".news-text"),
      newsClose: $(".news-close"),
      progress: $(".progress"),
      progressText: $(".progress-text"),
      library: $(".library"),
      hint: $(".hint"),
      finger: $(".finger"),
      shutter: $(".shutter"),
      ring: $(".ring"),
      last: $(".last"),
      lastCanvas: $(".last canvas"),
      shots: $(".shots"),
      many: $(".pick-many"),
      spoken: $(".spoken"),
      chipEmoji: $(".chip-emoji"),
      chipName: $(".chip-name"),
    };
    this.stopListening = new AbortController();
    this.coach = new CoachBubble(this.root);
    this.finder = new Finder(this.root, (word) => this.showWord(word), this.stopListening.signal);
    this.camera = this.finder.camera;
    this.listen();
  }

  listen() {
    const { part } = this;
    const { signal } = this.stopListening;
    const on = (element, name, act, options) => element.addEventListener(name, act, { signal, ...options });
    on(part.shutter, "pointerdown", (event) => this.press(event));
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"])
      on(part.shutter, name, () => this.release());
    on(part.shutter, "click", () => this.clickWithoutPointer());
    // Without this an iPad shows its magnifier while a finger rests on the button.
    on(part.shutter, "touchstart", (event) => event.preventDefault(), { passive: false });
    on(window, "tile-chosen", (event) => this.choose(event.detail));
    on(window, "blur", () => this.release());
    on(document, "visibilitychange", () => {
      if (document.hidden) this.release();
    });
    on(this.finder.part.flip, "click", () => this.camera.flip());
    on(part.library, "click", () => part.many.click());
    on(part.hand, "click", () => this.useHand(this.hand === "left" ? "right" : "left"));
    on(part.newsClose, "click", () => {
      part.news.hidden = true;
    });
    for (const input of [this.finder.part.one, part.many]) on(input, "change", () => this.takeFiles(input));
    noCallout(this.root);
    this.unsubscribe = this.queue.subscribe((now) => this.showQueue(now));
  }

  update({ data, setTriggerValue }) {
    const { part } = this;
    this.data = data;
    this.text = data.strings;
    this.setTriggerValue = setTriggerValue;
    if (data.by_staff) this.queue.useStaff(data.group_id);
    else this.queue.useGroup(data.group_id);
    this.root.classList.toggle("by-staff", Boolean(data.by_staff));
    paint(this.root, data.color);
    if (this.chosen?.id === data.label_id || Date.now() - this.chosenAt > PAGE_FOLLOWS_MS) this.chosen = null;
    this.showLabel();
    this.finder.write(this.text);
    setText(this.root.querySelector(".library-text"), this.text.camera_from_library);
    setText(this.root.querySelector(".hint-text"), this.text.camera_hint);
    setText(this.root.querySelector(".nudge-text"), this.text.camera_move);
    setLabel(part.shutter, this.text.camera_shutter);
    setLabel(part.newsClose, this.text.camera_close);
    setLabel(part.hand, this.text.camera_hand);
    this.useHand(memo.get("hand") ?? "right");
    if (data.stored !== null && this.lastShots.follow(data.label_id, data.stored))
      this.queue.forgetTaken(data.group_id, data.label_id);
    this.showShots();
    this.showQueue(this.queue.snapshot());
    if (this.camera.word === "") this.camera.open();
    else this.showWord(this.camera.word);
  }

  /** The thumb that presses the shutter: the whole page is mirrored for the left one, as long as the iPad remembers. */
  useHand(hand) {
    this.hand = hand;
    memo.set("hand", hand);
    this.root.classList.toggle("left", hand === "left");
    document.documentElement.dataset.hand = hand;
  }

  /** The label that a shot belongs to: the tile that was tapped last, also while the page is still on its way. */
  get label() {
    const { label_id: id, label_name: name, label_emoji: emoji } = this.data;
    return this.chosen ?? { id, name, emoji };
  }

  choose(label) {
    this.release();
    this.chosen = label;
    this.chosenAt = Date.now();
    this.showLabel();
    this.showShots();
  }

  get lastShots() {
    return lastShots(`${this.data.group_id} ${this.data.epoch}`);
  }

  showLabel() {
    if (this.newsIsOf !== undefined && this.newsIsOf !== this.label.id && !this.trouble) this.hideNews();
    setText(this.part.chipEmoji, this.label.emoji);
    setText(this.part.chipName, this.label.name);
  }

  showWord(word) {
    const { part } = this;
    const { live } = this.finder.show(word, this.text);
    part.shutter.disabled = !live;
    if (word === "dark") this.tell("🌙", this.text.camera_dark);
    const newcomer = live && this.data.newcomers && !this.pressedAt && memo.get("knows-hold") !== "yes";
    part.hint.hidden = part.finger.hidden = !newcomer;
    if (!live) this.release();
  }

  // ---- one tap, one photo; a long hold, many

  press(event) {
    if (event.button > 0 || this.hold || !this.camera.usable) return;
    event.preventDefault();
    this.part.shutter.setPointerCapture?.(event.pointerId);
    this.pressedAt = Date.now();
    this.part.hint.hidden = this.part.finger.hidden = true; // comes again with the next page, until a burst was made
    this.hold = { shots: 0, skips: 0, last: null, label: this.label.id };
    this.shoot();
    this.holdOn(this.hold, performance.now() + HOLD_MS);
  }

  /** On a slow iPad this timer may overtake the finger's lifting: when it comes late, let waiting events go first. */
  holdOn(hold, due) {
    hold.timer = setTimeout(() => {
      if (performance.now() - due > 80) this.holdOn(hold, performance.now() + 120);
      else this.burst(performance.now());
    }, due - performance.now());
  }

  /** VoiceOver and keyboards click without a pointer. */
  clickWithoutPointer() {
    if (Date.now() - (this.pressedAt ?? 0) < 1000 || !this.camera.usable) return;
    this.hold = { shots: 0, skips: 0, last: null, label: this.label.id };
    this.shoot();
    this.release();
  }

  burst(due) {
    const { hold, part } = this;
    if (!hold) return;
    if (!part.shutter.classList.contains("held")) {
      part.shutter.classList.add("held");
      memo.set("knows-hold", "yes");
    }
    this.shoot();
    if (hold.shots >= BURST_CAP) {
      this.release();
      return;
    }
    const next = Math.max(due + BURST_GAP_MS, performance.now());
    hold.timer = setTimeout(() => this.burst(next), Math.max(0, next - performance.now()));
  }

  release() {
    const { hold, part } = this;
    if (!hold) return;
    this.hold = null;
    clearTimeout(hold.timer);
    part.shutter.classList.remove("held");
    part.burst.hidden = part.nudge.hidden = true;
  }

  shoot() {
    const { hold, part } = this;
    if (this.encoding > 3) return; // a slow iPad: rather fewer photos than a frozen page
    const canvas = squareOf(this.finder.part.video, PHOTO_SIDE_PX);
    if (!canvas) return;
    const signature = signatureOf(canvas);
    if (hold.last && difference(signature, hold.last) < SAME_BELOW) {
      hold.skips += 1;
      part.nudge.hidden = hold.skips < NUDGE_AFTER_SKIPS;
      giveCanvas(canvas);
      return;
    }
    hold.last = signature;
    hold.skips = 0;
    hold.shots += 1;
    part.nudge.hidden = true;
    this.celebrate(hold);
    this.keep(canvas, hold.label);
  }

  /** White light on the first shot only: a burst of flashes would be more than three a second. */
  celebrate(hold) {
    const { part } = this;
    if (hold.shots === 1 && !calmMotion()) replay(part.flash, "on");
    else replay(this.finder.part.frame, "shot");
    if (hold.shots < 2) return;
    part.burst.hidden = false;
    part.burst.textContent = String(hold.shots);
    replay(part.burst, "bump");
    part.ring.style.setProperty("--part", String(hold.shots / BURST_CAP));
  }

  async keep(canvas, label) {
    const { group_id: group, group_name: groupName, epoch, upload_url: url } = this.data;
    const small = this.lastShots.get(label) ?? document.createElement("canvas");
    small.width = small.height = LAST_PX;
    const cut = Math.min(canvas.width, canvas.height);
    const [x, y] = [(canvas.width - cut) / 2, (canvas.height - cut) / 2];
    small.getContext("2d").drawImage(canvas, x, y, cut, cut, 0, 0, LAST_PX, LAST_PX);
    this.lastShots.keep(label, small);
    this.encoding += 1;
    try {
      this.queue.add({ group, groupName, epoch, label, url, bytes: await jpegOf(canvas) });
    } finally {
      this.encoding -= 1;
      giveCanvas(canvas);
    }
    this.showShots();
    replay(this.part.last, "bump");
  }

  // ---- files: the iPad's own camera, and the photo library

  async takeFiles(input) {
    const files = [...input.files];
    const label = this.label.id;
    input.value = ""; // the same photo may be chosen again
    let unreadable = 0;
    for (const file of files) {
      try {
        await this.keep(await canvasOfFile(file, PHOTO_SIDE_PX), label);
      } catch {
        unreadable += 1;
      }
    }
    if (unreadable) this.tell("🧩", withNumber(this.text.camera_unreadable, unreadable), label);
  }

  // ---- what is on its way

  showShots() {
    const shots = this.queue.takenOf(this.data.group_id, this.label.id);
    const last = this.lastShots.get(this.label.id);
    this.part.last.classList.toggle("some", shots > 0 && last !== undefined);
    if (last) this.part.lastCanvas.getContext("2d").drawImage(last, 0, 0);
    this.part.shots.textContent = String(shots);
  }

  showQueue(now) {
    const before = this.seen;
    this.seen = now;
    if (!this.text) return;
    const { part } = this;
    this.showShots();
    if (now.saved > before.saved) this.report();
    if (now.refusals > before.refusals) {
      this.tell(now.refusalKey === "photo_has_face" ? "🙈" : "🤔", now.refusal || this.text.camera_refused);
      if (PAGE_IS_OLD.has(now.refusalKey)) this.report();
    }
    if (now.advice !== before.advice) this.coach.hear(now.advice, this.label.id);
    if (now.signedOut && !before.signedOut) this.tell("🔑", this.text.camera_signed_out);
    // The tiles say how many of a label are still here, beside those that the page counts.
    dispatchEvent(new CustomEvent("photos-waiting", { detail: now.waitingByLabel }));
    this.showTrouble(now);
    this.tellOfOthers(now.others);
    part.progress.classList.toggle("stuck", now.stuck);
    if (now.waiting) {
      clearTimeout(this.tickTimer);
      part.progress.classList.remove("done");
      part.progress.hidden = false;
      const words = now.stuck || !navigator.onLine ? this.text.camera_waits : this.text.camera_to_send;
      setText(part.progressText, withNumber(words, now.waiting));
    } else if (before.waiting && now.saved) {
      part.progress.classList.add("done");
      part.progress.hidden = false;
      setText(part.progressText, this.text.camera_all_saved);
      part.spoken.textContent = plainText(this.text.camera_all_saved);
      clearTimeout(this.tickTimer);
      this.tickTimer = setTimeout(() => {
        part.progress.hidden = true;
        part.spoken.textContent = "";
      }, TICK_SHOWN_MS);
    } else if (!part.progress.classList.contains("done")) {
      part.progress.hidden = true;
    }
  }

  /** Photos that cannot go up until somebody does something: a sentence that stays as long as that is so. */
  showTrouble({ waiting, blocked, otherGroup }) {
    const trouble = (waiting && otherGroup && "other_group") || (blocked && "blocked") || null;
    if (trouble === this.trouble) return;
    this.trouble = trouble;
    if (trouble) this.tellTrouble();
    else this.part.news.hidden = true;
  }

  tellTrouble() {
    this.tell(TROUBLE_PICTURES[this.trouble], this.text[`camera_${this.trouble}`]);
    clearTimeout(this.newsTimer);
  }

  /** Once a page, and again when there are more. */
  tellOfOthers({ number, name }) {
    if (number > this.othersTold && !this.trouble) {
      this.tell(
        "🔑",
        withNumber(this.text.camera_others, number).replace("%g", () => name || "？"),
      );
    }
    this.othersTold = number;
  }

  /** `label`: the one whose photos it is about; with another one it goes. */
  tell(picture, sentence, label) {
    const { part } = this;
    this.newsIsOf = label;
    part.news.hidden = false;
    setText(part.newsPicture, picture);
    setText(part.newsText, sentence);
    part.spoken.textContent = plainText(sentence);
    clearTimeout(this.newsTimer);
    this.newsTimer = setTimeout(() => {
      if (this.trouble) this.tellTrouble();
      else this.hideNews();
    }, NEWS_SHOWN_MS);
  }

  hideNews() {
    this.newsIsOf = undefined;
    this.part.news.hidden = true;
  }

  /** Tells the page when uploads have settled, so that counts and gallery follow: not for every photo. */
  report() {
    this.unreportedSince ??= Date.now();
    clearTimeout(this.reportTimer);
    const left = this.unreportedSince + REPORT_AT_LATEST_MS - Date.now();
    this.reportTimer = setTimeout(
      () => {
        this.setTriggerValue("saved", { ts: Date.now() });
        this.unreportedSince = null;
      },
      Math.max(0, Math.min(REPORT_AFTER_MS, left)),
    );
  }

  close() {
    this.release();
    this.stopListening.abort();
    this.unsubscribe();
    this.coach.close();
    for (const timer of [this.tickTimer, this.newsTimer, this.reportTimer]) clearTimeout(timer);
    this.finder.close();
  }
}

export default mountOf(CameraWidget);
