// The group's AI in a worker of its own on the iPad: loads the network and the group's head, answers frames and
// pictures. Nothing of a picture leaves it. `ort` is ONNX Runtime; the server writes the line that imports it.

import { fetched, LoadError } from "./fetched.js";
import { Guesser } from "./guesser.js";
import { ModelFileError, readModel } from "./model_file.js";

const TOLD_EVERY = 0.01; // of all that is loaded
const AGAIN_MS = 20_000; // from one try for a new head to the next, in a gap

class DeviceWorker {
  constructor(ort, say) {
    this.guesser = new Guesser(ort);
    this.say = say;
    this.loaded = 0;
    this.turn = Promise.resolve();
    this.coming = Promise.resolve(); // the newest head on its way
  }

  /** One thing after another, in the order in which it was asked for. Only a new head is fetched beside that, for
   * a slow network must not keep frames waiting: the head before answers them. */
  hear(asked) {
    if (asked.kind !== "model") return this.next(asked, () => this.does(asked));
    this.newest = asked;
    const read = this.coming.then(() => this.read(asked.model));
    this.coming = read.then(
      (model) => this.next(asked, () => this.take(model, asked.model.version)),
      (error) => this.comesNot(asked, error),
    );
    return this.coming;
  }

  /** In a gap of the network the head before goes on, and the new one is asked for again. */
  comesNot(asked, error) {
    if (!(this.isOpen && error instanceof LoadError && error.reason === "offline")) {
      this.fails(asked, error);
      return;
    }
    setTimeout(() => {
      if (asked === this.newest) this.hear(asked);
    }, AGAIN_MS);
  }

  next(asked, act) {
    this.turn = this.turn.then(act).catch((error) => this.fails(asked, error));
    return this.turn;
  }

  fails(asked, error) {
    const reason =
      error instanceof LoadError ? error.reason : error instanceof ModelFileError ? "model" : "error";
    this.say({ kind: "failed", reason, detail: String(error), id: asked.id });
  }

  async does(asked) {
    if (asked.kind === "open") await this.open(asked);
    else this.say({ kind: "answer", id: asked.id, answer: await this.guesser.answer(asked) });
  }

  /** The head first: it is small, and says whether the network fits it. */
  async open({ files, model }) {
    this.space = files.space;
    const total = files.wasm.bytes + files.graph.bytes;
    let told = 0;
    const heard = (length) => {
      this.loaded += length;
      const share = Math.min(1, this.loaded / total);
      if (Math.abs(share - told) < TOLD_EVERY && share < 1) return;
      told = share;
      this.say({ kind: "progress", share });
    };
    this.take(await this.read(model), model.version);
    const [wasm, graph] = [await fetched(files.wasm, heard), await fetched(files.graph, heard)];
    await this.guesser.open(wasm, files.glue, graph);
    this.isOpen = true;
    this.say({ kind: "ready" });
  }

  async read({ url, sha256 }) {
    const model = readModel(await fetched({ url, sha256 }));
    if (model.space !== this.space) throw new LoadError("space", url);
    return model;
  }

  take(model, version) {
    this.guesser.take(model, version);
    this.say({ kind: "model", version });
  }
}

export default function serveDevice(ort, scope) {
  const worker = new DeviceWorker(ort, (word) => scope.postMessage(word));
  scope.onmessage = ({ data }) => worker.hear(data);
  return worker;
}
