// Challenge files on their way: one run a class, whatever the page does meanwhile. It lives on window, not in a widget:
// a rerun, another tab of the page or another page of the app stop nothing. Knows nothing of a screen.

import { ask } from "../common/ask.js";
import { newId, pause } from "../common/base.js";
import { send } from "../common/send.js";
import { isEmpty, newReport, noteAdded, noteRejected, verdictOf, zipReport, zipVerdictOf } from "./files.js";

const RUN_VERSION = 1;
const AT_ONCE = 2;
const ASK_MS = 15_000;
const PHOTO_ANSWER_MS = 60_000;
const ZIP_ANSWER_MS = 600_000; // the server reads for nine minutes at most
const LOOK_EVERY_MS = 1_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 6_500;
const TRIES_MAX = 5; // of a file on which the server itself fails
const UNREAD = "photo_unread";
const FILE_GONE = "challenge_file_gone"; // moved, deleted or changed since it was chosen
const SIGNED_OUT = "error_not_allowed";

/** How long to wait after so many failures; `chance`: 0 to 1. */
export const restMs = (failures, chance) =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (0.5 + chance);

async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

export class UploadRun {
  /** `url`: of the route that takes a ZIP; photos go to `/photos` below it. */
  constructor(url) {
    this.version = RUN_VERSION;
    this.url = url;
    this.listeners = new Set();
    this.state = "idle"; // then "sending", "reading" (a ZIP that is there), "stopped", and "idle" again
    this.way = ""; // by which files were chosen: those of one are of no use to another
    this.chosen = [];
    this.refused = [];
    this.ends = 0; // how often a run ended, or was stopped
    this.message = ""; // the server's words for what ended the last run
    this.report = null; // of a run that ended, until the page has heard of it: {id, ...}
    this.resting = new Set(); // what ends the waits of now
    addEventListener("online", () => this.tryNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.tryNow();
    });
    this.warn = (event) => {
      event.preventDefault(); // the browser asks before it leaves the page
      event.returnValue = ""; // the same for a Safari of before
    };
  }

  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  get busy() {
    return this.state !== "idle";
  }

  /** Another way of choosing begins with nothing. */
  comeBy(way) {
    if (this.busy || this.way === way) return false;
    this.way = way;
    this.choose({ chosen: [], refused: [] });
    return true;
  }

  /** What was chosen, and what of it is not sent. */
  choose({ chosen, refused }) {
    this.chosen = chosen;
    this.refused = refused;
    this.message = "";
    this.changed();
  }

  begin({ zip, label, labelName = "" }) {
    this.zip = zip;
    this.label = label;
    this.labelName = labelName; // for whoever looks by another way meanwhile
    this.id = newId();
    this.told = newReport();
    this.number = this.chosen.length;
    this.name = this.chosen[0].name;
    this.bytes = this.chosen.reduce((sum, file) => sum + file.size, 0);
    this.left = this.chosen.map((file) => ({ id: newId(), file, tries: 0 }));
    this.settledBytes = 0;
    this.onTheirWay = new Map(); // id -> bytes that have left
    this.chosen = [];
    this.refused = [];
    this.goOn();
  }

  /** The rest, after a stop. */
  async goOn() {
    this.message = "";
    this.trouble = ""; // "network", or the server's words, while nothing gets through
    this.isOver = false; // nothing of the rest can go
    this.failures = 0;
    this.read = null; // {done, total} files of a ZIP that is there
    this.stopping = new AbortController();
    this.state = "sending";
    addEventListener("beforeunload", this.warn);
    this.changed();
    await Promise.all(
      Array.from({ length: this.zip ? 1 : AT_ONCE }, async () => {
        while (!this.isStopping && this.left.length) await this.settle(this.left.shift());
      }),
    );
    this.state = this.left.length ? "stopped" : "idle";
    if (!this.left.length) removeEventListener("beforeunload", this.warn);
    this.ends += 1;
    this.tellReport();
    this.changed();
  }

  get isStopping() {
    return this.stopping.signal.aborted;
  }

  stop() {
    if (this.state !== "reading") this.end(); // else it is there: the server reads it to its end
  }

  end() {
    this.stopping.abort();
    this.tryNow();
  }

  /** Ends every wait: the network is back, somebody came back, or asks for it. */
  tryNow() {
    for (const wake of this.resting) wake();
  }

  /** The rest is not sent any more. */
  drop() {
    removeEventListener("beforeunload", this.warn);
    this.left = [];
    this.message = "";
    this.state = "idle";
    this.changed();
  }

  /** Nothing more can go: in the server's words. Who has to log in again may go on afterwards. */
  over(answer) {
    this.message = answer.message ?? "";
    if (answer.error !== SIGNED_OUT) {
      this.isOver = true;
      this.why = answer.error;
      for (const item of this.left) this.leaveOut(item);
      this.left = [];
    }
    this.end();
    return false;
  }

  /** Of photos each that does not get in is named; a ZIP is one file, and the message is about it. */
  leaveOut(item) {
    if (!this.zip) noteRejected(this.told, this.why, item.file.name);
  }

  tellReport() {
    if (isEmpty(this.told)) return;
    this.report = { id: `${this.id} ${this.ends}`, ...this.told };
  }

  /** The page has heard of a report. */
  heard(id) {
    if (this.report?.id === id) this.report = null;
  }

  get sentBytes() {
    let sum = this.settledBytes;
    for (const bytes of this.onTheirWay?.values() ?? []) sum += bytes;
    return Math.min(sum, this.bytes);
  }

  get settledFiles() {
    return this.number - this.left.length - this.onTheirWay.size;
  }

  async settle(item) {
    this.onTheirWay.set(item.id, 0);
    let settled = false;
    while (!settled && !this.isStopping)
      settled = this.zip ? await this.tryZip(item) : await this.tryPhoto(item);
    this.onTheirWay.delete(item.id);
    if (settled) this.settledBytes += item.file.size;
    else if (this.isOver) this.leaveOut(item);
    else this.left.unshift(item);
    this.changed();
  }

  /** True when nothing more is to be done about it. */
  async tryPhoto(item) {
    const query = `label=${encodeURIComponent(this.label)}`;
    const headers = { "X-Photo-Id": item.id };
    const reply = await this.post(`${this.url}/photos?${query}`, item, PHOTO_ANSWER_MS, headers);
    const verdict = reply ? verdictOf(reply, item.id) : "again";
    if (verdict === "again") return this.failed(item, reply);
    if (verdict === "over") return this.over(reply.answer);
    if (verdict === "saved") noteAdded(this.told, this.label, reply.answer.alike);
    else noteRejected(this.told, reply.answer.error, item.file.name);
    return this.passed();
  }

  /** The same. First the server is asked what it knows: what it has read once need not be sent again. */
  async tryZip(item) {
    const known = await this.askForZip();
    const heard = this.hear(known);
    if (heard === "reading") await this.rest(LOOK_EVERY_MS);
    if (heard) return heard === "read";
    if (known && zipVerdictOf(known) === "over") return this.over(known.answer);
    if (known?.answer?.state !== "unknown") return this.failed(item, known);
    let answered = false;
    const reply = await Promise.race([
      this.post(this.url, item, ZIP_ANSWER_MS, { "X-Upload-Id": this.id }).finally(() => {
        answered = true;
      }),
      this.follow(item, () => answered),
    ]);
    if (reply === "read") return true;
    const verdict = reply ? zipVerdictOf(reply) : "again";
    if (verdict === "again") return this.failed(item, reply);
    if (verdict === "over") return this.over(reply.answer);
    this.told = zipReport(reply.answer);
    return this.passed();
  }

  /** Nothing where nobody answers. */
  async askForZip() {
    try {
      const reply = await ask(`${this.url}/uploads/${this.id}`, ASK_MS);
      return reply.foreign ? { ...reply, answer: null } : reply;
    } catch {
      return null;
    }
  }

  /** What the server tells of a ZIP that it has: "reading", "read", or nothing. */
  hear(reply) {
    const answer = reply?.ok ? reply.answer : null;
    if (answer?.state === "reading") {
      this.passed();
      this.state = "reading";
      this.read = { done: answer.read, total: answer.total };
      this.changed();
      return "reading";
    }
    if (!answer?.report) return "";
    this.told = zipReport(answer.report);
    this.passed();
    return "read";
  }

  /** While a ZIP is read its answer takes minutes, and may get lost: how far it is, and that it is done. */
  async follow(item, isAnswered) {
    while (!isAnswered() && !this.isStopping) {
      await pause(LOOK_EVERY_MS);
      if (this.onTheirWay.get(item.id) !== item.file.size) continue;
      const known = await this.askForZip();
      // What was asked before the answer came, or before a stop, is of no use after it.
      if (isAnswered() || this.isStopping) break;
      if (this.hear(known) === "read") return "read";
    }
    return new Promise(() => {}); // the answer says it
  }

  /** The answer; nothing where none came. */
  async post(url, item, answerMs, headers) {
    try {
      return await send(url, item.file, {
        headers: { "Content-Type": "application/octet-stream", ...headers },
        sent: (bytes) => {
          this.onTheirWay.set(item.id, bytes);
          this.changed();
        },
        signal: this.stopping.signal,
        answerMs,
      });
    } catch {
      return null;
    }
  }

  passed() {
    this.failures = 0;
    this.trouble = "";
    return true;
  }

  /** Waits a while; true when nothing comes of this file at all. */
  async failed(item, reply) {
    if (this.isStopping) return false;
    this.state = "sending";
    this.read = null;
    this.onTheirWay.set(item.id, 0);
    if (!(await isReadable(item.file))) {
      noteRejected(this.told, FILE_GONE, item.file.name);
      return this.passed();
    }
    const { error, message, retry } = reply?.foreign ? {} : (reply?.answer ?? {});
    item.tries += error === UNREAD || (reply?.status === 500 && retry === false) ? 1 : 0;
    if (item.tries >= TRIES_MAX) {
      if (this.zip) return this.over({ error, message });
      noteRejected(this.told, error, item.file.name);
      return this.passed();
    }
    this.failures += 1;
    this.trouble = message || "network";
    this.changed();
    await this.rest(Math.max(reply?.retryAfterMs ?? 0, restMs(this.failures, Math.random())));
    return false;
  }

  /** A wait that ends early when there is a reason to. */
  async rest(ms) {
    let wake = null;
    const woken = new Promise((resolve) => {
      wake = resolve;
    });
    this.resting.add(wake);
    await Promise.race([pause(ms), woken]);
    this.resting.delete(wake);
  }
}

/** The run of this route in this browser tab. */
export function uploadRun(url) {
  window.classroomUploads ??= new Map();
  const known = window.classroomUploads.get(url);
  if (known && (known.busy || known.version === RUN_VERSION)) return known;
  const run = new UploadRun(url);
  window.classroomUploads.set(url, run);
  return run;
}
