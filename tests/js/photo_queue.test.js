import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { PhotoQueue, verdictOf, waitMs } from "../../classroom_app/ui/widgets/common/photo_queue.js";
import { FakeStore, settled, useDocument, useServer, useStorage } from "./doubles.js";

const HOUR_MS = 3600 * 1000;
const START = 1_000_000_000;

useDocument();
beforeEach(() => useStorage("localStorage"));

/** A queue of the penguins with a clock that a test turns. */
async function queueOf(t, store = new FakeStore()) {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: START });
  const queue = new PhotoQueue(store);
  queue.useGroup("penguins");
  await queue.ready;
  return queue;
}

const photo = (label = "rock", group = "penguins", epoch = 1) => ({
  group,
  epoch,
  label,
  url: "/photos",
  bytes: new ArrayBuffer(8),
});

const idOf = (call) => call.headers["X-Photo-Id"];
const saved = (call) => ({ status: 201, body: { id: idOf(call), status: "saved" } });

// ---- verdicts

test("only the photo's own id is success", () => {
  const verdict = (answer) => verdictOf({ ok: true, status: 200, answer }, "a");
  assert.equal(verdict({ id: "a" }), "saved");
  assert.equal(verdict({ id: "b" }), "wait");
  assert.equal(verdict(null), "wait", "a Wi-Fi log-in page");
});

test("a verdict for every other answer", () => {
  const verdict = (status, answer = null) => verdictOf({ ok: false, status, answer }, "a");
  assert.equal(verdict(401), "signed_out");
  assert.equal(verdict(401, { error: "signed_out", retry: false }), "signed_out");
  assert.equal(verdict(401, { error: "class_over", retry: false }), "over");
  assert.equal(verdict(409, { error: "error_group_was_reset", retry: false }), "reset");
  assert.equal(verdict(422, { error: "photo_too_dark", retry: false }), "refused");
  assert.equal(verdict(404), "wait", "refused without a word about trying again");
  assert.equal(verdict(403, { error: "csrf", retry: true }), "wait");
  for (const status of [408, 425, 429, 500, 502, 503, 504]) assert.equal(verdict(status), "wait");
  assert.equal(verdict(503, { retry: false }), "wait", "a server that is down refuses nothing for good");
});

test("no answer but our own ends a photo's life", () => {
  const endings = [
    { ok: true, status: 201, answer: { id: "a" } },
    { ok: false, status: 401, answer: { error: "class_over", retry: false } },
    { ok: false, status: 409, answer: { error: "error_group_was_reset", retry: false } },
    { ok: false, status: 413, answer: { error: "error_too_large", retry: false } },
  ];
  for (const reply of endings) {
    assert.notEqual(verdictOf({ ...reply, foreign: false }, "a"), "wait");
    assert.equal(verdictOf({ ...reply, foreign: true }, "a"), "foreign");
  }
});

test("waits grow from half a second to six and a half", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 99].map((failures) => waitMs(failures, 0.5)),
    [500, 1000, 2000, 4000, 6500, 6500, 6500, 6500],
  );
  assert.ok(waitMs(99, 1) < 10_000, "after the longest outage photos go on within ten seconds");
  assert.equal(waitMs(1, 0), 250);
});

// ---- order

test("three go at once, in the order they were taken, the next when one is done", async (t) => {
  const queue = await queueOf(t);
  const open = [];
  const calls = useServer(
    (call) =>
      new Promise((resolve) => {
        open.push(() => resolve(saved(call)));
      }),
  );
  for (const label of ["a", "b", "c", "d", "e"]) queue.add(photo(label));
  await settled();
  const labels = () => calls.map((call) => new URL(call.url, "http://x").searchParams.get("label"));
  assert.deepEqual(labels(), ["a", "b", "c"]);
  open[1]();
  await settled();
  assert.deepEqual(labels(), ["a", "b", "c", "d"]);
  for (const answer of open) answer();
  await settled();
  open[4]();
  await settled();
  assert.deepEqual(labels(), ["a", "b", "c", "d", "e"]);
  assert.equal(queue.photos.size, 0);
  assert.equal(queue.snapshot().saved, 5);
});

test("what goes up says whose it is and when it was taken", async (t) => {
  const queue = await queueOf(t);
  const calls = useServer(saved);
  queue.useGroup("ペンギン");
  queue.add(photo("a b", "ペンギン", 7));
  await settled();
  // Both by the same clock: the server learns the photo's age from them, however wrong the clock is.
  assert.equal(calls[0].url, `/photos?label=a%20b&taken_at=${START}&sent_at=${START}`);
  assert.equal(calls[0].method, "POST");
  assert.equal(calls[0].headers["X-Classroom"], "1");
  assert.equal(calls[0].headers["X-Group-Id"], encodeURIComponent("ペンギン"));
  assert.equal(calls[0].headers["X-Group-Epoch"], "7");
});

