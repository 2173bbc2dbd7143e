import assert from "node:assert/strict";
import { test } from "node:test";
import { Away, loadPatiently, photoOf } from "../../classroom_app/ui/widgets/common/photo_sheet.js";
import { FakeElement } from "./doubles.js";

test("a photo's address", () => {
  assert.equal(photoOf("a/b", "thumb"), "/photos/a%2Fb/thumb");
  assert.equal(photoOf("a/b", "thumb", "challenge"), "/challenge/a%2Fb/thumb");
});

test("what was taken away stays away until the page has followed", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const away = new Away(() => {});
  away.add("deleted", "rock");
  away.add("moved", "rock");
  away.follow(() => "rock");
  assert.deepEqual([away.has("deleted"), away.has("moved")], [true, true]);
  const page = new Map([["moved", "paper"]]);
  away.follow((id) => page.get(id));
  assert.deepEqual([away.has("deleted"), away.has("moved")], [false, false]);
});

test("when the page does not follow, the photo is drawn again", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const seen = [];
  const away = new Away(() => {
    away.follow(() => "rock");
    seen.push(away.has("a"));
  });
  away.add("a", "rock");
  t.mock.timers.tick(6000);
  assert.deepEqual(seen, []);
  t.mock.timers.tick(100);
  assert.deepEqual(seen, [false]);
});

test("undo brings all back at once", () => {
  const away = new Away(() => {});
  away.photos.set("a", { label: "rock", until: Number.POSITIVE_INFINITY });
  away.clear();
  assert.equal(away.has("a"), false);
});

test("a picture that does not come is asked for as long as it is on the page", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const image = new FakeElement("img");
  image.classList = { add: (name) => Object.assign(image, { shown: name }) };
  image.isConnected = true;
  loadPatiently(image, "/photos/a/thumb");
  const sources = [image.src];
  for (const waitMs of [1000, 3000, 8000, 20_000, 20_000]) {
    image.listeners.error();
    t.mock.timers.tick(waitMs);
    sources.push(image.src);
  }
  assert.deepEqual(
    sources.map((source) => source.split("again=")[1]),
    [undefined, "1", "2", "3", "4", "5"],
  );
  image.isConnected = false; // it was taken away
  image.listeners.error();
  t.mock.timers.tick(60_000);
  assert.equal(image.src.split("again=")[1], "5");
  image.isConnected = true; // and came back
  t.mock.timers.tick(20_000);
  assert.equal(image.src.split("again=")[1], "6");
  image.listeners.load();
  assert.equal(image.shown, "here");
});
