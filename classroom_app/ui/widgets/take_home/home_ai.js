// The page's AI: unpacked from the page itself and opened on it. A page from a file gets no worker that could load the
// runtime, neither in Chromium nor in WebKit, so it waits for a moment between two looks instead.

import { pause } from "../common/base.js";
import { Guesser } from "../device/guesser.js";
import { readModel } from "../device/model_file.js";
import { UnpackError, unpacked } from "./unpack.js";

const PARTS = ["model", "runtime", "glue", "wasm", "graph"];
const DRAWN_MS = 20; // between steps: the page has to be drawn too

const scriptUrl = (bytes) => URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));

export class HomeAi {
  /** `find`: the element of a part, by its name; `imported`: a module by its address. */
  constructor(find, imported) {
    Object.assign(this, { find, imported });
    this.turn = Promise.resolve();
  }

  /** `heard` hears from 0 to 1 how far it is. Throws UnpackError, or what the runtime says. */
  async open({ space, version }, heard) {
    const parts = {};
    for (const [at, name] of PARTS.entries()) {
      await pause(DRAWN_MS);
      parts[name] = await unpacked(this.find(name), name);
      heard((at + 1) / (PARTS.length + 1));
    }
    await pause(DRAWN_MS);
    const model = readModel(parts.model);
    if (model.space !== space) throw new UnpackError("damaged", "model");
    this.guesser = new Guesser(await this.imported(scriptUrl(parts.runtime)));
    this.guesser.take(model, version);
    await this.guesser.open(parts.wasm, scriptUrl(parts.glue), parts.graph);
    heard(1);
  }

  /** `asked`: {kind, picture, …} as the worker of the iPads takes it. One after another. */
  ask(asked) {
    const answer = this.turn.then(() => pause(DRAWN_MS)).then(() => this.guesser.answer(asked));
    this.turn = answer.catch(() => {});
    return answer;
  }
}
