// A group's AI, ready to look: the network and the group's head, what its camera has shown so far, and the answers.
// Knows nothing of files and addresses: whoever opens it has the bytes.

import { HeadOfGroup } from "./head.js";
import { labelMap } from "./heat.js";
import { Network } from "./network.js";
import { meanRow } from "./numbers.js";
import { FrameWindow, judgedFrame, NEWS_SHARE, saidOf } from "./scene.js";
import { VIEWS } from "./views.js";

export class Guesser {
  constructor(ort) {
    this.network = new Network(ort);
  }

  open(wasm, glueUrl, graph) {
    return this.network.open(wasm, glueUrl, new Uint8Array(graph));
  }

  /** Another head (`model` of `readModel`): what the camera has shown so far was shown to the one before. */
  take(model, version) {
    this.head = new HeadOfGroup(model);
    this.version = version;
    this.window = new FrameWindow(VIEWS.length);
    this.scene = null;
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
