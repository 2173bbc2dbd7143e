import assert from "node:assert/strict";
import { test } from "node:test";
import { Fooling, saidOf, verdictOf } from "../../classroom_app/ui/widgets/player/fooling.js";
import { FakeElement, useDocument, useServer } from "./doubles.js";

const text = {
  swap_counted: "counted",
  swap_soon: "soon",
  swap_again: "again",
  swap_enough: "enough",
  swap_over: "over",
  player_offline: "offline",
};
const own = { ok: true, status: 200, foreign: false };
const refused = { ok: false, status: 409, foreign: false };

test("an AI that knows the thing, or says that it does not know, was not fooled", () => {
  assert.equal(verdictOf("rock", false, "rock"), "right");
  assert.equal(verdictOf("rock", true, "rock"), "right");
  assert.equal(verdictOf("rock", true, "paper"), "doubt");
  assert.equal(verdictOf("rock", false, "paper"), "fooled");
});

test("after a thing that counted, or was there before, comes the next one", () => {
  const told = (check) => saidOf({ ...own, answer: { check, fooled: 3 } }, text);
  assert.deepEqual(told("counted"), { sentence: "counted", after: "next" });
  assert.deepEqual(told("again"), { sentence: "again", after: "next" });
  assert.deepEqual(told("enough"), { sentence: "enough", after: "over" });
  assert.deepEqual(told("soon"), { sentence: "soon", after: "again" });
});

test("a gap in the network is no answer, and a round that is over is one", () => {
  assert.deepEqual(saidOf({ ...refused, status: 503, answer: null }, text), {
    sentence: "offline",
    after: "again",
  });
  const foreign = { ok: true, status: 200, answer: null, foreign: true };
  assert.deepEqual(saidOf(foreign, text), { sentence: "offline", after: "again" });
  const over = { ...refused, answer: { error: "swap_over", message: "x" } };
  assert.deepEqual(saidOf(over, text), { sentence: "over", after: "over" });
  const waits = { ...refused, answer: { error: "group_waits", message: "please wait" } };
  assert.deepEqual(saidOf(waits, text), { sentence: "please wait", after: "over" });
});

test("after an answer the question is gone, and one button leads on", async () => {
  useDocument();
  const answers = ["soon", "counted"];
  useServer(() => ({ body: { check: answers.shift(), fooled: 1 } }));
  globalThis.document.createElement = element;
  const parts = new Map();
  const part = (name) => parts.get(name) ?? parts.set(name, element()).get(name);
  const root = Object.assign(element(), { querySelector: part });
  let gone = 0;
  const fooling = new Fooling(root, () => {
    gone += 1;
  });
  const words = {
    ...text,
    swap_right: "right",
    swap_doubt: "doubt",
    swap_next: "next",
    swap_once_more: "once more",
    mistakes_truth: "really %label",
  };
  const label = (id) => ({ label_id: id, name: id, emoji: "x" });
  fooling.update([label("rock"), label("paper")], words);
  const seen = () => [
    part(".really-said").children.join(""),
    !part(".really-labels").hidden,
    !part(".really-next").hidden,
  ];

  fooling.ask({ first: "rock", unsure: false });
  await fooling.say("paper");
  assert.deepEqual(seen(), ["soon", true, false]);
  await fooling.say("paper");
  assert.deepEqual(seen(), ["counted", false, true]);
  const truth = () => [part(".really-truth").children.join(""), !part(".really-truth").hidden];
  assert.deepEqual(truth(), ["really paper", true]);
  part(".really-next").listeners.click();
  assert.equal(gone, 1);

  fooling.clear();
  assert.deepEqual(seen(), ["", true, false]);
  assert.deepEqual(truth(), ["", false]);
  fooling.ask({ first: "rock", unsure: true });
  await fooling.say("paper");
  assert.deepEqual(seen(), ["doubt", false, true]);
  assert.deepEqual(part(".really-next").children, ["once more"]);
});

function element() {
  return Object.assign(new FakeElement("div"), { classList: { toggle() {}, remove() {} } });
}