test("after a failure one photo feels the way, and when it came through all follow", async (t) => {
  const queue = await queueOf(t);
  let down = true;
  const calls = useServer((call) => (down ? { status: 503 } : saved(call)));
  for (let n = 0; n < 5; n += 1) queue.add(photo());
  await settled();
  assert.equal(calls.length, 3);
  assert.equal(queue.snapshot().stuck, true);
  t.mock.timers.tick(20_000);
  await settled();
  assert.equal(calls.length, 4);
  down = false;
  t.mock.timers.tick(30_000);
  await settled();
  assert.equal(calls.length, 9);
  assert.equal(new Set(calls.map(idOf)).size, 5, "each under its own id, however often");
  assert.deepEqual([queue.photos.size, queue.snapshot().stuck], [0, false]);
});

test("no network is a wait, and the network's coming back ends it", async (t) => {
  const queue = await queueOf(t);
  let away = true;
  const calls = useServer((call) => {
    if (away) throw new TypeError("Failed to fetch");
    return saved(call);
  });
  queue.add(photo());
  await settled();
  away = false;
  queue.wake();
  await settled();
  assert.equal(calls.length, 2);
  assert.equal(queue.photos.size, 0);
});

test("the server may ask for a longer wait, of all photos", async (t) => {
  const queue = await queueOf(t);
  const calls = useServer(() => ({ status: 429, headers: { "Retry-After": "60" } }));
  queue.add(photo());
  await settled();
  t.mock.timers.tick(30_000);
  queue.add(photo());
  t.mock.timers.tick(29_000);
  await settled();
  assert.equal(calls.length, 1);
  t.mock.timers.tick(1_100);
  await settled();
  assert.equal(calls.length, 2);
});

test("photos of another group wait for their group, also one that another tab has let in", async (t) => {
  const queue = await queueOf(t);
  const calls = useServer(saved);
  queue.add(photo("rock", "foxes"));
  await settled();
  assert.equal(calls.length, 0);
  assert.equal(queue.snapshot().waiting, 0, "not this group's business");
  queue.useGroup("foxes");
  await settled();
  assert.equal(calls.length, 1);
  localStorage.setItem("classroom.group", "penguins"); // another tab: the cookie is theirs now
  queue.add({ ...photo("rock", "foxes"), groupName: "キツネ" });
  await settled();
  assert.equal(calls.length, 1);
  assert.equal(queue.snapshot().otherGroup, true, "the reason why this one waits");
  queue.useGroup("foxes"); // a rerun of this page: it does not know of the other tab
  await settled();
  assert.equal(calls.length, 1);
  queue.cookieIs("foxes"); // the card was scanned again, and the server said so
  await settled();
  assert.deepEqual([calls.length, queue.snapshot().otherGroup, queue.photos.size], [2, false, 0]);
});

test("a page of another group knows whose photos wait on this iPad", async (t) => {
  const queue = await queueOf(t);
  queue.add({ ...photo("rock", "foxes"), groupName: "キツネ" });
  queue.add({ ...photo("rock", "foxes"), groupName: "キツネ" });
  queue.add({ ...photo("rock", "bears"), groupName: "クマ" });
  assert.deepEqual(queue.snapshot().others, { number: 2, name: "キツネ" });
});

test("a facilitator's shots go up whichever group's cookie is here, and are no group's business", async (t) => {
  const queue = await queueOf(t);
  const calls = useServer(saved);
  queue.add(photo("rock", "foxes"));
  queue.useStaff("challenge:1");
  queue.cookieIs("foxes");
  queue.add({ ...photo("rock", "challenge:1"), url: "/api/events/1/challenge/photos" });
  assert.deepEqual(queue.snapshot().others, { number: 0, name: "" }, "children's photos are not theirs");
  await settled();
  assert.equal(calls.length, 1);
  assert.match(calls[0].url, /^\/api\/events\/1\/challenge\/photos\?label=rock&/);
  assert.equal(localStorage.getItem("classroom.group"), "foxes", "the children's cookie is as it was");
  useServer(() => ({ status: 503, body: { retry: true } }));
  queue.add(photo("rock", "challenge:1"));
  await settled();
  queue.useGroup("penguins");
  queue.cookieIs("penguins");
  assert.deepEqual([queue.snapshot().others.number, queue.snapshot().waiting], [1, 0], "the foxes' alone");
});

