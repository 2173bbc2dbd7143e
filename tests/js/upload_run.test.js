import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { restMs, UploadRun, uploadRun } from "../../classroom_app/ui/widgets/upload/upload_run.js";
import { settled, useDocument, useServer, useUploads } from "./doubles.js";

const URL_OF = "/api/events/x/challenge";

/** A file as a browser has it. */
const file = (name, size = 100) => ({
  name,
  size,
  slice: () => ({ arrayBuffer: async () => new ArrayBuffer(1) }),
});
const unknown = () => ({ body: { state: "unknown" } });
const saved = ({ headers }) => ({ status: 201, body: { id: headers["X-Photo-Id"], alike: false } });
const refused = (status, error) => ({ status, body: { error, message: `${error}!`, retry: false } });
const READ = { added: 2, added_to: { apple: 2 }, alike: 1, rejected: [] };

useDocument();
globalThis.removeEventListener = () => {};
beforeEach(() => {
  window.classroomUploads = undefined;
  useServer(unknown);
});

function runOf(...names) {
  const run = new UploadRun(URL_OF);
  run.choose({ chosen: names.map((name) => file(name)), refused: [] });
  return run;
}

/** Lets the run go on until it rests or ends; waits are skipped. */
async function until(run, isSo) {
  for (let turn = 0; turn < 500 && !isSo(); turn += 1) {
    run.tryNow();
    await settled();
  }
  assert.ok(isSo(), `${run.state} ${run.trouble} ${run.message}`);
}

const ended = (run) => until(run, () => run.state === "idle");

test("photos go up with our header and an id each, and the report counts them", async () => {
  const calls = useUploads(saved);
  const run = runOf("a.jpg", "b.jpg", "c.jpg");
  run.begin({ zip: false, label: "apple" });
  assert.equal(run.state, "sending");
  await ended(run);
  assert.deepEqual(calls.map(({ file: { name } }) => name).sort(), ["a.jpg", "b.jpg", "c.jpg"]);
  assert.ok(
    calls.every(({ url, headers }) => url === `${URL_OF}/photos?label=apple` && headers["X-Classroom"]),
  );
  assert.equal(new Set(calls.map(({ headers }) => headers["X-Photo-Id"])).size, 3);
  assert.deepEqual(run.report.added_to, { apple: 3 });
  run.heard("another");
  assert.ok(run.report);
  run.heard(run.report.id);
  assert.equal(run.report, null);
});

test("a gap, a stranger's page and a busy server cost no photo, and it keeps its id", async () => {
  const trouble = [
    () => {
      throw new Error("no network");
    },
    () => ({ status: 200, body: { id: "x" }, headers: { "X-Classroom": null } }),
    () => ({ status: 503, body: { error: "error_unavailable", message: "busy", retry: true } }),
  ];
  const calls = useUploads((call) => (trouble.shift() ?? saved)(call));
  const run = runOf("a.jpg");
  const seen = new Set();
  run.subscribe(() => seen.add(run.trouble));
  run.begin({ zip: false, label: "apple" });
  await ended(run);
  assert.equal(calls.length, 4);
  assert.equal(new Set(calls.map(({ headers }) => headers["X-Photo-Id"])).size, 1);
  assert.deepEqual([...seen], ["", "network", "busy"]);
  assert.deepEqual(run.report.added_to, { apple: 1 });
});

test("a photo that is refused is told with its reason, and the others go on", async () => {
  useUploads((call) => (call.file.name === "bad.jpg" ? refused(422, "photo_not_image") : saved(call)));
  const run = runOf("bad.jpg", "a.jpg");
  run.begin({ zip: false, label: "apple" });
  await ended(run);
  assert.deepEqual(run.report.rejected, [{ error: "photo_not_image", count: 1, names: ["bad.jpg"] }]);
  assert.deepEqual(run.report.added_to, { apple: 1 });
});

