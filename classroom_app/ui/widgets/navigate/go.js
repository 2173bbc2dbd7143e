// Going to another address of this site, if need be after a POST. Knows nothing of what the addresses do.

import { ask, isPassing, post } from "../common/ask.js";
import { pause } from "../common/base.js";

const TRY_AGAIN_MS = [500, 1000, 2000, 4000];
const POST_TIMEOUT_MS = 15_000;
const CIRCLE_TIMES = 2; // a third time within CIRCLE_MS is a circle
const CIRCLE_MS = 10_000;
const JSON_BODY = { headers: { "Content-Type": "application/json" } };

/**
 * Returns null when the browser is on its way, or why it stays: {error, message, status}.
 * Where the POST's cookie did not stay, so that `known_url` does not know this browser, it leaves for `lost_url`: an
 * iPad that may keep no cookie would else be led in a circle without a word.
 */
export async function go({ url, post_url: postUrl, body, known_url: knownUrl, lost_url: lostUrl }) {
  const target = new URL(url, location.origin);
  if (target.origin !== location.origin) return { error: "foreign_address", message: "", status: 0 };
  if (postUrl) {
    const problem = await posted(postUrl, body);
    if (problem) return problem;
  }
  const lost = knownUrl && (await forgotten(knownUrl));
  // The way back does not lead through a log-in.
  location.replace(lost ? new URL(lostUrl, location.origin).href : target.href);
  return null;
}

async function posted(url, body) {
  for (let attempt = 0; ; attempt += 1) {
    const reply = await post(url, POST_TIMEOUT_MS, JSON.stringify(body ?? {}), JSON_BODY).catch(() => null);
    if (reply?.ok) return null;
    const again = !reply || (isPassing(reply) && reply.status !== 429);
    if (!again || attempt >= TRY_AGAIN_MS.length) {
      const { error, message } = reply?.answer ?? {};
      return { error: error ?? "offline", message: message ?? "", status: reply?.status ?? 0 };
    }
    await pause(TRY_AGAIN_MS[attempt]);
  }
}

/** Did our own server, asked right after its 204, not know us? A gap in the network says nothing. */
async function forgotten(url) {
  const reply = await ask(url, POST_TIMEOUT_MS).catch(() => null);
  return reply !== null && !reply.foreign && reply.status === 401;
}

/**
 * Is the same journey begun again and again, with nobody touching the page? Then something leads back to it.
 * Remembered as a number, so that no ticket or password is stored.
 */
export function goesInCircles(journey) {
  if (navigator.userActivation?.hasBeenActive) return false; // a child tapped: that may happen often
  let mark = 5381;
  for (const letter of JSON.stringify(journey)) mark = (Math.imul(mark, 33) ^ letter.codePointAt(0)) >>> 0;
  const name = `classroom.went.${mark}`;
  try {
    const times = JSON.parse(sessionStorage.getItem(name) ?? "[]").filter(
      (time) => Date.now() - time < CIRCLE_MS,
    );
    sessionStorage.setItem(name, JSON.stringify([...times, Date.now()]));
    return times.length >= CIRCLE_TIMES;
  } catch {
    return false;
  }
}
