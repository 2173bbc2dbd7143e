import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import mount from "../../classroom_app/ui/widgets/try_again/try_again.js";
import { againMs } from "../../classroom_app/ui/widgets/try_again/waits.js";

beforeEach(() => {
  globalThis.window = {};
});

test("waits grow, after the longest outage not beyond ten seconds, and no two pages come at the same moment", () => {
  assert.equal(againMs(0, 0.5), 3000);
  assert.ok(againMs(2, 0.5) > againMs(1, 0.5));
  assert.equal(againMs(50, 0.5), 6500);
  assert.ok(againMs(50, 1) < 10_000);
  assert.ok(againMs(0, 0) < 2000 && againMs(0, 1) > 4000);
});

test("one question a failed run, until the page is there", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const asked = [];
  const failed = () => mount({ setTriggerValue: (name) => asked.push(name) });
  let leave = failed();
  t.mock.timers.tick(6_000);
  assert.deepEqual(asked, ["again"]);
  t.mock.timers.tick(20_000);
  assert.equal(asked.length, 1, "the run is on its way: no second question");
  leave(); // Streamlit ends the call when the next run has failed too
  leave = failed();
  t.mock.timers.tick(10_000);
  assert.equal(asked.length, 2);
  leave(); // the page is there
  t.mock.timers.tick(120_000);
  assert.equal(asked.length, 2);
});

test("a question that got lost is asked once more", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const asked = [];
  mount({ setTriggerValue: (name) => asked.push(name) });
  t.mock.timers.tick(6_000);
  t.mock.timers.tick(30_000);
  assert.equal(asked.length, 2);
});
