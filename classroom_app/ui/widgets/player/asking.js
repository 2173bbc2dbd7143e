// Whom a picture is shown to: the AI on this iPad, or, where it has none, the server.

import { post } from "../common/ask.js";
import { giveCanvas, jpegOf, takeCanvas } from "../common/pixels.js";

const ANSWER_TIMEOUT_MS = 8000;

export class Asking {
  constructor(device) {
    this.device = device;
    this.data = {};
  }

  /** A guess for a picture ({data, width, height}) of the stream `looking`, or of none (null). `still`: it stands
   * still, so there is time to look at it through all views. */
  guess(picture, looking, still) {
    const stream = looking ? { camera: looking.word, look: !looking.undone } : { camera: null, look: false };
    const url = looking ? looking.url(this.data.predict_url) : this.data.predict_url;
    return this.onDeviceOr({ kind: still ? "photo" : "frame", picture, ...stream }, url);
  }

  /** Where the AI looked for a label. */
  look(picture, label) {
    const url = `${this.data.explain_url}?label=${encodeURIComponent(label)}`;
    return this.onDeviceOr({ kind: "map", picture, label }, url);
  }

  async onDeviceOr(asked, url) {
    const answer = this.device.isHere ? await this.device.answer(asked) : null;
    const own = { retryAfterMs: 0, foreign: false };
    if (answer) return { ok: true, status: 200, answer, ...own };
    // The page says that no picture leaves the iPad: that holds for a question without an answer too.
    if (this.device.isHere) return { ok: false, status: 404, answer: null, ...own };
    const jpeg = await jpegOfPicture(asked.picture);
    return post(url, ANSWER_TIMEOUT_MS, jpeg, { headers: { "Content-Type": "image/jpeg" } });
  }
}

async function jpegOfPicture(picture) {
  const canvas = takeCanvas(picture.width, picture.height);
  try {
    canvas.getContext("2d").putImageData(picture, 0, 0);
    return await jpegOf(canvas);
  } finally {
    giveCanvas(canvas);
  }
}
