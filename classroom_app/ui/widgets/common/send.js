// A file on its way to this site, with word of how far it is: fetch has none in Safari. Beside ask.js, which asks.

import { OWN_HEADER } from "./own_header.js";

const QUIET_MS = 60_000; // on its way: twice as long as the server waits for a body that says nothing

/**
 * POSTs a file, which the browser reads from its disk as it goes, with the header that only pages of this site can set.
 * `sent` hears how many bytes have left. `signal` breaks it off. `answerMs`: how long an answer may take after the
 * last byte. Throws when there is no network, nothing moves or no answer comes. Returns what `ask` returns.
 */
export function send(url, file, { headers, sent, signal, answerMs }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    let limit = setTimeout(stop, QUIET_MS);
    const wait = (ms) => {
      clearTimeout(limit);
      limit = setTimeout(stop, ms);
    };
    const end = () => {
      clearTimeout(limit);
      signal.removeEventListener("abort", stop);
    };
    request.upload.onprogress = ({ loaded }) => {
      wait(QUIET_MS);
      sent(loaded);
    };
    request.upload.onload = () => {
      wait(answerMs);
      sent(file.size);
    };
    request.onload = () => {
      end();
      resolve(replyOf(request));
    };
    request.onerror = request.onabort = () => {
      end();
      reject(new Error("no answer"));
    };
    request.open("POST", url);
    for (const [name, value] of Object.entries({ [OWN_HEADER]: "1", ...headers }))
      request.setRequestHeader(name, value);
    signal.addEventListener("abort", stop);
    if (signal.aborted) {
      end();
      reject(new Error("stopped"));
    } else request.send(file);
  });
}

function replyOf(request) {
  const { status } = request;
  if (request.getResponseHeader(OWN_HEADER) === null)
    return { ok: false, status, answer: null, retryAfterMs: 0, foreign: true };
  const retryAfterMs = 1000 * (Number(request.getResponseHeader("Retry-After")) || 0);
  const ok = status >= 200 && status < 300;
  return { ok, status, answer: jsonOf(request.responseText), retryAfterMs, foreign: false };
}

function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
