// A question to this site with a time limit, and its answer as JSON.

/**
 * The limit covers the whole answer. Throws when there is no network or no answer in time.
 * Returns {ok, status, answer, retryAfterMs}; `answer` is null where it is no JSON.
 */
export async function ask(url, limitMs, options) {
  const stop = new AbortController(); // Safari before 16 has no AbortSignal.timeout
  const limit = setTimeout(() => stop.abort(), limitMs);
  try {
    const response = await fetch(url, {
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      ...options,
      signal: stop.signal,
    });
    const retryAfterMs = 1000 * (Number(response.headers.get("Retry-After")) || 0);
    const answer = await response.json().catch((reason) => {
      if (stop.signal.aborted) throw reason; // the headers came, the rest did not
      return null;
    });
    return { ok: response.ok, status: response.status, answer, retryAfterMs };
  } finally {
    clearTimeout(limit);
  }
}

/** A POST with the header that only pages of this site can set. */
export const post = (url, limitMs, body, { headers, ...options }) =>
  ask(url, limitMs, { method: "POST", body, headers: { "X-Classroom": "1", ...headers }, ...options });

/** Did the server only fail to answer for now? */
export const isPassing = (status) => [408, 425, 429].includes(status) || status >= 500;