test("a photo that no decoder gets through is given up after a few tries, a file that is gone at once", async () => {
  const calls = useUploads(({ file: { name } }) => {
    if (name === "gone.jpg") throw new Error("the browser cannot read it");
    return { status: 503, body: { error: "photo_unread", message: "later", retry: true } };
  });
  const run = runOf("odd.jpg", "gone.jpg");
  run.chosen[1].slice = () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) });
  run.begin({ zip: false, label: "apple" });
  await ended(run);
  const told = Object.fromEntries(run.report.rejected.map(({ error, names }) => [error, names[0]]));
  assert.deepEqual(told, { photo_unread: "odd.jpg", challenge_file_gone: "gone.jpg" });
  assert.equal(calls.filter(({ file: { name } }) => name === "gone.jpg").length, 1);
});

test("what is about all of them ends the run in the server's words", async () => {
  useUploads(({ file: { name } }) => refused(409, name && "challenge_full"));
  const run = runOf("a.jpg", "b.jpg", "c.jpg", "d.jpg");
  run.begin({ zip: false, label: "apple" });
  await ended(run);
  assert.equal(run.message, "challenge_full!");
  assert.deepEqual(run.report.added_to, {});
  assert.deepEqual(run.report.rejected[0].names.sort(), ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]);
});

test("who has to log in again goes on afterwards", async () => {
  let isIn = false;
  useUploads((call) => (isIn ? saved(call) : refused(401, "error_not_allowed")));
  const run = runOf("a.jpg", "b.jpg", "c.jpg");
  run.begin({ zip: false, label: "apple" });
  await until(run, () => run.state === "stopped");
  assert.deepEqual([run.message, run.left.length], ["error_not_allowed!", 3]);
  isIn = true;
  run.goOn();
  await ended(run);
  assert.deepEqual(run.report.added_to, { apple: 3 });
});

test("what was stopped tells what is in, and goes on or is dropped", async () => {
  const run = runOf("a.jpg", "b.jpg", "c.jpg");
  const calls = useUploads((call) => {
    if (calls.length === 2) run.stop();
    return saved(call);
  });
  run.begin({ zip: false, label: "apple" });
  await until(run, () => run.state === "stopped");
  const before = run.left.length;
  assert.ok(before > 0);
  assert.deepEqual(run.report?.added_to ?? {}, before < 3 ? { apple: 3 - before } : {});
  run.goOn();
  await ended(run);
  assert.deepEqual(run.report.added_to, { apple: 3 });
  const other = runOf("a.jpg");
  useUploads(() => new Promise(() => {}));
  other.begin({ zip: false, label: "apple" });
  await settled();
  other.stop();
  await until(other, () => other.state === "stopped");
  other.drop();
  assert.deepEqual([other.state, other.report], ["idle", null]);
});

test("a ZIP goes in one piece, and its report is the server's", async () => {
  const calls = useUploads(() => ({ body: READ }));
  const run = runOf("day.zip");
  run.begin({ zip: true });
  await ended(run);
  assert.deepEqual([calls.length, calls[0].url], [1, URL_OF]);
  assert.equal(calls[0].headers["X-Upload-Id"], run.id);
  assert.deepEqual([run.report.added_to, run.report.alike], [{ apple: 2 }, 1]);
});

test("a ZIP whose answer was lost is asked for, not sent again", async () => {
  const known = [unknown, () => ({ body: { state: "reading", read: 1, total: 2 } })];
  const asked = useServer(() => (known.shift() ?? (() => ({ body: { state: "done", report: READ } })))());
  const calls = useUploads(() => {
    throw new Error("the connection broke after the last byte");
  });
  const run = runOf("day.zip");
  const seen = [];
  run.subscribe(() => seen.push(run.state === "reading" && run.read?.done));
  run.begin({ zip: true });
  await ended(run);
  assert.equal(calls.length, 1);
  assert.ok(seen.includes(1), "how far it is read is shown");
  assert.ok(asked.every(({ url }) => url === `${URL_OF}/uploads/${run.id}`));
  assert.deepEqual(run.report.added_to, { apple: 2 });
});

