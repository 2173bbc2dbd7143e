// Going to another address of this site, if need be after a POST. Knows nothing of what the addresses do.

import { post } from "../common/ask.js";
import { pause } from "../common/base.js";

const TRY_AGAIN_MS = [500, 1000, 2000, 4000];
const POST_TIMEOUT_MS = 15_000;
const CIRCLE_TIMES = 2; // a third time within CIRCLE_MS is a circle
const CIRCLE_MS = 10_000;
const JSON_BODY = { headers: { "Content-Type": "application/json" }, redirect: "follow" };

/** Returns null when the browser is on its way, or why it stays: {error, message, status}. */
export async function go({ url, post_url: postUrl, body }) {
  const target = new URL(url, location.origin);
  if (target.origin !== location.origin) return { error: "foreign_address", message: "", status: 0 };
  if (postUrl) {
    const problem = await posted(postUrl, body);
    if (problem) return problem;
  }
  location.replace(target.href); // the way back does not lead through a log-in
  return null;
}

async function posted(url, body) {
  for (let attempt = 0; ; attempt += 1) {
    const reply = await post(url, POST_TIMEOUT_MS, JSON.stringify(body ?? {}), JSON_BODY).catch(() => null);
    if (reply?.ok) return null;
    const again = !reply || reply.status === 408 || reply.status >= 500;
    if (!again || attempt >= TRY_AGAIN_MS.length) {
      const { error, message } = reply?.answer ?? {};
      return { error: error ?? "offline", message: message ?? "", status: reply?.status ?? 0 };
    }
    await pause(TRY_AGAIN_MS[attempt]);
  }
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
