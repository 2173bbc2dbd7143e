// The group's AI in a worker of its own on the iPad: loads the network and the group's head, answers frames and
// pictures. Nothing of a picture leaves it. `ort` is ONNX Runtime; the server writes the line that imports it.

import { fetched, LoadError } from "./fetched.js";
import { HeadOfGroup } from "./head.js";
import { labelMap } from "./heat.js";
import { readModel } from "./model_file.js";
import { Network } from "./network.js";
import { meanRow } from "./numbers.js";
import { FrameWindow, judgedFrame, NEWS_SHARE, saidOf } from "./scene.js";
import { VIEWS } from "./views.js";

const TOLD_EVERY = 0.01; // of all that is loaded

class DeviceWorker {
  constructor(ort, say) {
    this.network = new Network(ort);
    this.say = say;
    this.loaded = 0;
    this.turn = Promise.resolve();
  }

  /** One thing after another, in the order in which it was asked for. */
  hear(asked) {
    this.turn = this.turn.then(() => this.does(asked)).catch((error) => this.fails(asked, error));
    return this.turn;
  }

  fails(asked, error) {
    const reason =
      error instanceof LoadError ? error.reason : error.name === "ModelFileError" ? "model" : "error";
    this.say({ kind: "failed", reason, detail: String(error), id: asked.id });
  }

  async does(asked) {
    if (asked.kind === "open") await this.open(asked);
    else if (asked.kind === "model") await this.take(asked.model);
    else this.say({ kind: "answer", id: asked.id, answer: await this.answer(asked) });
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
    await this.take(model);
    const [wasm, graph] = [await fetched(files.wasm, heard), await fetched(files.graph, heard)];
    await this.network.open(wasm, files.glue, new Uint8Array(graph));
    this.say({ kind: "ready" });
  }

  async take({ url, sha256, version }) {
    const model = readModel(await fetched({ url, sha256 }));
    if (model.space !== this.space) throw new LoadError("space", url);
    this.head = new HeadOfGroup(model);
    this.version = version;
    this.window = new FrameWindow(VIEWS.length);
    this.scene = null;
    this.say({ kind: "model", version });
  }

  async answer({ kind, picture, camera, look, label }) {
    if (kind === "map") {
      const at = this.head.labels.indexOf(label);
      return at < 0 ? null : labelMap(await this.network.maps(picture), this.head, at);
    }
    return this.told(
      await (kind === "photo" ? this.photo(picture, camera, look) : this.frame(picture, camera, look)),
    );
  }

  /** Through all views; in the scene of its camera, which it does not join. */
  async photo(picture, camera, look) {
    const row = meanRow(await this.network.rows(picture));
    const scene = camera !== null && camera === this.camera ? this.scene : null;
    return saidOf(this.head, row, scene && { ...scene, adopted: look ? scene.adopted : null });
  }

  async frame(picture, camera, look) {
    const { head } = this;
    if (camera !== this.camera) {
      this.window.restart();
      this.scene = null;
      this.camera = camera;
    }
    const row = await this.network.row(picture, this.window.next);
    const { mean, full } = this.window.add(row, NEWS_SHARE * 2 * head.photoVariance);
    // A thing joins the scene once it was seen through every view: until then its mean moves by itself.
    if (!full) return saidOf(head, mean, this.scene);
    const judged = judgedFrame(head, mean, this.scene, look);
    this.scene = judged.scene;
    return judged;
  }

  told({ shares, unsure, variety = 0, lookedAround = false }) {
    const scores = this.head.labels.map((label, at) => ({ label_id: label, p: shares[at] }));
    scores.sort((one, other) => other.p - one.p);
    return { version: this.version, unsure, scores, variety, looked_around: lookedAround };
  }
}

export default function serveDevice(ort, scope) {
  const worker = new DeviceWorker(ort, (word) => scope.postMessage(word));
  scope.onmessage = ({ data }) => worker.hear(data);
  return worker;
}
