// A file over the network, believed only where its hash is the one that was said. One that a browser or a filter
// kept damaged is fetched anew, past what is kept.

import { OWN_HEADER } from "../common/own_header.js";

const SILENCE_MS = 15_000; // without a piece of it; a slow network may take its time
const TRIES = ["default", "reload", "reload"];
const BETWEEN_MS = 1500;

export class LoadError extends Error {
  /** `reason`: gone (the server refuses), damaged (another hash), offline. */
  constructor(reason, url) {
    super(`${reason}: ${url}`);
    this.reason = reason;
  }
}

/** The bytes as an ArrayBuffer; `heard` gets the length of each piece that came. */
export async function fetched({ url, sha256 }, heard = () => {}, wait = pause, silenceMs = SILENCE_MS) {
  let last;
  for (const [number, cache] of TRIES.entries()) {
    if (number) await wait(BETWEEN_MS * number);
    let came = 0;
    try {
      const bytes = await read(url, cache, silenceMs, (length) => {
        came += length;
        heard(length);
      });
      if ((await hashOf(bytes)) === sha256) return bytes;
      last = new LoadError("damaged", url);
    } catch (error) {
      if (error instanceof LoadError && error.reason === "gone") throw error;
      last = error instanceof LoadError ? error : new LoadError("offline", url);
    }
    heard(-came);
  }
  throw last;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function read(url, cache, silenceMs, heard) {
  const stop = new AbortController();
  let limit;
  const goesOn = () => {
    clearTimeout(limit);
    limit = setTimeout(() => stop.abort(), silenceMs);
  };
  goesOn();
  try {
    const { signal } = stop;
    const response = await fetch(url, { credentials: "same-origin", redirect: "error", cache, signal });
    const isOurs = response.headers.has(OWN_HEADER); // else a filter or a proxy refuses, for now
    if (isOurs && [401, 403, 404, 409].includes(response.status)) throw new LoadError("gone", url);
    if (!response.ok) throw new LoadError("offline", url);
    const reader = response.body.getReader();
    const pieces = [];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      goesOn();
      pieces.push(value);
      heard(value.length);
    }
    return await new Blob(pieces).arrayBuffer();
  } finally {
    clearTimeout(limit);
  }
}

async function hashOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