test("a word that the cookie is ours again ends the wait of a group that was signed out", async (t) => {
  const queue = await queueOf(t);
  useServer(() => ({ status: 401, body: { error: "error_not_allowed", retry: false } }));
  queue.add(photo());
  await settled();
  assert.equal(queue.snapshot().signedOut, true);
  const calls = useServer(saved);
  queue.cookieIs("penguins");
  await settled();
  queue.cookieIs("penguins");
  assert.deepEqual([calls.length, queue.photos.size], [1, 0]);
});

// ---- how a photo ends

test("a saved photo leaves the iPad, and its advice is heard", async (t) => {
  const store = new FakeStore();
  const queue = await queueOf(t, store);
  useServer((call) => ({ status: 201, body: { id: idOf(call), coach: "dark", message: "くらい" } }));
  queue.add(photo("paper"));
  await settled();
  assert.equal(store.photos.size, 0);
  assert.deepEqual(queue.snapshot().advice, {
    kind: "dark",
    sentence: "くらい",
    label: "paper",
    takenAt: START,
  });
  assert.equal(queue.takenOf("penguins", "paper"), 1);
});

test("a refused photo is let go with its sentence, and counts no more", async (t) => {
  const store = new FakeStore();
  const queue = await queueOf(t, store);
  useServer(() => ({ status: 422, body: { error: "photo_too_dark", message: "まっくら", retry: false } }));
  queue.add(photo());
  await settled();
  const { refusals, refusedAt, refusal, refusalKey, waiting } = queue.snapshot();
  assert.deepEqual([refusals, refusal, refusalKey, waiting], [1, "まっくら", "photo_too_dark", 0]);
  assert.equal(refusedAt, START);
  assert.equal(queue.takenOf("penguins", "rock"), 0);
  assert.equal(store.photos.size, 0);
});

/** A filter, a portal or a load balancer answers in the server's place. */
function useStranger(status) {
  const calls = [];
  globalThis.fetch = async (url, options) => {
    calls.push({ url, ...options });
    return new Response("<html>not ours</html>", { status });
  };
  return calls;
}

for (const status of [200, 400, 401, 403, 404, 409, 413, 422, 429, 451, 502]) {
  test(`a stranger's ${status} costs no photo, however often`, async (t) => {
    const store = new FakeStore();
    const queue = await queueOf(t, store);
    const calls = useStranger(status);
    queue.add(photo());
    for (let n = 0; n < 20; n += 1) {
      await settled();
      t.mock.timers.tick(30_000);
    }
    await settled();
    assert.equal(calls.length, 21, "it is asked again and again");
    const { waiting, refusals, signedOut, blocked } = queue.snapshot();
    assert.deepEqual([waiting, refusals, signedOut, blocked], [1, 0, false, true]);
    assert.equal(store.photos.size, 1);
    useServer(saved);
    t.mock.timers.tick(30_000);
    await settled();
    assert.deepEqual([queue.photos.size, queue.snapshot().saved, queue.snapshot().blocked], [0, 1, false]);
  });
}

test("one strange page is no blockade, and a load balancer's is none for a minute", async (t) => {
  const queue = await queueOf(t);
  useStranger(403);
  queue.add(photo());
  await settled();
  assert.equal(queue.snapshot().blocked, false);
  for (let n = 0; n < 4; n += 1) {
    t.mock.timers.tick(3_000);
    await settled();
  }
  assert.equal(queue.snapshot().blocked, true);
  useServer(() => ({ status: 503 }));
  queue.wake();
  await settled();
  assert.equal(queue.snapshot().blocked, false, "our own word that it is busy");
  useStranger(502);
  for (let n = 0; n < 4; n += 1) {
    queue.wake();
    await settled();
    t.mock.timers.tick(14_000);
  }
  assert.equal(queue.snapshot().blocked, false);
  t.mock.timers.tick(14_000);
  queue.wake();
  await settled();
  t.mock.timers.tick(14_000);
  queue.wake();
  await settled();
  assert.equal(queue.snapshot().blocked, true);
});

