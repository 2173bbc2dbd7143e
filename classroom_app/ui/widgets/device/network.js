// The exported network under ONNX Runtime's plain wasm build on one thread: pictures in, rows of features and maps out.

import { cutView, VIEWS } from "./views.js";

const SIDE = 256; // of a view, as the compute tier has it
const INPUT = "views";
const ROWS = "rows";
const MIDDLE_FIRST = /^maps\d+$/; // from the first stage to the final one

export class Network {
  /** `ort`: the runtime. Threads hang on iPads, so there is one. */
  constructor(ort) {
    this.ort = ort;
  }

  async open(wasm, glueUrl, graph) {
    Object.assign(this.ort.env.wasm, {
      numThreads: 1,
      proxy: false,
      wasmBinary: wasm,
      wasmPaths: { mjs: glueUrl },
    });
    this.session = await this.ort.InferenceSession.create(graph, { executionProviders: ["wasm"] });
  }

  async row(picture, view) {
    return (await this.run(picture, view, [ROWS]))[ROWS].data;
  }

  /** One row a view, of all of them. */
  async rows(picture) {
    const found = [];
    for (let view = 0; view < VIEWS.length; view += 1) found.push(await this.row(picture, view));
    return found;
  }

  /** Of the whole picture, in the order of the features: the final one, then from the first stage. */
  async maps(picture) {
    const names = this.session.outputNames.filter((name) => MIDDLE_FIRST.test(name)).sort();
    const found = await this.run(picture, 0, names);
    return [found[names.at(-1)], ...names.slice(0, -1).map((name) => found[name])];
  }

  run(picture, view, outputs) {
    const pixels = cutView(picture, view, SIDE);
    const tensor = new this.ort.Tensor("uint8", pixels, [1, SIDE, SIDE, 3]);
    return this.session.run({ [INPUT]: tensor }, outputs);
  }
}
