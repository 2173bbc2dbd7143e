import assert from "node:assert/strict";
import { test } from "node:test";
import { reasonOf, wantedOf } from "../../classroom_app/ui/widgets/mistakes/reasons.js";

const reason = { heat: "AA==", rows: 1, columns: 1, nearest: [] };

test("a reason is a map and the photos it recalled", () => {
  assert.equal(reasonOf({ ok: true, status: 200, answer: reason }), reason);
  assert.equal(reasonOf({ ok: true, status: 200, answer: { heat: "AA==" } }), null);
});

test("refused for good is null, cut off or busy is worth asking again", () => {
  assert.equal(reasonOf({ ok: false, status: 404, answer: null }), null);
  assert.equal(reasonOf({ ok: false, status: 401, answer: null }), null);
  for (const status of [408, 429, 500, 503])
    assert.equal(reasonOf({ ok: false, status, answer: null }), undefined);
  assert.equal(reasonOf({ ok: true, status: 200, answer: null }), undefined);
  for (const status of [200, 403, 404]) {
    const foreign = { ok: false, status, answer: null, foreign: true };
    assert.equal(reasonOf(foreign), undefined, "somebody else's page refuses nothing");
  }
});

test("only a card that is looked at for a while is asked for, the first seen first", () => {
  const looked = new Map([
    ["a", 1000],
    ["b", 1100],
  ]);
  const wanted = (known, nowMs, first) => wantedOf(first, looked, new Map(known), nowMs);
  assert.equal(wanted([], 1500), undefined);
  assert.equal(wanted([], 1600), "a");
  assert.equal(wanted([["a", reason]], 1600), undefined);
  assert.equal(wanted([["a", reason]], 1700), "b");
  assert.equal(wanted([["a", null]], 1700), "b", "refused is known too");
});

test("what a child tapped comes before all others, once", () => {
  const looked = new Map([["a", 0]]);
  assert.equal(wantedOf("z", looked, new Map(), 9000), "z");
  assert.equal(wantedOf("z", looked, new Map([["z", reason]]), 9000), "a");
});
