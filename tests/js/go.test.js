import assert from "node:assert/strict";
import { test } from "node:test";
import { go, goesInCircles } from "../../classroom_app/ui/widgets/navigate/go.js";
import { settled, useServer, useStorage } from "./doubles.js";

const replaced = [];
globalThis.location = { origin: "https://class.test", replace: (href) => replaced.push(href) };

/** The end of a journey, with all its waits cut short. */
async function journey(t, data) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  replaced.length = 0;
  let done;
  go(data).then((problem) => {
    done = { problem };
  });
  for (let n = 0; n < 100 && !done; n += 1) {
    await settled();
    t.mock.timers.tick(1000);
  }
  return done.problem;
}

test("it leaves for the address, after the POST", async (t) => {
  const calls = useServer(() => ({ status: 204 }));
  assert.equal(await journey(t, { url: "/collect", post_url: "/session", body: { ticket: "x" } }), null);
  assert.deepEqual(replaced, ["https://class.test/collect"]);
  assert.equal(calls[0].body, '{"ticket":"x"}');
  assert.equal(calls[0].headers["X-Classroom"], "1");
  assert.equal(calls[0].headers["Content-Type"], "application/json");
});

test("another site's address is not gone to, and nothing is posted", async (t) => {
  const calls = useServer(() => ({ status: 204 }));
  const problem = await journey(t, { url: "https://example.com/", post_url: "/session" });
  assert.equal(problem.error, "foreign_address");
  assert.deepEqual([replaced, calls], [[], []]);
});

test("a refusal is told at once, in the server's words", async (t) => {
  const calls = useServer(() => ({ status: 401, body: { error: "ticket_unknown", message: "ちがう" } }));
  assert.deepEqual(await journey(t, { url: "/", post_url: "/session" }), {
    error: "ticket_unknown",
    message: "ちがう",
    status: 401,
  });
  assert.equal(calls.length, 1);
  assert.deepEqual(replaced, []);
});

test("a server that is down is tried five times, then it is offline", async (t) => {
  const calls = useServer(() => ({ status: 503 }));
  const problem = await journey(t, { url: "/", post_url: "/session" });
  assert.deepEqual(problem, { error: "offline", message: "", status: 503 });
  assert.equal(calls.length, 5);
});

test("a gap in the network is waited for", async (t) => {
  let tries = 0;
  useServer(() => {
    tries += 1;
    if (tries < 3) throw new TypeError("Failed to fetch");
    return { status: 204 };
  });
  assert.equal(await journey(t, { url: "/", post_url: "/session" }), null);
  assert.equal(tries, 3);
});

const ENTER = {
  url: "/join",
  post_url: "/session",
  known_url: "/session/known",
  lost_url: "/join?problem=x",
};

test("a cookie that did not stay is told, not walked round in a circle", async (t) => {
  const calls = useServer((call) => ({ status: call.url === "/session" ? 204 : 401 }));
  assert.equal(await journey(t, ENTER), null);
  assert.deepEqual(replaced, ["https://class.test/join?problem=x"]);
  assert.deepEqual(
    calls.map((call) => [call.url, call.method]),
    [
      ["/session", "POST"],
      ["/session/known", undefined],
    ],
  );
});

test("a cookie that stayed leads on, and so does a question that found no answer", async (t) => {
  useServer(() => ({ status: 204 }));
  await journey(t, ENTER);
  assert.deepEqual(replaced, ["https://class.test/join"]);
  useServer((call) => {
    if (call.url !== "/session") throw new TypeError("Failed to fetch");
    return { status: 204 };
  });
  t.mock.timers.reset();
  await journey(t, ENTER);
  assert.deepEqual(replaced, ["https://class.test/join"]);
});

test("a friendly page of somebody else is no success", async (t) => {
  globalThis.fetch = async () => new Response("<html>log in to the Wi-Fi</html>");
  const problem = await journey(t, { url: "/", post_url: "/session" });
  assert.deepEqual(problem, { error: "offline", message: "", status: 200 });
  assert.deepEqual(replaced, []);
});

test("a third time within ten seconds is a circle", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  const kept = useStorage("sessionStorage");
  const data = { url: "/", post_url: "/session", body: { ticket: "secret" } };
  assert.equal(goesInCircles(data), false);
  assert.equal(goesInCircles(data), false);
  assert.equal(goesInCircles({ ...data, url: "/other" }), false, "another journey");
  assert.equal(goesInCircles(data), true);
  t.mock.timers.tick(10_000);
  assert.equal(goesInCircles(data), false);
  assert.doesNotMatch(JSON.stringify([...kept]), /secret/);
});

test("where a child touched the page it is none", (t) => {
  useStorage("sessionStorage");
  const touched = { configurable: true, value: { hasBeenActive: true } };
  Object.defineProperty(navigator, "userActivation", touched);
  t.after(() => delete navigator.userActivation);
  for (let n = 0; n < 5; n += 1) assert.equal(goesInCircles({ url: "/" }), false);
});
