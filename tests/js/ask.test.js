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
  });
});

test("what is no JSON is no answer", async () => {
  useServer(() => ({ status: 204 }));
  assert.deepEqual(await ask("/x", 1000), { ok: true, status: 204, answer: null, retryAfterMs: 0 });
  globalThis.fetch = async () => new Response("<html>Wi-Fi log-in</html>");
  assert.equal((await ask("/x", 1000)).answer, null);
});

test("only this site's cookie, no cache, no foreign redirect", async () => {
  const calls = useServer(() => ({}));
  await ask("/x", 1000);
  await post("/y", 1000, "body", { headers: { "Content-Type": "text/plain" }, redirect: "follow" });
  const [asked, posted] = calls;
  assert.deepEqual(
    [asked.credentials, asked.cache, asked.redirect, asked.method],
    ["same-origin", "no-store", "error", undefined],
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
  for (const status of [408, 425, 429, 500, 502, 503]) assert.ok(isPassing(status), String(status));
  for (const status of [200, 204, 400, 401, 403, 404, 409, 422])
    assert.ok(!isPassing(status), String(status));
});
