// What the page has with it, as bytes: each part is gzip in base64, in an element of its own. A part that is cut off,
// missing or changed is said: gzip's own sum and length find it.

export class UnpackError extends Error {
  /** `reason`: old (the browser cannot unpack), damaged (the file is not whole). */
  constructor(reason, part) {
    super(`${reason}: ${part}`);
    this.reason = reason;
  }
}

const AT_ONCE = 1 << 20; // characters, a multiple of four: a part is millions of them

function bytesOf(text) {
  const pieces = [];
  for (let from = 0; from < text.length; from += AT_ONCE) {
    const binary = atob(text.slice(from, from + AT_ONCE));
    const piece = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) piece[at] = binary.charCodeAt(at);
    pieces.push(piece);
  }
  return new Blob(pieces);
}

/** The part as an ArrayBuffer; what was packed is let go. `element`: {textContent, dataset: {bytes}}, or null. */
export async function unpacked(element, part) {
  if (typeof DecompressionStream === "undefined") throw new UnpackError("old", part);
  if (!element) throw new UnpackError("damaged", part);
  let bytes;
  try {
    const unzipped = bytesOf(element.textContent.trim())
      .stream()
      .pipeThrough(new DecompressionStream("gzip"));
    bytes = await new Response(unzipped).arrayBuffer();
  } catch {
    throw new UnpackError("damaged", part);
  }
  if (bytes.byteLength !== Number(element.dataset.bytes)) throw new UnpackError("damaged", part);
  element.textContent = "";
  return bytes;
}
