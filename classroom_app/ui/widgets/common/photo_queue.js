// The queue of photos on their way to the server: survives Wi-Fi gaps, sleep, reloads and page changes.
// Knows nothing of cameras or screens. One for the whole browser tab: it lives on window, not in a widget.

import { isPassing, post } from "./ask.js";
import { memo, newId } from "./base.js";
import { UnsentStore } from "./indexed_db.js";

const QUEUE_VERSION = 6;
const AT_ONCE = 3;
const SEND_TIMEOUT_MS = 30_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 6_500; // with its chance below ten seconds: so long nobody wonders after an outage
const KEEP_IN_MEMORY = 60; // photos; more than that are read back from IndexedDB when their turn comes
const FORGET_AFTER_MS = 3 * 24 * 3600 * 1000; // a class is one day: don't keep children's photos on an iPad
const LOOK_FOR_OLD_EVERY_MS = 3600 * 1000;
const BLOCKED_AFTER_MS = 4_000; // of nothing but pages that are not ours: no hiccup, but a filter
const BLOCKED_AFTER_5XX_MS = 60_000; // a load balancer's page while the app starts again looks the same

/**
 * What the reply means for the photo `id`: saved, refused, over, reset, signed_out, wait or foreign.
 * Only our own server, in its own words, ends a photo's life.
 */
export function verdictOf(reply, id) {
  const { ok, status, answer, foreign } = reply;
  if (foreign) return "foreign";
  if (ok) return answer?.id === id ? "saved" : "wait";
  if (status === 401) return answer?.error === "class_over" ? "over" : "signed_out";
  if (answer?.error === "error_group_was_reset") return "reset";
  if (isPassing(reply)) return "wait";
  return answer?.retry === false ? "refused" : "wait";
}

/** How long to wait after so many failures; `chance`, 0 to 1, keeps iPads from coming all at once. */
export const waitMs = (failures, chance) =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (0.5 + chance);

