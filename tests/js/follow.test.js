import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Follower, pauseMs } from "../../classroom_app/ui/widgets/follow/follow.js";
import { settled, useDocument, useServer } from "./doubles.js";

const PAGE = { page: "collect", mark: "a", phase: "collect", epoch: 0, every_ms: 2000 };
const OTHER = { mark: "b", phase: "collect", epoch: 0 };

const heard = []; // events on the window

beforeEach(() => {
  useDocument();
  globalThis.document.removeEventListener = () => {};
  globalThis.removeEventListener = () => {};
  heard.length = 0;
  globalThis.dispatchEvent = ({ type, detail }) => heard.push([type, detail]);
  globalThis.window.classroomPhotoQueue = undefined;
});

/** A page that follows, and how often it was asked to run again. */
function followed(t, data = PAGE) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const told = [];
  const follower = new Follower();
  const run = (more) =>
    follower.update({ data: { ...data, ...more }, setTriggerValue: (name) => told.push(name) });
  run({});
  t.after(() => follower.close());
  const pass = async (looks) => {
    for (let n = 0; n < looks; n += 1) {
      t.mock.timers.tick(2000);
      for (let n = 0; n < 5; n += 1) await settled();
    }
  };
  return { told, run, pass, follower };
}

test("while nothing has changed, it asks with the mark that it has, and the page stays as it is", async (t) => {
  const calls = useServer(() => ({ status: 304 }));
  const { told, pass } = followed(t);
  await pass(3);
  assert.equal(calls.length, 3);
  assert.equal(calls[0].url, "/api/group/now?page=collect");
  assert.equal(calls[0].headers["If-None-Match"], '"a"');
  assert.deepEqual(told, []);
});

test("a change has the page run again, once, and what the page then shows is followed", async (t) => {
  const calls = useServer(({ headers }) =>
    headers["If-None-Match"] === '"b"' ? { status: 304 } : { body: OTHER },
  );
  const { told, run, pass } = followed(t);
  await pass(2);
  assert.deepEqual(told, ["changed"]); // it was told, and comes
  run({ mark: "b" }); // after two seconds: the app may breathe
  await pass(6);
  assert.deepEqual(told, ["changed"]);
  assert.equal(calls.at(-1).headers["If-None-Match"], '"b"');
});

test("a run that never came is asked for once more", async (t) => {
  useServer(() => ({ body: OTHER }));
  const { told, pass } = followed(t);
  await pass(6);
  assert.deepEqual(told, ["changed", "changed"]);
});

test("an answer that is older than the page is worth nothing", async (t) => {
  let answer;
  useServer(() => new Promise((resolve) => (answer = resolve)));
  const { told, run, pass } = followed(t);
  await pass(1);
  run({ mark: "b" });
  answer({ body: { ...OTHER, mark: "a2" } });
  await pass(0);
  await settled();
  assert.deepEqual(told, []);
});

test("a group that is gone has the page run; a stranger's no does not", async (t) => {
  let body = null;
  useServer(() => ({ status: 401, body }));
  const { told, pass } = followed(t);
  await pass(2);
  assert.deepEqual(told, []);
  body = { error: "error_not_allowed" };
  await pass(1);
  assert.deepEqual(told, ["changed"]);
});

test("without a network nothing happens, and it goes on asking", async (t) => {
  let down = true;
  useServer(() => {
    if (down) throw new TypeError("no network");
    return { body: OTHER };
  });
  const { told, pass } = followed(t);
  await pass(2);
  assert.deepEqual(told, []);
  down = false;
  await pass(1);
  assert.deepEqual(told, ["changed"]);
});

test("this iPad's own photos have the page run by themselves: that is not asked for twice", async (t) => {
  let [mark, saved] = [0, 0];
  useServer(() => ({ body: { ...OTHER, mark: String(++mark) } }));
  globalThis.window.classroomPhotoQueue = { snapshot: () => ({ saved }) };
  const { told, pass } = followed(t);
  for (saved = 1; saved <= 3; saved += 1) await pass(1);
  assert.deepEqual(told, []); // the camera says so itself
  saved = 3;
  await pass(1);
  assert.deepEqual(told, ["changed"]); // somebody else's
});

