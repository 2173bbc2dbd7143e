import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Watch } from "../../classroom_app/ui/widgets/projector/watch.js";
import { settled, useDocument, useServer } from "./doubles.js";

const PAGE = { event: "e", mark: "a.1", every_ms: 500, calm_ms: 2000, clock: { ends: null } };

beforeEach(() => {
  useDocument();
  globalThis.document.removeEventListener = () => {};
});

/** A screen that watches, how often it was asked to run again, and what its clock heard. */
function watched(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const [told, clocks] = [[], []];
  const watch = new Watch(null, (answer) => clocks.push(answer.left_s));
  const run = (more) =>
    watch.update({ data: { ...PAGE, ...more }, setTriggerValue: (name) => told.push(name) });
  run({});
  t.after(() => watch.close());
  const pass = async (looks) => {
    for (let look = 0; look < looks; look += 1) {
      t.mock.timers.tick(500);
      for (let n = 0; n < 5; n += 1) await settled();
    }
  };
  return { told, clocks, run, pass };
}

test("while nothing has changed it asks with the mark that it has, and the page stays as it is", async (t) => {
  const calls = useServer(() => ({ status: 304 }));
  const { told, pass } = watched(t);
  await pass(3);
  assert.equal(calls.length, 3);
  assert.equal(calls[0].url, "/api/show/now?event=e&ends=");
  assert.equal(calls[0].headers["If-None-Match"], '"a.1"');
  assert.deepEqual(told, []);
});

test("a step of the show has the page run at once, and once", async (t) => {
  useServer(() => ({ body: { mark: "b.1", ends: null } }));
  const { told, pass } = watched(t);
  await pass(1);
  assert.deepEqual(told, ["changed"]);
  await pass(3);
  assert.deepEqual(told, ["changed"]);
});

test("a step back to what was shown a moment ago is news too", async (t) => {
  const mark = "b.1";
  useServer(() => ({ body: { mark, ends: null } }));
  const { told, run, pass } = watched(t);
  await pass(1);
  run({ mark });
  run({ mark: "c.1" }); // this screen led on by itself
  await pass(1);
  assert.deepEqual(told, ["changed", "changed"]);
});

test("photos wait for a moment and then come together", async (t) => {
  let photo = 1;
  useServer(() => {
    photo += 1;
    return { body: { mark: `a.${photo}`, ends: null } };
  });
  const { told, pass, run } = watched(t);
  await pass(3);
  assert.deepEqual(told, []);
  await pass(1);
  assert.deepEqual(told, ["changed"]);
  run({ mark: `a.${photo}` });
  await pass(3);
  assert.deepEqual(told, ["changed"]);
});

test("another end of the time box sets the clock without a run of the page", async (t) => {
  const calls = useServer(() => ({ body: { mark: "a.1", ends: 700, left_s: 60 } }));
  const { told, clocks, pass } = watched(t);
  await pass(2);
  assert.deepEqual(clocks, [60, 60]);
  assert.deepEqual(told, []);
  assert.equal(calls[1].url, "/api/show/now?event=e&ends=700");
});

test("our own no has the page run; a stranger's, a broken network and a page that nobody sees do not", async (t) => {
  let answer = { status: 401, body: null };
  const calls = useServer(() => answer ?? Promise.reject(new TypeError("no network")));
  const { told, pass } = watched(t);
  await pass(1);
  answer = null;
  await pass(1);
  globalThis.document.hidden = true;
  await pass(2);
  assert.equal(calls.length, 2);
  assert.deepEqual(told, []);
  globalThis.document.hidden = false;
  answer = { status: 401, body: { error: "error_not_allowed" } };
  await pass(1);
  assert.deepEqual(told, ["changed"]);
});