export class PhotoQueue {
  constructor(store = new UnsentStore()) {
    this.version = QUEUE_VERSION;
    this.store = store;
    this.photos = new Map();
    this.listeners = new Set();
    this.taken = new Map(); // "group label" -> photos taken since the page was opened
    this.group = null;
    this.byStaff = false; // a facilitator's shots go up with a facilitator's cookie, whichever group's is here
    this.cookieGroup = null; // whose cookie it was when the server last said so
    this.inFlight = 0;
    this.failures = 0;
    this.pausedUntil = 0;
    this.signedOut = false;
    this.strangers = null; // {since, latest, status} while somebody else answers for the server
    this.saved = 0;
    this.refusals = 0; // since the tab was opened
    this.refusedAt = null; // when the last one was
    this.advice = null; // what the photo coach said last
    this.timer = null;
    const wake = () => {
      this.wake();
      this.changed();
    };
    addEventListener("online", wake);
    addEventListener("pageshow", wake);
    addEventListener("storage", wake);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) wake();
    });
    setInterval(() => this.forgetOld(), LOOK_FOR_OLD_EVERY_MS);
    this.ready = this.load();
  }

  async load() {
    let kept = [];
    try {
      kept = await this.store.all();
    } catch {
      /* no IndexedDB: the queue lives in memory alone */
    }
    for (const photo of kept) {
      if (!this.photos.has(photo.id)) this.photos.set(photo.id, this.waiting(photo, Promise.resolve(true)));
    }
    this.forgetOld();
    this.changed();
    this.pump();
  }

  forgetOld() {
    this.letGo((photo) => Date.now() - photo.takenAt > FORGET_AFTER_MS);
    this.changed();
  }

  waiting(photo, stored) {
    const bytes = this.photos.size < KEEP_IN_MEMORY ? photo.bytes : null;
    return { ...photo, bytes, stored, attempts: 0, notBefore: 0, sending: false };
  }

  /** From now on the cookie is this group's; photos of others wait until their group is back. */
  useGroup(group) {
    if (group !== this.group) memo.set("group", group); // all tabs of this iPad share the cookie
    this.group = group;
    this.byStaff = false;
    this.wake();
  }

  /** From now on a facilitator takes challenge photos of this class; no group's cookie has to do with it. */
  useStaff(set) {
    this.group = set;
    this.byStaff = true;
    this.wake();
  }

  /** The server says whose the cookie is: another tab of this iPad may have joined another group, or come back. */
  cookieIs(group) {
    if ((memo.get("group") ?? this.cookieGroup) === group && !this.signedOut) return;
    this.cookieGroup = group; // where nothing can be stored, this tab at least remembers
    memo.set("group", group);
    this.wake();
    this.changed();
  }

  get cookieIsAnothers() {
    if (this.byStaff) return false;
    const known = memo.get("group");
    return known !== null && known !== this.group;
  }

  add({ group, groupName = "", epoch, label, url, bytes }) {
    const byStaff = this.byStaff;
    const photo = { id: newId(), group, groupName, byStaff, epoch, label, url, bytes, takenAt: Date.now() };
    const stored = this.store.put(photo).then(
      () => true,
      () => false,
    );
    const entry = { ...this.waiting(photo, stored), bytes };
    this.photos.set(photo.id, entry);
    this.count(photo, 1);
    stored.then((kept) => {
      if (kept && this.photos.size > KEEP_IN_MEMORY && !entry.sending) entry.bytes = null;
    });
    this.changed();
    this.pump();
  }

  count({ group, label }, by) {
    const name = `${group} ${label}`;
    this.taken.set(name, Math.max(0, (this.taken.get(name) ?? 0) + by));
  }

  takenOf(group, label) {
    return this.taken.get(`${group} ${label}`) ?? 0;
  }

  /** Some of them were deleted: from now on they are counted anew. */
  forgetTaken(group, label) {
    this.taken.delete(`${group} ${label}`);
  }

  mine() {
    return [...this.photos.values()].filter((photo) => photo.group === this.group);
  }

  waitingByLabel() {
    const found = new Map();
    for (const { label } of this.mine()) found.set(label, (found.get(label) ?? 0) + 1);
    return found;
  }

  /** Photos that another group took on this iPad, and its name; its card brings them on their way again.
   * A facilitator's are none of children's business, nor theirs of a facilitator's.
   */
  others() {
    if (this.byStaff) return { number: 0, name: "" };
    const theirs = [...this.photos.values()].filter((photo) => photo.group !== this.group && !photo.byStaff);
    const name = theirs[0]?.groupName ?? "";
    return { number: theirs.filter((photo) => photo.group === theirs[0].group).length, name };
  }

  get blocked() {
    if (!this.strangers) return false;
    const { since, latest, status } = this.strangers;
    return latest - since >= (status >= 500 ? BLOCKED_AFTER_5XX_MS : BLOCKED_AFTER_MS);
  }

  snapshot() {
    return {
      waiting: this.mine().length,
      waitingByLabel: this.waitingByLabel(),
      others: this.others(),
      otherGroup: this.cookieIsAnothers,
      blocked: this.blocked && this.mine().length > 0,
      saved: this.saved,
      refusals: this.refusals,
      refusedAt: this.refusedAt,
      refusal: this.refusal ?? "",
      refusalKey: this.refusalKey ?? "",
      advice: this.advice,
      stuck: this.failures > 1,
      signedOut: this.signedOut,
    };
  }

  subscribe(listener) {
    this.listeners.add(listener);
    listener(this.snapshot());
    return () => this.listeners.delete(listener);
  }

  changed() {
    if (this.announcing) return;
    this.announcing = true;
    queueMicrotask(() => {
      this.announcing = false;
      for (const listener of this.listeners) listener(this.snapshot());
    });
  }

  wake() {
    this.signedOut = false;
    this.pausedUntil = 0;
    for (const photo of this.photos.values()) photo.notBefore = 0;
    this.pump();
  }

  pump() {
    clearTimeout(this.timer);
    if (!this.group || this.signedOut || this.cookieIsAnothers) return;
    const now = Date.now();
    const idle = this.mine().filter((photo) => !photo.sending);
    const slots = (this.failures ? 1 : AT_ONCE) - this.inFlight; // after a failure one photo feels the way
    if (now >= this.pausedUntil) {
      for (const photo of idle.filter((one) => one.notBefore <= now).slice(0, Math.max(0, slots)))
        this.send(photo);
    }
    const next = Math.min(...idle.filter((photo) => !photo.sending).map((photo) => photo.notBefore));
    if (Number.isFinite(next) && this.inFlight === 0) {
      this.timer = setTimeout(() => this.pump(), Math.max(50, Math.max(next, this.pausedUntil) - now));
    }
  }

  async send(photo) {
    photo.sending = true;
    this.inFlight += 1;
    let verdict = "wait";
    let reply = null;
    try {
      const bytes = photo.bytes ?? (await this.store.get(photo.id))?.bytes;
      if (bytes) {
        reply = await this.post(photo, bytes);
        verdict = verdictOf(reply, photo.id);
      } else {
        verdict = "gone"; // another tab of this iPad has sent it
      }
    } catch {
      /* no network, or too slow: the photo stays */
    }
    this.inFlight -= 1;
    photo.sending = false;
    this.settle(photo, verdict, reply);
    this.changed();
    this.pump();
  }

  post(photo, bytes) {
    // By the same clock as the photo's time: the server then knows its age, however wrong this clock is.
    const times = `taken_at=${photo.takenAt}&sent_at=${Date.now()}`;
    const query = `label=${encodeURIComponent(photo.label)}&${times}`;
    const headers = {
      "Content-Type": "image/jpeg",
      "X-Photo-Id": photo.id,
      "X-Group-Id": encodeURIComponent(photo.group),
      ...(photo.epoch ? { "X-Group-Epoch": String(photo.epoch) } : {}),
    };
    return post(`${photo.url}?${query}`, SEND_TIMEOUT_MS, bytes, { headers });
  }

  settle(photo, verdict, reply) {
    const answer = reply?.answer;
    photo.attempts += 1;
    if (reply) this.answeredBy(reply);
    if (verdict === "saved" || verdict === "gone") {
      if (verdict === "saved") this.saved += 1;
      if (answer?.coach) {
        this.advice = {
          kind: answer.coach,
          sentence: answer.message ?? "",
          label: photo.label,
          takenAt: photo.takenAt,
        };
      }
      this.failures = 0;
      this.pausedUntil = 0;
      this.drop(photo);
    } else if (verdict === "refused") {
      this.refuse(answer);
      this.letGo((one) => one === photo);
    } else if (verdict === "over") {
      // nobody will ever ask for this group's photos
      this.refuse(answer);
      this.letGo((one) => one.group === photo.group);
    } else if (verdict === "reset") {
      this.refuse(answer);
      this.letGo((one) => one.group === photo.group && one.epoch === photo.epoch);
    } else if (verdict === "signed_out") {
      this.signedOut = true;
    } else {
      this.failures += 1;
      const askedMs = reply?.retryAfterMs ?? 0;
      photo.notBefore = Date.now() + Math.max(askedMs, waitMs(photo.attempts, Math.random()));
      this.pausedUntil = Date.now() + Math.max(askedMs, waitMs(this.failures, Math.random()));
    }
  }

  answeredBy({ foreign, status }) {
    const now = Date.now();
    this.strangers = foreign ? { since: this.strangers?.since ?? now, latest: now, status } : null;
  }

  refuse(answer) {
    this.refusals += 1;
    this.refusedAt = Date.now();
    this.refusal = answer?.message ?? "";
    this.refusalKey = answer?.error ?? "";
    this.failures = 0;
    this.pausedUntil = 0;
  }

  letGo(which) {
    for (const photo of [...this.photos.values()].filter(which)) {
      this.count(photo, -1);
      this.drop(photo);
    }
  }

  drop(photo) {
    this.photos.delete(photo.id);
    photo.bytes = null;
    photo.stored.then((kept) => {
      if (kept) this.store.remove(photo.id).catch(() => {});
    });
  }
}

export function photoQueue() {
  if (window.classroomPhotoQueue?.version !== QUEUE_VERSION) window.classroomPhotoQueue = new PhotoQueue();
  return window.classroomPhotoQueue;
}
