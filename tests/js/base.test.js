import assert from "node:assert/strict";
import { test } from "node:test";
import { memo, newId, placeAt } from "../../classroom_app/ui/widgets/common/base.js";
import { FakeElement, useStorage } from "./doubles.js";

test("an id is a UUID of version 4, also where the browser makes none", (t) => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(newId(), form);
  Object.defineProperty(crypto, "randomUUID", { configurable: true, value: undefined });
  t.after(() => delete crypto.randomUUID);
  const ids = Array.from({ length: 50 }, () => newId());
  for (const id of ids) assert.match(id, form);
  assert.equal(new Set(ids).size, 50);
});

test("a choice is remembered under the class's own name", () => {
  const kept = useStorage("localStorage");
  memo.set("facing", "user");
  assert.equal(memo.get("facing"), "user");
  assert.deepEqual([...kept.keys()], ["classroom.facing"]);
  assert.equal(memo.get("group"), null);
});

test("where storage is forbidden nothing is remembered, and nothing breaks", () => {
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new Error("SecurityError");
    },
  });
  memo.set("facing", "user");
  assert.equal(memo.get("facing"), null);
});

test("a child is placed once and then left alone", () => {
  const parent = new FakeElement("div");
  placeAt(parent, "b", 0);
  placeAt(parent, "a", 0);
  placeAt(parent, "c", 2);
  assert.deepEqual(parent.children, ["a", "b", "c"]);
  parent.insertBefore = () => assert.fail("it is there already");
  placeAt(parent, "b", 1);
});
