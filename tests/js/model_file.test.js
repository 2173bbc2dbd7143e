import assert from "node:assert/strict";
import { test } from "node:test";
import { HeadOfGroup } from "../../classroom_app/ui/widgets/device/head.js";
import { ModelFileError, ofHalves, readModel } from "../../classroom_app/ui/widgets/device/model_file.js";
import { bytesOf, META, TENSORS } from "./small_model.js";

test("a model of two labels is read with all of its parts", () => {
  const model = readModel(bytesOf());
  assert.deepEqual(model.labels, ["a", "b"]);
  assert.equal(model.space, "net.1.4");
  assert.deepEqual([...model.weight[1]], [0, 1, 0]);
  assert.equal(model.basis.length, 1);
  assert.equal(model.rule.kind, "strangeness");
  assert.equal(model.spread, null);
});

test("numbers of 16 bits are read as they are", () => {
  const halves = new Uint16Array([0x3c00, 0xc000, 0x0001, 0x0000, 0x7bff, 0x7c00]);
  assert.deepEqual([...ofHalves(halves)], [1, -2, 2 ** -24, 0, 65504, Number.POSITIVE_INFINITY]);
});

const UNLIKE = { ...META.rule, final_length: 2, unlike_from: 0.54 };

test("a rule that looks at unlikeness is read, and what is like no label is unsure in any place", () => {
  const head = new HeadOfGroup(readModel(bytesOf(TENSORS, { ...META, format: 3, rule: UNLIKE })));
  assert.equal(head.rule.kind, "unlike");
  assert.ok(Math.abs(head.unlikeness(Float32Array.of(2, 0, 9))) < 1e-6);
  assert.ok(Math.abs(head.unlikeness(Float32Array.of(1, 1, 9)) - (1 - Math.sqrt(0.5))) < 1e-6);
  const old = new HeadOfGroup(readModel(bytesOf()));
  const shares = [0.9, 0.1];
  assert.equal(old.unsure(shares, 9, 1, 0), true);
  assert.equal(head.unsure(shares, 9, 1, 0), false);
  assert.equal(head.unsure(shares, 9, 1, 0.7), true);
});

const broken = {
  "a number that is none": [{ ...TENSORS, bias: [[Number.NaN, 0], [2]] }, META],
  "a number without end in the rule": [TENSORS, { ...META, rule: { ...META.rule, threshold: null } }],
  "parts that do not fit": [{ ...TENSORS, bias: [[1, 2, 3], [3]] }, META],
  "an unknown part": [{ ...TENSORS, more: [[1], [1]] }, META],
  "a missing part": [{ weight: TENSORS.weight, bias: TENSORS.bias }, META],
  "another format": [TENSORS, { ...META, format: 4 }],
  "final features that are not there": [TENSORS, { ...META, rule: { ...UNLIKE, final_length: 4 } }],
  "half a final feature": [TENSORS, { ...META, rule: { ...UNLIKE, final_length: 1.5 } }],
  "a rule that nobody knows": [TENSORS, { ...META, rule: { near: 1 } }],
};
for (const [what, [tensors, meta]] of Object.entries(broken)) {
  test(`${what} is no model`, () => {
    assert.throws(() => readModel(bytesOf(tensors, meta)), ModelFileError);
  });
}

test("a file that is cut off is no model, wherever it ends", () => {
  const whole = bytesOf();
  for (let length = 0; length < whole.byteLength; length += 7) {
    assert.throws(() => readModel(whole.slice(0, length)), ModelFileError);
  }
});
