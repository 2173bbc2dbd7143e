import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { unpacked } from "../../classroom_app/ui/widgets/take_home/unpack.js";

const WHOLE = Buffer.from("the network as it is, ".repeat(90));
const part = (packed = gzipSync(WHOLE)) => ({
  textContent: Buffer.from(packed).toString("base64"),
  dataset: { bytes: String(WHOLE.length) },
});

test("a part comes out as it was packed, and what was packed is let go", async () => {
  const element = part();
  assert.deepEqual(Buffer.from(await unpacked(element, "graph")), WHOLE);
  assert.equal(element.textContent, "");
});

test("a part of more letters than are taken at once is whole", async () => {
  const long = Buffer.alloc(3 << 20, "0123456789abcdef");
  for (let at = 0; at < long.length; at += 1) long[at] ^= (at * 2654435761) >>> 24;
  const element = { ...part(gzipSync(long)), dataset: { bytes: String(long.length) } };
  assert.ok(element.textContent.length > 1 << 20);
  assert.deepEqual(Buffer.from(await unpacked(element, "wasm")), long);
});

test("wherever the file ends too soon, it is said", async () => {
  const { textContent, dataset } = part();
  for (let length = 0; length < textContent.length; length += 3) {
    const cut = { textContent: textContent.slice(0, length), dataset };
    await assert.rejects(unpacked(cut, "graph"), { reason: "damaged" });
  }
  await assert.rejects(unpacked(null, "graph"), { reason: "damaged" });
});

test("a changed byte is found, and a part of another length", async () => {
  const packed = gzipSync(WHOLE);
  packed[packed.length - 12] ^= 1;
  await assert.rejects(unpacked(part(packed), "graph"), { reason: "damaged" });
  await assert.rejects(unpacked(part(gzipSync(WHOLE.subarray(1))), "graph"), { reason: "damaged" });
});

test("a browser that cannot unpack is too old", async () => {
  const { DecompressionStream } = globalThis;
  globalThis.DecompressionStream = undefined;
  try {
    await assert.rejects(unpacked(part(), "graph"), { reason: "old" });
  } finally {
    globalThis.DecompressionStream = DecompressionStream;
  }
});
