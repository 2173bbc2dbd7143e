import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import serveDevice from "../../classroom_app/ui/widgets/device/worker.js";
import { bytesOf, META, TENSORS } from "./small_model.js";

const sha256 = (bytes) => createHash("sha256").update(new Uint8Array(bytes)).digest("hex");
const WASM = new TextEncoder().encode("runtime").buffer;
const GRAPH = new TextEncoder().encode("network").buffer;

/** A worker whose files are those given; `told` is what it said to the page. */
async function worker(head, space = META.space, others = {}) {
  const files = { "/wasm": WASM, "/graph": GRAPH, "/head": head, ...others };
  globalThis.fetch = async (url) =>
    files[url]
      ? new Response(await files[url])
      : new Response(null, { status: 404, headers: { "X-Classroom": "1" } });
  const told = [];
  const scope = { postMessage: (word) => told.push(word) };
  const runtime = { env: { wasm: {} }, InferenceSession: { create: async () => ({}) } };
  const device = serveDevice(runtime, scope);
  const file = (url) => ({ url, sha256: sha256(files[url]), bytes: files[url].byteLength });
  const model = { url: "/head", sha256: sha256(head), version: 1 };
  await device.hear({
    kind: "open",
    files: { space, glue: "/glue", wasm: file("/wasm"), graph: file("/graph") },
    model,
  });
  return { device, told, last: () => told.at(-1) };
}

test("a worker whose files are whole is ready, and says so at the end", async () => {
  const { told } = await worker(bytesOf());
  assert.deepEqual([told[0].kind, told.at(-1).kind], ["model", "ready"]);
});

test("a head of another network is never put on this one, and the network is not even loaded", async () => {
  const { told } = await worker(bytesOf(), "large.1.4");
  assert.deepEqual(
    told.map(({ kind, reason }) => [kind, reason]),
    [["failed", "space"]],
  );
});

const NOT_A_NUMBER = {
  ...TENSORS,
  weight: [
    [1, 0, Number.NaN, 0, 1, 0],
    [2, 3],
  ],
};
for (const [what, bytes] of [
  ["a number that is none", bytesOf(NOT_A_NUMBER)],
  ["no end", bytesOf().slice(0, -4)],
]) {
  test(`a head with ${what} is no model, although its hash is the one that was said`, async () => {
    const { told } = await worker(bytes);
    assert.deepEqual(
      told.map(({ kind, reason }) => [kind, reason]),
      [["failed", "model"]],
    );
  });
}

test("a version that is gone when it is asked for is said, and the next one is taken", async () => {
  const next = bytesOf(TENSORS, { ...META, temperature: 2 });
  const { device, last } = await worker(bytesOf(), META.space, { "/next": next });
  await device.hear({ kind: "model", model: { url: "/gone", sha256: "0", version: 2 } });
  assert.deepEqual([last().kind, last().reason], ["failed", "gone"]);
  await device.hear({ kind: "model", model: { url: "/next", sha256: sha256(next), version: 3 } });
  assert.deepEqual(last(), { kind: "model", version: 3 });
});

test("what goes wrong in one answer is said with its number, and the next one is answered", async () => {
  const { device, last } = await worker(bytesOf());
  await device.hear({ kind: "photo", id: 7, picture: null, camera: null, look: false });
  assert.deepEqual([last().kind, last().reason, last().id], ["failed", "error", 7]);
  await device.hear({ kind: "map", id: 8, picture: null, label: "nobody" });
  assert.deepEqual(last(), { kind: "answer", id: 8, answer: null });
});

test("frames are answered while a new head is on its way, and heads are taken in their order", async () => {
  const [slow, quick] = [2, 3].map((temperature) => bytesOf(TENSORS, { ...META, temperature }));
  let comes;
  const late = new Promise((resolve) => {
    comes = () => resolve(slow);
  });
  const { device, told, last } = await worker(bytesOf(), META.space, { "/slow": late, "/quick": quick });
  const first = device.hear({ kind: "model", model: { url: "/slow", sha256: sha256(slow), version: 2 } });
  const second = device.hear({ kind: "model", model: { url: "/quick", sha256: sha256(quick), version: 3 } });
  await device.hear({ kind: "map", id: 8, picture: null, label: "nobody" });
  assert.deepEqual(last(), { kind: "answer", id: 8, answer: null });
  comes();
  await Promise.all([first, second]);
  assert.deepEqual(
    told.filter(({ kind }) => kind === "model").map(({ version }) => version),
    [1, 2, 3],
  );
});

test("in a gap the head before goes on, and the new one is asked for until it comes", async (t) => {
  const next = bytesOf(TENSORS, { ...META, temperature: 2 });
  const { device, told, last } = await worker(bytesOf(), META.space, { "/next": next });
  const open = globalThis.fetch;
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const until = async (isTrue) => {
    for (const began = Date.now(); !isTrue() && Date.now() - began < 10_000; ) {
      await new Promise(setImmediate);
      t.mock.timers.tick(1000);
    }
    assert.ok(isTrue());
  };
  let tries = 0;
  globalThis.fetch = async () => {
    tries += 1;
    throw new TypeError("offline");
  };
  device.hear({ kind: "model", model: { url: "/next", sha256: sha256(next), version: 2 } });
  await until(() => tries > 6); // it was given up, and begun again
  assert.ok(!told.some(({ kind }) => kind === "failed"));
  await device.hear({ kind: "map", id: 9, picture: null, label: "nobody" });
  assert.equal(last().id, 9);
  globalThis.fetch = open;
  await until(() => last().kind === "model");
  assert.equal(last().version, 2);
});
