import assert from "node:assert/strict";
import { test } from "node:test";
import { Looking } from "../../classroom_app/ui/widgets/player/looking.js";

const answer = (variety, around) => ({ variety, looked_around: around });

test("a tap begins another stream and asks to be shown everything, for ten seconds", () => {
  const looking = new Looking();
  const { word } = looking;
  assert.equal(looking.state(0), "here");
  looking.learn(answer(0.8, false));
  looking.tap(1000);
  assert.notEqual(looking.word, word);
  assert.equal(looking.variety, 0);
  assert.equal(looking.state(10_900), "show");
  assert.equal(looking.state(11_100), "few");
  looking.learn(answer(1, false));
  assert.equal(looking.state(11_200), "same");
  assert.equal(looking.state(19_100), "here");
  looking.restart();
  assert.equal(looking.state(11_200), "here");
});

test("it says so when the AI has looked around, by itself too, and a tap undoes it", () => {
  const looking = new Looking();
  looking.learn(answer(1, true));
  assert.equal(looking.state(0), "done");
  assert.ok(!looking.url("/predict").includes("look=0"));
  looking.tap(0);
  assert.equal(looking.state(0), "here");
  assert.ok(looking.url("/predict").endsWith("&look=0"));
  looking.tap(5);
  assert.ok(!looking.url("/predict").includes("look=0"));
});

test("the word of a stream is one that the route takes", () => {
  assert.match(new Looking().url("/predict"), /^\/predict\?camera=[A-Za-z0-9-]{1,40}$/);
});