test("a ZIP is not sent before the server has said that it does not know it", async () => {
  const strangers = ['{"state":"unknown"}'];
  const replies = [
    () => {
      throw new Error("no network");
    },
    () => ({ status: 503, body: { retry: true, message: "down" } }),
    unknown,
  ];
  globalThis.fetch = async () => {
    if (strangers.length) return new Response(strangers.pop());
    const { status = 200, body } = replies.shift()();
    return new Response(JSON.stringify(body), { status, headers: { "X-Classroom": "1" } });
  };
  const calls = useUploads(() => ({ body: READ }));
  const run = runOf("day.zip");
  run.begin({ zip: true });
  await ended(run);
  assert.deepEqual([replies.length, calls.length], [0, 1]);
});

test("what is no ZIP is said in the server's words", async () => {
  useUploads(() => refused(422, "challenge_not_zip"));
  const run = runOf("day.zip");
  run.begin({ zip: true });
  await ended(run);
  assert.deepEqual([run.message, run.report], ["challenge_not_zip!", null]);
  run.choose({ chosen: [], refused: [] });
  assert.equal(run.message, "");
});

test("a ZIP that is there cannot be stopped, one that waits can", async () => {
  const run = runOf("day.zip");
  useServer(() => ({ body: { state: "reading", read: 0, total: 2 } }));
  run.begin({ zip: true });
  await until(run, () => run.state === "reading");
  run.stop();
  assert.ok(!run.isStopping);
  run.end();
  const other = runOf("day.zip");
  globalThis.fetch = async () => {
    throw new Error("no network");
  };
  other.begin({ zip: true });
  await until(other, () => other.trouble === "network");
  other.stop();
  await until(other, () => other.state === "stopped");
  assert.equal(other.left.length, 1);
});

test("a run belongs to the tab: whoever asks for it again gets it as it is", async () => {
  const run = uploadRun(URL_OF);
  assert.equal(uploadRun(URL_OF), run);
  assert.notEqual(uploadRun("/api/events/y/challenge"), run);
});

test("waits grow to a few seconds", () => {
  assert.equal(restMs(1, 0.5), 500);
  assert.equal(restMs(3, 0.5), 2000);
  assert.equal(restMs(30, 0.5), 6500);
});

test("what the server said before its answer came is of no use after it", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let answer = null;
  let look = null;
  useUploads((_call, request) => {
    request.upload.onprogress({ loaded: 100 });
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  useServer(() => (answer ? new Promise((resolve) => (look = resolve)) : unknown()));
  const run = runOf("day.zip");
  run.begin({ zip: true });
  await until(run, () => Boolean(answer));
  t.mock.timers.tick(1_000);
  await until(run, () => Boolean(look));
  answer({ body: READ });
  await ended(run);
  look({ body: { state: "reading", read: 1, total: 2 } });
  for (let turn = 0; turn < 20; turn += 1) await settled();
  assert.deepEqual([run.state, run.report.added_to], ["idle", { apple: 2 }]);
});

test("files of one way are not sent by another", () => {
  const run = runOf("a.jpg");
  run.comeBy("files");
  run.choose({ chosen: [file("a.jpg")], refused: [] });
  assert.equal(run.comeBy("files"), false, "a rerun, or another page in between");
  assert.equal(run.chosen.length, 1);
  assert.equal(run.comeBy("zip"), true);
  assert.equal(run.chosen.length, 0);
});

test("a file on which the server itself fails does not hold up the others for ever", async () => {
  useUploads((call) => (call.file.name === "b.jpg" ? refused(500, "error_internal") : saved(call)));
  const run = runOf("a.jpg", "b.jpg", "c.jpg");
  run.begin({ zip: false, label: "apple" });
  await ended(run);
  assert.deepEqual(run.report.added_to, { apple: 2 });
  assert.deepEqual(run.report.rejected, [{ error: "error_internal", count: 1, names: ["b.jpg"] }]);
});
