// The life of the iPad's camera: opening, flipping, sleeping, and coming back by itself when it was lost.
// Knows nothing of photos, queues or the server. Says what is the matter as one word; the widget finds the sentence.
//
// Words: opening, asking (the permission question is open), live, dark (nothing but black), lost (coming back),
// asleep (page hidden), and without a camera: denied, none, insecure, busy.

import { memo } from "./base.js";
import { signatureOf } from "./pixels.js";

const CHECK_EVERY_MS = 1000;
const FROZEN_AFTER_CHECKS = 3;
const DARK_AFTER_CHECKS = 4;
const DARK_BELOW = 8; // of 255, the brightest pixel: a covered lens still shows some noise
const ASLEEP_AFTER_MS = 3000; // a short look at another app does not cost a restart
const ASKING_AFTER_MS = 1200;
const AGAIN_AFTER_MS = [400, 1000, 2000, 4000, 8000];
export const WITHOUT_CAMERA = new Set(["denied", "none", "insecure", "busy"]);

export class LiveCamera {
  constructor(video, onWord) {
    this.video = video;
    this.onWord = onWord;
    this.word = "";
    this.turn = 0; // of two overlapping openings only the latest may keep its stream
    this.stream = null;
    this.facing = memo.get("facing") === "user" ? "user" : "environment";
    this.deviceId = null;
    this.failures = 0;
    this.several = false;
    this.stopListening = new AbortController();
    this.listen();
    this.checking = setInterval(() => this.check(), CHECK_EVERY_MS);
  }