test("a reset takes the photos of its time, and no others", async (t) => {
  const queue = await queueOf(t);
  useServer(() => ({ status: 503 }));
  queue.add(photo("rock", "penguins", 1));
  queue.add(photo("rock", "penguins", 1));
  queue.add(photo("rock", "penguins", 2));
  queue.add(photo("rock", "foxes", 1));
  await settled();
  const reset = { error: "error_group_was_reset", message: "リセット", retry: false };
  useServer((call) =>
    call.headers["X-Group-Epoch"] === "1" ? { status: 409, body: reset } : { status: 503 },
  );
  queue.wake();
  await settled();
  const left = [...queue.photos.values()].map(({ group, epoch }) => `${group} ${epoch}`);
  assert.deepEqual(left, ["penguins 2", "foxes 1"]);
  assert.equal(queue.snapshot().refusalKey, "error_group_was_reset");
});

test("when a class is over its group's photos go, of all its times", async (t) => {
  const store = new FakeStore();
  const queue = await queueOf(t, store);
  useServer(() => ({ status: 401, body: { error: "class_over", message: "おしまい", retry: false } }));
  queue.add(photo("rock", "foxes"));
  queue.add(photo("rock", "penguins", 1));
  queue.add(photo("rock", "penguins", 2));
  await settled();
  assert.deepEqual(
    [...store.photos.values()].map((one) => one.group),
    ["foxes"],
  );
});

test("a group that is signed out keeps its photos and asks no more until it is back", async (t) => {
  const queue = await queueOf(t);
  const calls = useServer(() => ({ status: 401, body: { error: "signed_out", retry: false } }));
  queue.add(photo());
  await settled();
  assert.equal(queue.snapshot().signedOut, true);
  queue.add(photo());
  t.mock.timers.tick(60_000);
  await settled();
  assert.equal(calls.length, 1);
  useServer(saved);
  queue.useGroup("penguins");
  await settled();
  assert.equal(queue.photos.size, 0);
});

// ---- the iPad's own store

test("photos of before a reload go up as soon as the page is back", async (t) => {
  const kept = { ...photo("paper"), id: "old", takenAt: START - HOUR_MS };
  const calls = useServer(saved);
  await queueOf(t, new FakeStore(kept));
  await settled();
  assert.deepEqual(calls.map(idOf), ["old"]);
  assert.equal(calls[0].body.byteLength, 8);
});

test("a photo that another tab has sent is gone without a word", async (t) => {
  const calls = useServer(saved);
  const store = new FakeStore({ ...photo(), bytes: null, id: "old", takenAt: START });
  store.get = async () => undefined;
  const queue = await queueOf(t, store);
  await settled();
  assert.deepEqual([calls.length, queue.photos.size, queue.snapshot().saved], [0, 0, 0]);
});

test("after three days a photo is forgotten", async (t) => {
  const store = new FakeStore();
  const queue = await queueOf(t, store);
  useServer(() => ({ status: 503 }));
  queue.add(photo());
  await settled();
  t.mock.timers.tick(71 * HOUR_MS);
  await settled();
  assert.equal(queue.photos.size, 1);
  t.mock.timers.tick(2 * HOUR_MS);
  await settled();
  assert.deepEqual([queue.photos.size, store.photos.size], [0, 0]);
});

test("without a store the queue lives in memory alone", async (t) => {
  const broken = { all: () => Promise.reject(new Error()), put: () => Promise.reject(new Error()) };
  const queue = await queueOf(t, broken);
  const calls = useServer(saved);
  queue.add(photo());
  await settled();
  assert.deepEqual([calls.length, queue.photos.size, queue.snapshot().saved], [1, 0, 1]);
});

test("of many photos only some are held in memory; the rest is read back when its turn comes", async (t) => {
  const store = new FakeStore();
  const queue = await queueOf(t, store);
  queue.signedOut = true; // nothing is sent meanwhile
  for (let n = 0; n < 100; n += 1) queue.add(photo());
  await settled();
  const held = [...queue.photos.values()].filter((one) => one.bytes).length;
  assert.ok(held <= 60, String(held));
  const calls = useServer(saved);
  queue.wake();
  for (let n = 0; n < 100; n += 1) await settled();
  assert.equal(queue.photos.size, 0);
  assert.equal(calls.length, 100);
  assert.ok(calls.every((call) => call.body.byteLength === 8));
});

test("listeners hear of a change once, and no more when they have left", async (t) => {
  const queue = await queueOf(t);
  await settled();
  useServer(() => ({ status: 503 }));
  const heard = [];
  const leave = queue.subscribe((now) => heard.push(now.waiting));
  queue.add(photo());
  queue.add(photo());
  await Promise.resolve();
  assert.deepEqual(heard, [0, 2]);
  leave();
  queue.add(photo());
  await settled();
  assert.deepEqual(heard, [0, 2]);
});
