import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { fetched } from "../../classroom_app/ui/widgets/device/fetched.js";

const RIGHT = "the file as it is";
const FILE = { url: "/on-device/graphs/1", sha256: createHash("sha256").update(RIGHT).digest("hex") };
const now = () => Promise.resolve();
const OURS = { "X-Classroom": "1" };

/** `fetch` that answers one after another; keeps how it was asked. */
function answers(...given) {
  const asked = [];
  globalThis.fetch = async (_url, { cache }) => {
    asked.push(cache);
    const next = given.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  return asked;
}

test("a file whose hash is right is taken, and its pieces are counted", async () => {
  answers(new Response(RIGHT));
  let came = 0;
  const bytes = await fetched(
    FILE,
    (length) => {
      came += length;
    },
    now,
  );
  assert.equal(new TextDecoder().decode(bytes), RIGHT);
  assert.equal(came, RIGHT.length);
});

test("one that is cut off or exchanged is fetched anew, past what the browser keeps", async () => {
  const asked = answers(
    new Response(RIGHT.slice(5)),
    new Response("<html>log in</html>"),
    new Response(RIGHT),
  );
  let came = 0;
  await fetched(
    FILE,
    (length) => {
      came += length;
    },
    now,
  );
  assert.deepEqual(asked, ["default", "reload", "reload"]);
  assert.equal(came, RIGHT.length);
});

test("one that stays damaged is never used", async () => {
  answers(new Response("no"), new Response("no"), new Response("no"));
  await assert.rejects(fetched(FILE, undefined, now), { reason: "damaged" });
});

test("a gap in the network is waited for, a long one is said", async () => {
  answers(new TypeError("offline"), new Response(RIGHT));
  await fetched(FILE, undefined, now);
  answers(new TypeError("offline"), new Response(null, { status: 503 }), new TypeError("offline"));
  await assert.rejects(fetched(FILE, undefined, now), { reason: "offline" });
});

test("a server that refuses is not asked again", async () => {
  for (const status of [401, 404, 409]) {
    const asked = answers(new Response(null, { status, headers: OURS }));
    await assert.rejects(fetched(FILE, undefined, now), { reason: "gone" });
    assert.equal(asked.length, 1);
  }
});

test("a filter that refuses in its place is a gap in the network", async () => {
  const page = () => new Response("<html>blocked</html>", { status: 403 });
  answers(page(), new Response(RIGHT));
  await fetched(FILE, undefined, now);
  answers(page(), page(), page());
  await assert.rejects(fetched(FILE, undefined, now), { reason: "offline" });
});

test("a network that falls silent in the middle of a file is not waited for without end", async () => {
  globalThis.fetch = async (_url, { signal }) => {
    const body = new ReadableStream({
      start(pieces) {
        pieces.enqueue(new TextEncoder().encode("the"));
        signal.addEventListener("abort", () => pieces.error(signal.reason));
      },
    });
    return new Response(body);
  };
  await assert.rejects(fetched(FILE, undefined, now, 5), { reason: "offline" });
});
