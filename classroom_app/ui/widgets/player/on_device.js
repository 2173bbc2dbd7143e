// The page's side of the AI on the iPad: opens the worker, asks it, and gives it up where it fails or is slow. The
// page then asks the server as it would without it.
//
// Words: none (the server has nothing for it), loading, here (it guesses), away (it was given up).

const ANSWER_MS = 6000;
const SLOWEST_MS = 500; // two guesses a second
const PACE_OF = 7; // guesses
const PATIENCE_MS = 8000; // then the server guesses while the rest is loaded
const AGAIN_MS = 30_000; // from one try to the next where the network gave nothing
const BACK = ["online", "pageshow", "focus"];
const PASSING = new Set(["offline", "gone", "damaged", "space", "model"]); // another model may come through
const GUESSES_UNCOUNTED = 2; // the first ones warm up

/** Whether guesses come too slowly: by the median, so that one hiccup counts for nothing. */
export class Pace {
  constructor() {
    this.times = [];
    this.counted = -GUESSES_UNCOUNTED;
  }

  took(milliseconds) {
    this.counted += 1;
    if (this.counted > 0) this.times = [...this.times, milliseconds].slice(-PACE_OF);
  }

  get tooSlow() {
    const ordered = [...this.times].sort((one, other) => one - other);
    return ordered.length === PACE_OF && ordered[(PACE_OF - 1) / 2] > SLOWEST_MS;
  }
}

/** Photos on their way to the server have the network first: a class may lose none. */
const photosWait = () => (globalThis.classroomPhotoQueue?.snapshot().waiting ?? 0) > 0;

const startWorker = (url) => new Worker(url, { type: "module" });

export class OnDevice {
  /** `changed` hears that the word or the share loaded has changed. */
  constructor(changed, start = startWorker, clock = () => performance.now()) {
    Object.assign(this, { changed, start, clock });
    this.word = "none";
    this.share = 0;
    this.reason = "";
    this.waiting = new Map(); // id -> {resolve, reject}
    this.lastId = 0;
    this.onNow = ({ detail }) => this.heardNow(detail);
    globalThis.addEventListener?.("group-now", this.onNow);
    // An iPad that slept or lost the Wi-Fi in the middle of loading has lost no more than time.
    this.onBack = () => this.triesAgain();
    for (const name of BACK) globalThis.addEventListener?.(name, this.onBack);
  }

  /** Each time that the page has run: `offer` has the files, the newest model and its labels; null: nothing. */
  update(offer) {
    if (!offer) {
      this.offer = null;
      this.end("none", "");
      return;
    }
    this.labels = new Map(offer.model.labels.map((label) => [label.label_id, label]));
    this.offer = offer;
    const isNew = offer.model.sha256 !== this.model;
    const comes = this.word === "away" && isNew && PASSING.has(this.reason);
    if (this.word === "none" || comes) this.opensAfterPhotos();
    else if (this.worker && isNew) this.worker.postMessage({ kind: "model", model: plain(offer.model) });
    this.model = offer.model.sha256;
    this.epoch = offer.epoch;
    this.lent = offer.lent ?? "";
  }

  opensAfterPhotos() {
    if (photosWait()) this.word = "none";
    else this.open(this.offer);
  }

  open(offer) {
    // Without a secure context nothing can be checked against its hash.
    if (!globalThis.crypto?.subtle || typeof WebAssembly === "undefined") {
      this.end("away", "old");
      return;
    }
    this.pace = new Pace();
    this.openedAt = this.clock();
    this.word = "loading";
    this.share = 0;
    try {
      this.worker = this.start(offer.files.worker);
    } catch {
      this.end("away", "error");
      return;
    }
    this.worker.onmessage = ({ data }) => this.heard(data);
    this.worker.onerror = () => this.end("away", "error");
    this.worker.postMessage({ kind: "open", files: offer.files, model: plain(offer.model) });
    this.changed();
  }

  heard(said) {
    const asked = this.waiting.get(said.id);
    this.waiting.delete(said.id);
    if (said.kind === "progress") this.share = said.share;
    if (said.kind === "ready") this.word = "here";
    if (said.kind === "failed") this.end("away", said.reason);
    if (said.kind === "answer") asked?.resolve(said.answer);
    if (said.kind === "failed") asked?.resolve(null);
    if (said.kind !== "answer") this.changed();
  }

  /** What the group's page has just heard of the group: another epoch, that it is gone, or that it was lent another
   * AI or none, takes the AI with it. */
  heardNow({ epoch, gone, lent = "" }) {
    if (gone || epoch !== this.epoch || lent !== this.lent) {
      this.offer = null;
      if (this.worker) this.end("none", "");
    } else if (this.word === "none" && this.offer) this.opensAfterPhotos();
    else if (this.clock() - this.openedAt > AGAIN_MS) this.triesAgain();
  }

  triesAgain() {
    if (photosWait() || globalThis.document?.hidden) return; // the next news of the group asks again
    if (this.word === "away" && this.reason === "offline" && this.offer) this.open(this.offer);
  }

  get isHere() {
    return this.word === "here";
  }

  /** Still loading, and not for so long that a child would wait in vain. */
  get isAwaited() {
    return this.word === "loading" && this.clock() - this.openedAt < PATIENCE_MS;
  }

  /** `asked`: {kind, picture, …} for the worker. Null where it has no answer: then the server is asked. */
  async answer(asked) {
    const began = this.clock();
    const answer = await this.asked(asked);
    if (answer && asked.kind === "frame" && this.worker) {
      this.pace.took(this.clock() - began);
      if (this.pace.tooSlow) this.end("away", "slow");
    }
    return answer?.scores
      ? { ...answer, scores: answer.scores.flatMap((score) => this.named(score)) }
      : answer;
  }

  asked(asked) {
    if (!this.isHere) return Promise.resolve(null);
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve) => {
      const limit = setTimeout(() => this.end("away", "slow"), ANSWER_MS);
      const done = (answer) => {
        clearTimeout(limit);
        resolve(answer);
      };
      this.waiting.set(id, { resolve: done });
      this.worker.postMessage({ ...asked, id });
    });
  }

  named(score) {
    const label = this.labels.get(score.label_id);
    return label ? [{ ...label, p: score.p }] : [];
  }

  /** With the worker goes all that it has of the group. */
  end(word, reason) {
    this.worker?.terminate();
    this.worker = null;
    const changes = this.word !== word;
    Object.assign(this, { word, reason });
    for (const { resolve } of this.waiting.values()) resolve(null);
    this.waiting.clear();
    if (changes) this.changed();
  }

  close() {
    this.changed = () => {};
    globalThis.removeEventListener?.("group-now", this.onNow);
    for (const name of BACK) globalThis.removeEventListener?.(name, this.onBack);
    this.end("none", "");
  }
}

/** What the worker needs of a model. */
const plain = ({ url, sha256, version }) => ({ url, sha256, version });
