// Which files may be sent, what they are called in words, and what became of them: pure. Knows nothing of page or network.

import { isPassing } from "../common/ask.js";

const KB = 1024;
const MB = 1024 * KB;
const NAMES_TOLD = 5; // of the files of one reason, as the server does
const NAME_CHARACTERS = 120;
const FOR_ALL = new Set([401, 403, 404, 409]); // who is logged in, which class, how it stands: no other file gets in
const ABOUT_ONE = "photo_was_deleted";
const ABOUT_ALL = "error_label_not_found";

/** A sentence with its blanks: `%number` and so on. A name in one may hold such a sign itself. */
export const filled = (text, blanks) =>
  text.replace(/%([a-z]+)/g, (whole, name) => (name in blanks ? String(blanks[name]) : whole));

/** A size as people say it; never nothing, and never more than the limit for a file that is just below it. */
export function sizeText(bytes, text) {
  if (bytes < MB) return filled(text.ch_size_kb, { number: Math.max(1, Math.round(bytes / KB)) });
  const tenths = Math.floor((10 * bytes) / MB);
  return filled(text.ch_size_mb, { number: tenths < 100 ? tenths / 10 : Math.floor(tenths / 10) });
}

/** Why a file is not sent: "kind", "empty" or "large"; or nothing. */
function faultOf({ name, size }, { endings, bytes_max: most }) {
  const ending = name.includes(".") ? name.split(".").pop().toLowerCase() : "";
  if (!endings.includes(ending)) return "kind";
  if (size === 0) return "empty";
  return size > most ? "large" : "";
}

const isSame = (one, other) =>
  one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

/**
 * The files chosen so far and those that come now: {chosen, refused}, the latter as {name, why}. Photos add up; of
 * ZIPs there is one, the last. `rules`: `many`, `endings` without a dot, `bytes_max` of a file.
 */
export function chosenWith(before, files, rules) {
  const refused = [];
  let chosen = rules.many ? [...before] : [];
  for (const file of files) {
    const why = faultOf(file, rules) || (!rules.many && chosen.length ? "one" : "");
    if (why) refused.push({ name: file.name, why });
    else if (!chosen.some((one) => isSame(one, file))) chosen.push(file);
  }
  if (!chosen.length) chosen = [...before]; // a wrong one takes nothing away
  return { chosen, refused };
}

/** The names of what was refused, by the reason, in the order in which the reasons came. */
export function byReason(refused) {
  const reasons = new Map();
  for (const { name, why } of refused) reasons.set(why, [...(reasons.get(why) ?? []), name]);
  return reasons;
}

/**
 * What the reply means for the photo `id`: "saved", "refused", "over" (for all that is still to be sent) or "again".
 * Only our own server, in its own words, ends a photo's life.
 */
export function verdictOf(reply, id) {
  const { ok, status, answer, foreign } = reply;
  if (foreign) return "again";
  if (ok) return answer?.id === id ? "saved" : "again";
  if (isPassing(reply) || answer?.retry !== false) return "again";
  if (answer.error === ABOUT_ALL) return "over";
  return FOR_ALL.has(status) && answer.error !== ABOUT_ONE ? "over" : "refused";
}

/** The same for a ZIP: "read", "over" or "again". */
export function zipVerdictOf({ ok, status, answer, foreign }) {
  if (foreign) return "again";
  if (ok) return answer?.added_to ? "read" : "again";
  return isPassing({ status, foreign }) || answer?.retry !== false ? "again" : "over";
}

/** What became of the files, for the page: `added_to` by the id of the label, `rejected` by the key of the reason. */
export const newReport = () => ({ added_to: {}, alike: 0, rejected: [] });

export function noteAdded(report, label, alike) {
  report.added_to[label] = (report.added_to[label] ?? 0) + 1;
  report.alike += alike ? 1 : 0;
}

export function noteRejected(report, error, name) {
  let reason = report.rejected.find((one) => one.error === error);
  if (!reason) {
    reason = { error, count: 0, names: [] };
    report.rejected.push(reason);
  }
  reason.count += 1;
  if (reason.names.length < NAMES_TOLD) reason.names.push(name.slice(0, NAME_CHARACTERS));
}

/** The same from what the server says of a ZIP. */
export const zipReport = ({ added_to, alike, rejected }) => ({
  added_to,
  alike,
  rejected: rejected.map(({ error, count, names }) => ({ error, count, names })),
});

export const isEmpty = (report) => !report.rejected.length && !Object.keys(report.added_to).length;
