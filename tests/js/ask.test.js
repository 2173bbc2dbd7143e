import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, isPassing, post } from "../../classroom_app/ui/widgets/common/ask.js";
import { settled, useServer } from "./doubles.js";

test("a reply is its status and its JSON", async () => {
  useServer(() => ({ status: 429, body: { error: "busy" }, headers: { "Retry-After": "3" } }));
  assert.deepEqual(await ask("/x", 1000), {
    ok: false,
    status: 429,
    answer: { error: "busy" },
    retryAfterMs: 3000,
    foreign: false,
  });
});

test("what is no JSON is no answer", async () => {
  useServer(() => ({ status: 204 }));
  assert.deepEqual(await ask("/x", 1000), {
    ok: true,
    status: 204,
    answer: null,
    retryAfterMs: 0,
    foreign: false,
  });
  globalThis.fetch = async () => new Response("{ cut o", { headers: { "X-Classroom": "1" } });
  assert.equal((await ask("/x", 1000)).answer, null);
});

test("what our server did not say is nobody's answer, however friendly it looks", async () => {
  const strangers = [
    () => new Response("<html>Wi-Fi log-in</html>"),
    () => new Response('{"id":"x"}', { status: 201, headers: { "Content-Type": "application/json" } }),
    () =>
      new Response('{"error":"class_over","retry":false}', {
        status: 401,
        headers: { "Retry-After": "3600" },
      }),
    () => new Response("<html>blocked</html>", { status: 451 }),
    () => Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" }),
  ];
  for (const stranger of strangers) {
    globalThis.fetch = async () => stranger();
    const { status } = stranger();
    const reply = await ask("/x", 1000);
    assert.deepEqual(reply, { ok: false, status, answer: null, retryAfterMs: 0, foreign: true });
    assert.ok(isPassing(reply));
  }
});

test("only this site's cookie, no cache, no foreign redirect", async () => {
  const calls = useServer(() => ({}));
  await ask("/x", 1000);
  await post("/y", 1000, "body", { headers: { "Content-Type": "text/plain" }, redirect: "follow" });
  const [asked, posted] = calls;
  assert.deepEqual(
    [asked.credentials, asked.cache, asked.redirect, asked.method],
    ["same-origin", "no-store", "manual", undefined],
  );
  assert.deepEqual(posted.headers, { "X-Classroom": "1", "Content-Type": "text/plain" });
  assert.deepEqual([posted.method, posted.body, posted.redirect], ["POST", "body", "follow"]);
});

test("after the limit it gives up, and before it does not", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.fetch = (_url, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  let given = false;
  const asking = ask("/x", 1000).catch((error) => {
    given = error.name;
  });
  t.mock.timers.tick(999);
  await settled();
  assert.equal(given, false);
  t.mock.timers.tick(1);
  await asking;
  assert.equal(given, "AbortError");
});

test("an answer leaves no timer behind", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const calls = useServer(() => ({}));
  await ask("/x", 1000);
  t.mock.timers.tick(5000);
  assert.equal(calls[0].signal.aborted, false);
});

test("a server that cannot answer for now is asked again, a refusal is not", () => {
  for (const status of [408, 425, 429, 500, 502, 503]) assert.ok(isPassing({ status }), String(status));
  for (const status of [200, 204, 400, 401, 403, 404, 409, 422])
    assert.ok(!isPassing({ status, foreign: false }), String(status));
});