test("a reset does not wait for this iPad's own photos", async (t) => {
  useServer(() => ({ body: { ...OTHER, epoch: 1 } }));
  let saved = 0;
  globalThis.window.classroomPhotoQueue = { snapshot: () => ({ saved }) };
  const { told, pass } = followed(t);
  saved = 1;
  await pass(1);
  assert.deepEqual(told, ["changed"]);
});

test("what changes seldom is asked for less often, never less than every two seconds", () => {
  assert.equal(pauseMs(500, 0, 0), 500);
  assert.ok(pauseMs(500, 3, 0) > 700 && pauseMs(500, 3, 0) < 800);
  assert.equal(pauseMs(500, 50, 0), 2000);
  assert.equal(pauseMs(2000, 50, 0), 2000);
});

test("a page that is slow to run again has the app breathe", async (t) => {
  const calls = useServer(() => ({ body: OTHER }));
  const { told, run, pass } = followed(t);
  await pass(1);
  assert.deepEqual(told, ["changed"]);
  t.mock.timers.tick(700);
  run({ mark: "b" }); // it took 0.7 s: no look for 5.6
  const before = calls.length;
  await pass(2);
  assert.equal(calls.length, before);
  await pass(1);
  assert.equal(calls.length, before + 1);
  await pass(10); // and is asked as often as ever when nothing more comes of it
  assert.ok(calls.length > before + 4);
  assert.equal(pauseMs(2000, 0, 60_000), 10_000);
});

test("a page that nobody sees does not ask", async (t) => {
  const calls = useServer(() => ({ status: 304 }));
  const { pass } = followed(t);
  globalThis.document.hidden = true;
  await pass(3);
  assert.equal(calls.length, 0);
});

test("each look brings the server's time of the round, also one without news", async (t) => {
  const heard = [];
  globalThis.dispatchEvent = (event) => heard.push(event.detail);
  globalThis.CustomEvent ??= class {
    constructor(name, { detail }) {
      Object.assign(this, { name, detail });
    }
  };
  let headers = { "X-Round-Left": "92.5", "X-Round-Paused": "0" };
  useServer(() => ({ status: 304, headers }));
  const { pass } = followed(t);
  await pass(1);
  headers = { "X-Round-Left": "90.4", "X-Round-Paused": "1" };
  await pass(1);
  headers = {};
  await pass(1);
  assert.deepEqual(heard, [
    { leftMs: 92_500, paused: false },
    { leftMs: 90_400, paused: true },
  ]);
});

test("what is held beside the page hears of the group's epoch, and that the group is gone", async (t) => {
  const answers = [
    { status: 304 },
    { body: { ...OTHER, epoch: 3, lent: "1.1.x" } },
    { status: 401, body: { error: "ended_over" } },
  ];
  useServer(() => answers.shift() ?? { status: 304 });
  const { pass } = followed(t);
  await pass(3);
  const told = heard.filter(([type]) => type === "group-now").map(([, detail]) => detail);
  assert.deepEqual(told, [
    { gone: false, epoch: 3, lent: "1.1.x" },
    { gone: true, epoch: undefined, lent: undefined },
  ]);
});

test("where the group stays gone it asks once a minute, and as often as ever once the class is open", async (t) => {
  let gone = true;
  const calls = useServer(() => (gone ? { status: 401, body: { error: "class_over" } } : { body: OTHER }));
  const { told, run, pass } = followed(t, { ...PAGE, page: "join", mark: "class_over" });
  await pass(2);
  assert.equal(calls.length, 2);
  await pass(29);
  assert.equal(calls.length, 2);
  gone = false;
  await pass(1);
  assert.equal(calls.length, 3);
  assert.deepEqual(told, ["changed"]);
  run({ mark: "b" });
  await pass(3);
  assert.ok(calls.length > 4, String(calls.length));
});
