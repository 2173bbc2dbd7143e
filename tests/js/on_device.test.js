import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Asking } from "../../classroom_app/ui/widgets/player/asking.js";
import { OnDevice, Pace } from "../../classroom_app/ui/widgets/player/on_device.js";

const LABEL = { label_id: "1", key: "apple", emoji: "🍎", name: "りんご" };
const OFFER = {
  files: { worker: "/on-device/x/worker.js" },
  model: { url: "/on-device/models/m1", sha256: "m1", version: 1, labels: [LABEL] },
  epoch: 2,
};
const PICTURE = { data: new Uint8ClampedArray(4), width: 1, height: 1 };

beforeEach(() => {
  const listeners = new Map();
  globalThis.addEventListener = (name, act) => listeners.set(name, act);
  globalThis.removeEventListener = (name) => listeners.delete(name);
  globalThis.heard = (name, detail) => listeners.get(name)?.({ detail });
});

/** A device whose worker answers as the test says. */
function opened(answer = () => ({ version: 1, unsure: false, scores: [{ label_id: "1", p: 1 }] })) {
  const worker = {
    asked: [],
    ended: false,
    postMessage(message) {
      this.asked.push(message);
      if (message.id === undefined) return;
      const said = answer(message);
      if (said !== undefined)
        queueMicrotask(() => this.onmessage({ data: { kind: "answer", id: message.id, answer: said } }));
    },
    terminate() {
      this.ended = true;
    },
  };
  const time = { now: 0 };
  const device = new OnDevice(
    () => {},
    () => worker,
    () => time.now,
  );
  device.update(OFFER);
  return { device, worker, time, tell: (data) => worker.onmessage({ data }) };
}

test("it is awaited while it loads, but not for ever, and then it guesses with the labels' names", async () => {
  const { device, worker, time, tell } = opened();
  assert.equal(worker.asked[0].kind, "open");
  assert.ok(device.isAwaited && !device.isHere);
  tell({ kind: "progress", share: 0.5 });
  assert.equal(device.share, 0.5);
  time.now = 60_000;
  assert.ok(!device.isAwaited);
  tell({ kind: "ready" });
  assert.ok(device.isHere);
  const { scores } = await device.answer({ kind: "frame", picture: PICTURE });
  assert.deepEqual(scores, [{ ...LABEL, p: 1 }]);
});

for (const reason of ["offline", "damaged", "gone", "space", "model", "error"]) {
  test(`where it cannot be opened (${reason}), it is given up and the server is asked`, async () => {
    const { device, worker, tell } = opened();
    tell({ kind: "failed", reason });
    assert.deepEqual([device.word, device.reason, worker.ended], ["away", reason, true]);
    assert.equal(await device.answer({ kind: "frame", picture: PICTURE }), null);
    device.update(OFFER); // the page runs again: it is not tried for ever
    assert.equal(device.word, "away");
  });
}

test("an old browser or an address without TLS has none", () => {
  const { subtle } = crypto;
  Object.defineProperty(crypto, "subtle", { configurable: true, value: undefined });
  try {
    const { device, worker } = opened();
    assert.equal(device.word, "away");
    assert.deepEqual(worker.asked, []);
  } finally {
    Object.defineProperty(crypto, "subtle", { configurable: true, value: subtle });
  }
});

test("a worker that dies in the middle of a question gives the question back", async () => {
  const { device, worker, tell } = opened(() => undefined);
  tell({ kind: "ready" });
  const answer = device.answer({ kind: "frame", picture: PICTURE });
  worker.onerror();
  assert.equal(await answer, null);
  assert.equal(device.word, "away");
});

test("fewer than two guesses a second are too slow, one hiccup is not", () => {
  const slow = new Pace();
  for (let n = 0; n < 9; n += 1) slow.took(600);
  assert.ok(slow.tooSlow);
  const hiccup = new Pace();
  for (const took of [5000, 2000, 90, 90, 90, 3000, 90, 90, 90, 700]) hiccup.took(took);
  assert.ok(!hiccup.tooSlow);
});

test("a device that is too slow is given up by itself", async () => {
  const { device, time, tell } = opened(() => {
    time.now += 700;
    return { version: 1, unsure: false, scores: [] };
  });
  tell({ kind: "ready" });
  for (let n = 0; n < 12 && device.isHere; n += 1) await device.answer({ kind: "frame", picture: PICTURE });
  assert.deepEqual([device.word, device.reason], ["away", "slow"]);
});

test("a new version swaps the head, the same one does not", () => {
  const { device, worker, tell } = opened();
  tell({ kind: "ready" });
  device.update(OFFER);
  assert.equal(worker.asked.length, 1);
  device.update({
    ...OFFER,
    model: { ...OFFER.model, url: "/on-device/models/m2", sha256: "m2", version: 2 },
  });
  assert.deepEqual(worker.asked[1], {
    kind: "model",
    model: { url: "/on-device/models/m2", sha256: "m2", version: 2 },
  });
});

test("a reset, or a group that is gone, takes the AI from the iPad", () => {
  for (const detail of [{ epoch: 3, gone: false }, { gone: true }]) {
    const { device, worker, tell } = opened();
    tell({ kind: "ready" });
    globalThis.heard("group-now", { epoch: 2, gone: false });
    assert.ok(!worker.ended);
    globalThis.heard("group-now", detail);
    assert.ok(worker.ended);
    assert.ok(!device.isHere);
  }
});

