import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Heart } from "../../classroom_app/ui/widgets/heartbeat/heart.js";
import { settled, useDocument, useServer, useStorage } from "./doubles.js";

const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

useDocument();
globalThis.location = { pathname: "/collect" };
beforeEach(() => useStorage("localStorage"));

/** A heart whose page writes down what it is told; `beats` lets so many rounds of the clock pass. */
function heartOf(t, photos) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const queue = photos && { snapshot: () => photos, cookieIs: (group) => groups.push(group) };
  const groups = [];
  const told = [];
  const heart = new Heart("/ipads/here", () => queue);
  heart.tellPage = (word) => told.push(word);
  const beats = async (number) => {
    for (let n = 0; n < number; n += 1) {
      t.mock.timers.tick(11_000);
      for (let turn = 0; turn < 5; turn += 1) await settled();
    }
  };
  return { heart, groups, told, beats };
}

const wordsOf = (calls) => calls.map((call) => JSON.parse(call.body));

function useFilter(status = 403) {
  globalThis.fetch = async () => new Response("<html>blocked</html>", { status });
}

test("about every ten seconds it says how the iPad fares, under one random name", async (t) => {
  const calls = useServer(() => ({ body: { group: "penguins" } }));
  const { groups, told, beats } = heartOf(t, { waiting: 3, blocked: false });
  await beats(3);
  const words = wordsOf(calls);
  assert.equal(words.length, 3);
  assert.match(words[0].ipad, UUID_4);
  const { ipad } = words[0];
  const { clock_ms } = words[2];
  const said = { ipad, unsent: 3, cannot_send: false, page: "collect", failed: 0, camera: null, clock_ms };
  assert.deepEqual(words[2], said);
  assert.ok(clock_ms > words[1].clock_ms && words[1].clock_ms > 1_000_000, "each word has its own time");
  assert.deepEqual(groups, ["penguins", "penguins", "penguins"], "the queue hears whose the cookie is");
  assert.deepEqual(told, []);
});

test("it shows its number among its group's iPads, and none any more where it is alone", async (t) => {
  const numbers = [2, null];
  useServer(() => ({ body: { group: "penguins", number: numbers.shift() } }));
  const { heart, beats } = heartOf(t);
  const shown = [];
  heart.showNumber = (number) => shown.push(number);
  await beats(2);
  assert.deepEqual(shown, [2, null]);
});

test("it says what was refused, and why the camera is none", async (t) => {
  const calls = useServer(() => ({ body: { group: "penguins" } }));
  const { beats } = heartOf(t, { waiting: 0, refusals: 2, refusedAt: 1_000_000 });
  for (const word of ["denied", "asking", null]) {
    globalThis.classroomCameraWord = word;
    await beats(1);
  }
  assert.deepEqual(
    wordsOf(calls).map(({ failed, camera }) => [failed, camera]),
    [
      [2, "denied"],
      [2, null], // a child is about to answer
      [2, null],
    ],
  );
});

test("what was refused is told for five minutes and no longer", async (t) => {
  const calls = useServer(() => ({ body: { group: "penguins" } }));
  const photos = { waiting: 0, refusals: 1, refusedAt: 1_000_000 };
  const { beats } = heartOf(t, photos);
  await beats(1);
  t.mock.timers.tick(5 * 60_000);
  await beats(1);
  Object.assign(photos, { refusals: 2, refusedAt: Date.now() });
  await beats(1);
  const told = wordsOf(calls).map(({ failed }) => failed);
  assert.deepEqual([told.at(0), told.at(-2), told.at(-1)], [1, 0, 2]);
});

test("without a camera in this tab nothing is unsent", async (t) => {
  const calls = useServer(() => ({ body: { group: "penguins" } }));
  const { beats } = heartOf(t);
  await beats(1);
  const [{ unsent, cannot_send: cannotSend }] = wordsOf(calls);
  assert.deepEqual([unsent, cannotSend], [0, false]);
});

test("where photos alone are held back the route says so", async (t) => {
  const calls = useServer(() => ({ body: { group: "penguins" } }));
  const { told, beats } = heartOf(t, { waiting: 2, blocked: true });
  await beats(1);
  assert.equal(wordsOf(calls)[0].cannot_send, true);
  assert.deepEqual(told, []);
});

test("where the route is held back too the page is told, not at every beat, and when it is over", async (t) => {
  const { told, beats } = heartOf(t, { waiting: 2, blocked: false });
  useFilter();
  await beats(1);
  assert.deepEqual(told, [], "one strange answer is no blockade");
  await beats(6);
  assert.ok(told.length >= 2 && told.length <= 3, String(told.length));
  assert.equal(told[0].unsent, 2);
  assert.equal(told[0].cannot_send, true);
  useServer(() => ({ body: { group: "penguins" } }));
  await beats(2);
  assert.deepEqual(told.slice(-1), [null]);
  assert.equal(told.filter((word) => word === null).length, 1);
});

test("no network is no blockade, and a hidden page is silent", async (t) => {
  globalThis.fetch = async () => {
    throw new TypeError("Failed to fetch");
  };
  const { told, beats } = heartOf(t, { waiting: 2, blocked: false });
  await beats(5);
  assert.deepEqual(told, []);
  const calls = useServer(() => ({ body: { group: "penguins" } }));
  document.hidden = true;
  t.after(() => {
    document.hidden = false;
  });
  await beats(3);
  assert.equal(calls.length, 0);
});

test("where its cookie opens nothing it beats once a minute, until it does again", async (t) => {
  let gone = true;
  const calls = useServer(() =>
    gone ? { status: 401, body: { error: "class_over" } } : { body: { group: "penguins" } },
  );
  const { beats } = heartOf(t);
  await beats(1);
  assert.equal(calls.length, 1);
  await beats(4); // 44 s of at least 54
  assert.equal(calls.length, 1);
  gone = false;
  await beats(3); // 77: it has beaten, and goes on as before
  const before = calls.length;
  assert.ok(before >= 2, String(before));
  await beats(2);
  assert.equal(calls.length, before + 2);
});
