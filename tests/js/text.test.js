import assert from "node:assert/strict";
import { test } from "node:test";
import {
  plainText,
  setLabel,
  setText,
  textNodes,
  textParts,
  withNumber,
} from "../../classroom_app/ui/widgets/common/text.js";
import { FakeElement, useDocument } from "./doubles.js";

useDocument();

test("furigana in braces and in ruby are the same", () => {
  const parts = ["やさしい ", { base: "写真", reading: "しゃしん" }, "を とる"];
  assert.deepEqual(textParts("やさしい {写真|しゃしん}を とる"), parts);
  assert.deepEqual(textParts("やさしい <ruby>写真<rt>しゃしん</rt></ruby>を とる"), parts);
  assert.deepEqual(
    textParts("やさしい <ruby>写真<rp>(</rp><rt>しゃしん</rt><rp>)</rp></ruby>を とる"),
    parts,
  );
});

test("entities are letters, and other tags stay letters", () => {
  assert.deepEqual(textParts("a &lt;b&gt; &amp; &quot;c&quot; &#x27;d&#39;"), [`a <b> & "c" 'd'`]);
  assert.deepEqual(textParts("<img src=x onerror=alert(1)>"), ["<img src=x onerror=alert(1)>"]);
  assert.deepEqual(textParts("{&lt;|しょうなり}"), [{ base: "<", reading: "しょうなり" }]);
});

test("braces without a reading, and no text at all", () => {
  assert.deepEqual(textParts("{写真}"), ["{写真}"]);
  assert.deepEqual(textParts(""), []);
});

test("a reading becomes a ruby node, a name never becomes markup", () => {
  const [before, ruby] = textNodes("<b>{写真|しゃしん}");
  assert.equal(before, "<b>");
  assert.equal(ruby.tag, "ruby");
  assert.equal(ruby.children[0], "写真");
  assert.equal(ruby.children[1].tag, "rt");
  assert.equal(ruby.children[1].textContent, "しゃしん");
});

test("speech says the readings", () => {
  assert.equal(
    plainText("{写真|しゃしん}を <ruby>見<rt>み</rt></ruby>る &amp; とる"),
    "しゃしんを みる & とる",
  );
  const button = new FakeElement("button");
  setLabel(button, "{写真|しゃしん}");
  assert.equal(button.attributes["aria-label"], "しゃしん");
});

test("the same text is written once", () => {
  const element = new FakeElement("span");
  setText(element, "はい");
  element.children = ["changed"];
  setText(element, "はい");
  assert.deepEqual(element.children, ["changed"]);
  setText(element, undefined);
  assert.deepEqual(element.children, []);
});

test("a number goes where the blank is", () => {
  assert.equal(withNumber("%nまい、%nまい", 3), "3まい、3まい");
});
