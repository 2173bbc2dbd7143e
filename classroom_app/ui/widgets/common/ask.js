// A question to this site with a time limit, and its answer as JSON.

import { OWN_HEADER } from "./own_header.js";

/**
 * The limit covers the whole answer. Throws when there is no network or no answer in time.
 * Returns {ok, status, answer, retryAfterMs, foreign}; `answer` is null where it is no JSON. `foreign`: somebody
 * else answered, such as a school's filter or a Wi-Fi log-in page; then nothing else of it is believed.
 * `hear` gets the headers of our own answers, also of one without a body.
 */
export async function ask(url, limitMs, options, hear = () => {}) {
  const stop = new AbortController(); // Safari before 16 has no AbortSignal.timeout
  const limit = setTimeout(() => stop.abort(), limitMs);
  try {
    const response = await fetch(url, {
      credentials: "same-origin",
      cache: "no-store",
      redirect: "manual", // no route of ours answers a question with another address
      ...options,
      signal: stop.signal,
    });
    if (!response.headers.has(OWN_HEADER)) {
      return { ok: false, status: response.status, answer: null, retryAfterMs: 0, foreign: true };
    }
    hear(response.headers);
    const retryAfterMs = 1000 * (Number(response.headers.get("Retry-After")) || 0);
    const answer = await response.json().catch((reason) => {
      if (stop.signal.aborted) throw reason; // the headers came, the rest did not
      return null;
    });
    return { ok: response.ok, status: response.status, answer, retryAfterMs, foreign: false };
  } finally {
    clearTimeout(limit);
  }
}

/** A POST with the header that only pages of this site can set. */
export const post = (url, limitMs, body, { headers, ...options }) =>
  ask(url, limitMs, { method: "POST", body, headers: { "X-Classroom": "1", ...headers }, ...options });

/** Did the server only fail to answer for now, or was it not even asked? */
export const isPassing = ({ status, foreign }) =>
  foreign || [408, 425, 429].includes(status) || status >= 500;
