// The group's AI at home: what guesses on the iPads, opened from bytes that the page has with it. Runs in a worker,
// or on the page itself where a browser gives a page from a file none. `ort` is ONNX Runtime.

import { Guesser } from "../device/guesser.js";
import { readModel } from "../device/model_file.js";

export default function serveHome(ort, scope) {
  const guesser = new Guesser(ort);
  let turn = Promise.resolve();

  async function does(asked) {
    if (asked.kind !== "open") return guesser.answer(asked);
    const model = readModel(asked.model);
    if (model.space !== asked.space) throw new Error(`a head of ${model.space}`);
    guesser.take(model, asked.version);
    await guesser.open(asked.wasm, asked.glue, asked.graph);
    return { ready: true };
  }

  /** One thing after another, in the order in which it was asked for. */
  scope.onmessage = ({ data: asked }) => {
    const answered = (answer, detail) => scope.postMessage({ id: asked.id, answer, detail });
    turn = turn
      .then(() => does(asked))
      .then(
        (answer) => answered(answer, ""),
        (error) => answered(null, String(error)),
      );
  };
}