test("while the AI is here, a picture is never sent, not even for a question without an answer", async () => {
  globalThis.fetch = () => assert.fail("sent");
  const { device, tell } = opened(() => null);
  tell({ kind: "ready" });
  const asking = new Asking(device);
  asking.data = { predict_url: "/predict", explain_url: "/explain" };
  const reply = await asking.look(PICTURE, "unknown");
  assert.deepEqual([reply.ok, reply.status], [false, 404]);
});

test("another group's AI goes with the end of the swap round, with the next turn, and when its group is reset", () => {
  for (const lent of ["", "2.1.lions", "1.2.lions"]) {
    const { device, worker, tell } = opened();
    device.update({ ...OFFER, lent: "1.1.lions" });
    tell({ kind: "ready" });
    globalThis.heard("group-now", { epoch: 2, gone: false, lent: "1.1.lions" });
    assert.ok(device.isHere);
    globalThis.heard("group-now", { epoch: 2, gone: false, lent });
    assert.ok(worker.ended && !device.isHere, lent);
  }
});

const other = (sha256, version) => ({ ...OFFER, model: { ...OFFER.model, sha256, version } });

for (const reason of ["gone", "offline", "damaged", "space", "model"]) {
  test(`what was wrong with one version (${reason}) is not held against the next`, () => {
    const { device, worker, tell } = opened();
    tell({ kind: "ready" });
    device.update(other("m2", 2));
    tell({ kind: "failed", reason });
    assert.equal(device.word, "away");
    device.update(other("m2", 2)); // the page runs again
    assert.equal(device.word, "away");
    device.update(other("m3", 3));
    assert.equal(device.word, "loading");
    assert.deepEqual(worker.asked.at(-1).kind, "open");
    assert.equal(worker.asked.at(-1).model.version, 3);
  });
}

for (const reason of ["slow", "error"]) {
  test(`an iPad that cannot (${reason}) is not asked again by the next version`, () => {
    const { device, tell } = opened();
    tell({ kind: "ready" });
    tell({ kind: "failed", reason });
    device.update(other("m2", 2));
    assert.equal(device.word, "away");
  });
}

for (const back of ["online", "pageshow", "focus"]) {
  test(`whoever was away in the middle of loading goes on when it is back (${back})`, () => {
    const { device, worker, tell } = opened();
    tell({ kind: "progress", share: 0.4 });
    tell({ kind: "failed", reason: "offline" });
    assert.equal(device.word, "away");
    globalThis.heard(back);
    assert.equal(device.word, "loading");
    assert.equal(worker.asked.at(-1).kind, "open");
    tell({ kind: "ready" });
    globalThis.heard(back); // nothing is opened twice
    assert.ok(device.isHere);
  });
}

test("a page that is still hidden loads nothing, and one that is closed hears nothing", () => {
  const { device, worker, tell } = opened();
  tell({ kind: "failed", reason: "offline" });
  globalThis.document = { hidden: true };
  try {
    globalThis.heard("online");
    assert.equal(device.word, "away");
  } finally {
    globalThis.document = undefined;
  }
  const asked = worker.asked.length;
  device.close();
  globalThis.heard("online");
  assert.equal(worker.asked.length, asked);
});

test("photos that wait to be sent have the network first", () => {
  let waiting = 2;
  globalThis.classroomPhotoQueue = { snapshot: () => ({ waiting }) };
  try {
    const { device, worker } = opened();
    assert.deepEqual([device.word, worker.asked.length], ["none", 0]);
    globalThis.heard("group-now", { epoch: OFFER.epoch });
    assert.equal(device.word, "none");
    waiting = 0;
    globalThis.heard("group-now", { epoch: OFFER.epoch });
    assert.deepEqual([device.word, worker.asked[0].kind], ["loading", "open"]);
  } finally {
    delete globalThis.classroomPhotoQueue;
  }
});

test("what a group is no longer offered is not loaded after its photos", () => {
  globalThis.classroomPhotoQueue = { snapshot: () => ({ waiting: 1 }) };
  const { device } = opened();
  delete globalThis.classroomPhotoQueue;
  globalThis.heard("group-now", { epoch: OFFER.epoch + 1 });
  globalThis.heard("group-now", { epoch: OFFER.epoch });
  assert.equal(device.word, "none");
});

test("where the network gave nothing it is tried again after a while, and nothing else is", () => {
  for (const [reason, again] of [
    ["offline", "loading"],
    ["error", "away"],
  ]) {
    const { device, time, tell } = opened();
    tell({ kind: "failed", reason });
    time.now = 10_000;
    globalThis.heard("group-now", { epoch: OFFER.epoch });
    assert.equal(device.word, "away");
    time.now = 40_000;
    globalThis.heard("group-now", { epoch: OFFER.epoch });
    assert.equal(device.word, again);
  }
});

test("an AI that comes back after a gap lets the photos go first too", () => {
  const { device, time, tell } = opened();
  tell({ kind: "failed", reason: "offline" });
  let waiting = 1;
  globalThis.classroomPhotoQueue = { snapshot: () => ({ waiting }) };
  try {
    time.now = 60_000;
    globalThis.heard("online");
    globalThis.heard("group-now", { epoch: OFFER.epoch });
    assert.equal(device.word, "away");
    const next = { ...OFFER, model: { ...OFFER.model, sha256: "m2", version: 2 } };
    device.update(next);
    assert.equal(device.word, "none", "the server guesses meanwhile");
    waiting = 0;
    globalThis.heard("group-now", { epoch: OFFER.epoch });
    assert.equal(device.word, "loading");
  } finally {
    delete globalThis.classroomPhotoQueue;
  }
});
