// Says every ten seconds how this iPad fares, and hears whose its cookie is. Where somebody else answers in the
// server's place, the page is told instead: its connection was there before the filter, or is let through.

import { post } from "../common/ask.js";
import { memo, newId } from "../common/base.js";

const BEAT_MS = 10_000;
const GONE_MS = 60_000; // where our own answer is that the cookie opens nothing: a class may be opened again
const BEAT_TIMEOUT_MS = 8_000;
const STRANGERS_TO_TELL = 2; // answers that were not ours, one after another
const NO_CAMERA = ["denied", "none", "insecure", "busy"]; // of live_camera.js
const REFUSED_LATELY_MS = 5 * 60_000; // then a grown-up's help comes too late
const TELL_PAGE_EVERY_MS = 30_000; // each word over the page makes it run again

/** A random name for this browser: no child's, and gone with its website data. */
function idOfIpad() {
  const known = memo.get("ipad");
  if (known) return known;
  const id = newId();
  memo.set("ipad", id);
  return id;
}

/** Why the camera on this page is none; null where it works, is on its way, or where there should be none. */
function cameraTrouble() {
  const word = window.classroomCameraWord;
  return NO_CAMERA.includes(word) ? word : null;
}

/** The queue counts as long as the tab is open: one refused photo is no need for help all day. */
const refusedLately = (photos) =>
  typeof photos?.refusedAt === "number" && Date.now() - photos.refusedAt < REFUSED_LATELY_MS;

export class Heart {
  /** `queueOf` gives the photo queue, or undefined where no camera was opened in this tab. */
  constructor(url, queueOf) {
    Object.assign(this, { url, queueOf, strangers: 0, gone: false, toldAt: null, id: idOfIpad() });
    this.tellPage = () => {};
    this.showNumber = () => {};
    this.later(BEAT_MS * Math.random()); // a class opens its pages together
  }

  later(ms) {
    this.timer = setTimeout(async () => {
      if (!document.hidden) await this.beat();
      const pause = this.gone ? GONE_MS : BEAT_MS;
      if (!this.closed) this.later(pause * (0.9 + 0.2 * Math.random()));
    }, ms);
  }

  word() {
    const photos = this.queueOf()?.snapshot();
    const cannotSend = Boolean(photos?.blocked) || this.strangers >= STRANGERS_TO_TELL;
    return {
      ipad: this.id,
      unsent: photos?.waiting ?? 0,
      cannot_send: cannotSend,
      page: location.pathname.replaceAll("/", ""),
      failed: refusedLately(photos) ? photos.refusals : 0,
      camera: cameraTrouble(),
      clock_ms: Date.now(),
    };
  }

  async beat() {
    const options = { headers: { "Content-Type": "application/json" } };
    const reply = await post(this.url, BEAT_TIMEOUT_MS, JSON.stringify(this.word()), options).catch(
      () => null,
    );
    if (!reply) return; // no network at all: the page sees that itself
    if (reply.foreign) {
      this.strangers += 1;
      this.overThePage();
      return;
    }
    this.strangers = 0;
    this.gone = reply.status === 401;
    if (reply.ok && reply.answer?.group) {
      this.queueOf()?.cookieIs(reply.answer.group);
      this.showNumber(reply.answer.number ?? null);
    }
    if (this.toldAt !== null) this.tellPage(null);
    this.toldAt = null;
  }

  overThePage() {
    const word = this.word();
    const due = this.toldAt === null || Date.now() - this.toldAt >= TELL_PAGE_EVERY_MS;
    if (!word.cannot_send || !due) return;
    this.toldAt = Date.now();
    // The page reads it again whenever it runs: by then the time is an old one.
    this.tellPage({ ...word, clock_ms: null, ts: this.toldAt });
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
  }
}