  listen() {
    const { signal } = this.stopListening;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.rest() : this.wake()), {
      signal,
    });
    addEventListener("pageshow", () => this.wake(), { signal });
    this.video.addEventListener(
      "pause",
      () => {
        if (this.stream && !document.hidden) this.play();
      },
      { signal },
    );
    navigator.mediaDevices?.addEventListener?.(
      "devicechange",
      () => {
        if (this.word === "none" || this.word === "busy") this.open();
      },
      { signal },
    );
    navigator.permissions?.query?.({ name: "camera" }).then(
      (permission) => {
        permission.addEventListener(
          "change",
          () => {
            if (permission.state === "granted" && this.word === "denied") this.open();
          },
          { signal },
        );
      },
      () => {},
    );
  }

  say(word) {
    if (word === this.word || this.stopListening.signal.aborted) return;
    this.word = word;
    this.onWord(word);
  }

  get usable() {
    return (this.word === "live" || this.word === "dark") && this.video.videoWidth > 0;
  }

  /** The picture of the front camera is shown as in a mirror, as every camera app does. */
  get mirrored() {
    return this.stream?.getVideoTracks()[0]?.getSettings().facingMode === "user";
  }

  wanted(exactDevice) {
    const size = { width: { ideal: 1280 }, height: { ideal: 960 } };
    const which = exactDevice ? { deviceId: { exact: exactDevice } } : { facingMode: { ideal: this.facing } };
    return { audio: false, video: { ...size, ...which } };
  }

  async open(exactDevice = null) {
    clearTimeout(this.again);
    if (document.hidden) {
      this.say("asleep");
      return;
    }
    this.turn += 1;
    const { turn } = this;
    this.release(); // iPads give the camera to one stream only
    if (!navigator.mediaDevices?.getUserMedia) {
      this.say("insecure");
      return;
    }
    if (!WITHOUT_CAMERA.has(this.word) && this.word !== "lost") this.say("opening");
    const asking = setTimeout(() => {
      if (turn === this.turn) this.say("asking");
    }, ASKING_AFTER_MS);
    try {
      const stream = await navigator.mediaDevices.getUserMedia(this.wanted(exactDevice));
      if (turn !== this.turn || this.stopListening.signal.aborted) stop(stream);
      else await this.show(stream);
    } catch (error) {
      if (turn === this.turn) this.failed(error);
    } finally {
      clearTimeout(asking);
    }
  }

  async show(stream) {
    this.stream = stream;
    const track = stream.getVideoTracks()[0];
    this.deviceId = track.getSettings().deviceId ?? null;
    track.addEventListener("ended", () => {
      if (this.stream === stream) this.lost();
    });
    this.video.srcObject = stream;
    this.frames = { time: -1, still: 0, dark: 0 };
    this.video.addEventListener(
      "loadeddata",
      () => {
        if (this.stream !== stream) return;
        this.failures = 0;
        this.say("live");
      },
      { once: true },
    );
    this.play();
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.several = devices.filter((device) => device.kind === "videoinput").length > 1;
    if (this.word === "live") this.onWord("live"); // the flip button depends on `several`
  }

  play() {
    this.video.play().catch(() => {});
  }

  failed(error) {
    const refused = error?.name === "NotAllowedError" || error?.name === "SecurityError";
    if (refused && document.hidden) this.say("asleep");
    else if (refused) this.say("denied");
    else if (error?.name === "NotFoundError" || error?.name === "OverconstrainedError") this.say("none");
    else this.later("busy");
  }

  lost() {
    this.release();
    if (document.hidden) this.say("asleep");
    else this.later("lost");
  }

  /** Tries again by itself: at once nearly, then more slowly, at last every 8 s. */
  later(word) {
    const wait = AGAIN_AFTER_MS[Math.min(this.failures, AGAIN_AFTER_MS.length - 1)];
    this.failures += 1;
    this.say(word === "lost" && this.failures > 3 ? "busy" : word);
    clearTimeout(this.again);
    this.again = setTimeout(() => this.open(), wait);
  }

  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      if (!document.hidden) return;
      this.turn += 1;
      this.release();
      if (!WITHOUT_CAMERA.has(this.word)) this.say("asleep");
    }, ASLEEP_AFTER_MS);
  }

  wake() {
    clearTimeout(this.resting);
    if (document.hidden || this.word === "" || this.word === "denied" || this.word === "insecure") return;
    const track = this.stream?.getVideoTracks()[0];
    if (track?.readyState === "live" && !track.muted) this.play();
    else if (this.word !== "asking" && this.word !== "opening") this.open();
  }

  /** Once a second: do frames come, and is there anything on them? */
  check() {
    if (!this.stream || document.hidden || this.video.readyState < 2) return;
    const { frames, video } = this;
    frames.still = video.currentTime === frames.time ? frames.still + 1 : 0;
    frames.time = video.currentTime;
    if (frames.still === FROZEN_AFTER_CHECKS) this.play();
    if (frames.still > FROZEN_AFTER_CHECKS + 1) {
      this.lost();
      return;
    }
    frames.dark = Math.max(...signatureOf(video)) < DARK_BELOW ? frames.dark + 1 : 0;
    if (frames.dark === 0) this.darkBefore = false;
    if (frames.dark === 0 && this.word === "dark") this.say("live");
    if (frames.dark < DARK_AFTER_CHECKS) return;
    if (this.darkBefore)
      this.say("dark"); // opened anew and still black: then something covers the lens
    else {
      this.darkBefore = true;
      this.lost();
    }
  }

  async flip() {
    const before = this.deviceId;
    this.facing = this.facing === "user" ? "environment" : "user";
    memo.set("facing", this.facing);
    await this.open();
    if (!this.stream || this.deviceId === null || this.deviceId !== before) return;
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    const others = devices.filter((device) => device.kind === "videoinput" && device.deviceId !== before);
    if (others.length) await this.open(others[0].deviceId); // cameras that do not say which way they look
  }

  release() {
    if (this.stream) stop(this.stream);
    this.stream = null;
    this.video.srcObject = null;
  }

  close() {
    this.turn += 1;
    this.stopListening.abort();
    clearInterval(this.checking);
    clearTimeout(this.again);
    clearTimeout(this.resting);
    this.release();
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
