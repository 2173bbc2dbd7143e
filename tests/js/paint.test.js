import assert from "node:assert/strict";
import { test } from "node:test";
import { accentOf } from "../../classroom_app/ui/widgets/common/paint.js";

const numbers = (color) => (color.startsWith("#") ? [255, 255, 255] : color.match(/\d+/g).map(Number));

/** Contrast as WCAG 2 defines it. */
function contrast(one, other) {
  const light = (color) => {
    const [r, g, b] = numbers(color).map((part) =>
      part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
  return high / low;
}

test("the deep tone of any colour is seen on paper", () => {
  for (let step = 0; step < 4096; step += 7) {
    const color = `#${[8, 4, 0].map((at) => (((step >> at) & 15) * 17).toString(16).padStart(2, "0")).join("")}`;
    assert.ok(contrast(accentOf(color).deep, "rgb(255, 250, 242)") >= 3, color);
  }
});

test("words on any colour can be read", () => {
  for (let step = 0; step < 4096; step += 7) {
    const color = `#${[8, 4, 0].map((at) => (((step >> at) & 15) * 17).toString(16).padStart(2, "0")).join("")}`;
    const { accent, onAccent } = accentOf(color);
    assert.ok(contrast(accent, onAccent) >= 4.5, `${color}: ${accent} ${onAccent}`);
  }
});

test("a dark colour stays as it is under white, a light one under ink", () => {
  assert.deepEqual(accentOf("#1B3A8C"), {
    accent: "rgb(27, 58, 140)",
    onAccent: "#ffffff",
    deep: "rgb(27, 58, 140)",
  });
  const { accent, onAccent } = accentOf("#ffd43b");
  assert.deepEqual([accent, onAccent], ["rgb(255, 212, 59)", "rgb(43, 36, 32)"]);
});

test("one in between is darkened", () => {
  const { accent, onAccent } = accentOf("#d9480f");
  assert.equal(onAccent, "#ffffff");
  assert.ok(numbers(accent)[0] < 0xd9);
});

test("what is no colour is ink", () => {
  for (const color of ["", undefined, null, "red", "#12345", "url(x)"])
    assert.deepEqual(accentOf(color), {
      accent: "rgb(43, 36, 32)",
      onAccent: "#ffffff",
      deep: "rgb(43, 36, 32)",
    });
});
