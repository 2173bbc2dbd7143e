import assert from "node:assert/strict";
import { test } from "node:test";
import {
  byReason,
  chosenWith,
  filled,
  isEmpty,
  newReport,
  noteAdded,
  noteRejected,
  sizeText,
  verdictOf,
  zipVerdictOf,
} from "../../classroom_app/ui/widgets/upload/files.js";

const MB = 1024 * 1024;
const TEXT = { ch_size_kb: "%numberKB", ch_size_mb: "%numberMB" };
const PHOTOS = { many: true, endings: ["jpg", "heic"], bytes_max: 40 * MB };
const ZIP = { many: false, endings: ["zip"], bytes_max: 200 * MB };
const file = (name, size = 1000, lastModified = 1) => ({ name, size, lastModified });
const names = (files) => files.map(({ name }) => name).join(" ");

test("a sentence's blanks are filled, and nothing in what fills them", () => {
  assert.equal(filled("%done / %total", { done: 1, total: "%done" }), "1 / %done");
  assert.equal(filled("50 %of %x", { y: 1 }), "50 %of %x");
});

test("a size is told as people say it, and never rounded up over a limit", () => {
  const told = [0, 1, 2000, MB - 1, MB, 12.34 * MB, 9.99 * MB, 200 * MB - 1].map((bytes) =>
    sizeText(bytes, TEXT),
  );
  assert.deepEqual(told, ["1KB", "1KB", "2KB", "1024KB", "1MB", "12MB", "9.9MB", "199MB"]);
});

test("what is of another kind, empty or too large is not chosen, and it is said why", () => {
  const wrong = [file("a.mov"), file("jpg"), file("b.jpg", 0), file("c.JPG", 40 * MB + 1)];
  const { chosen, refused } = chosenWith([], [...wrong, file("d.JPG", 40 * MB), file("e.x.heic")], PHOTOS);
  assert.equal(names(chosen), "d.JPG e.x.heic");
  assert.deepEqual(
    [...byReason(refused)],
    [
      ["kind", ["a.mov", "jpg"]],
      ["empty", ["b.jpg"]],
      ["large", ["c.JPG"]],
    ],
  );
});

test("photos add up, each once; of ZIPs the last one counts", () => {
  const first = chosenWith([], [file("a.jpg"), file("b.jpg")], PHOTOS).chosen;
  const more = [file("a.jpg"), file("a.jpg", 1000, 2), file("c.jpg")];
  assert.equal(names(chosenWith(first, more, PHOTOS).chosen), "a.jpg b.jpg a.jpg c.jpg");
  const zip = chosenWith([file("old.zip")], [file("new.zip"), file("other.zip")], ZIP);
  assert.equal(names(zip.chosen), "new.zip");
  assert.deepEqual(zip.refused, [{ name: "other.zip", why: "one" }]);
  assert.equal(names(chosenWith([file("old.zip")], [file("a.jpg")], ZIP).chosen), "old.zip");
});

test("a report counts by label and by reason, with the first names", () => {
  const report = newReport();
  assert.ok(isEmpty(report));
  noteAdded(report, "apple", true);
  noteAdded(report, "apple", false);
  for (let number = 0; number < 7; number += 1) noteRejected(report, "photo_empty", `${number}.jpg`);
  assert.deepEqual(report.added_to, { apple: 2 });
  assert.equal(report.alike, 1);
  assert.deepEqual([report.rejected[0].count, report.rejected[0].names.length], [7, 5]);
  assert.ok(!isEmpty(report));
});

const own = (status, answer, ok = status < 300) => ({ ok, status, answer, foreign: false });

test("only our own words end a photo's life", () => {
  assert.equal(verdictOf(own(201, { id: "a" }), "a"), "saved");
  assert.equal(verdictOf(own(200, { id: "b" }), "a"), "again");
  assert.equal(verdictOf({ ...own(200, { id: "a" }), foreign: true }, "a"), "again");
  assert.equal(verdictOf({ ...own(422, { retry: false }), foreign: true }, "a"), "again");
  assert.equal(verdictOf(own(503, { error: "photo_unread", retry: true }), "a"), "again");
  assert.equal(verdictOf(own(404, null), "a"), "again", "refused without a word about trying again");
});

test("what is about one photo lets the others go on, what is about all of them does not", () => {
  const verdict = (status, error) => verdictOf(own(status, { error, retry: false }), "a");
  assert.equal(verdict(422, "photo_not_image"), "refused");
  assert.equal(verdict(413, "error_too_large"), "refused");
  assert.equal(verdict(409, "photo_was_deleted"), "refused");
  assert.equal(verdict(409, "challenge_full"), "over");
  assert.equal(verdict(401, "error_not_allowed"), "over");
  assert.equal(verdict(403, "error_role"), "over");
  assert.equal(verdict(404, "error_class_not_found"), "over");
  assert.equal(verdict(422, "error_label_not_found"), "over");
});

test("a ZIP is read when its report is there, and refused by our own words alone", () => {
  assert.equal(zipVerdictOf(own(200, { added_to: {} })), "read");
  assert.equal(zipVerdictOf(own(200, null)), "again");
  assert.equal(zipVerdictOf(own(422, { error: "challenge_not_zip", retry: false })), "over");
  assert.equal(zipVerdictOf(own(503, { error: "challenge_zip_busy", retry: true })), "again");
  assert.equal(zipVerdictOf({ ...own(403, { retry: false }), foreign: true }), "again");
});
