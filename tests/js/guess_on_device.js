// Guesses of raw pictures by what runs on the iPad, for tests/integration/on_device: `node guess_on_device.js RUNTIME
// FOLDER` reads FOLDER/asked.json and prints the answers as JSON.

import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { HeadOfGroup } from "../../classroom_app/ui/widgets/device/head.js";
import { labelMap } from "../../classroom_app/ui/widgets/device/heat.js";
import { readModel } from "../../classroom_app/ui/widgets/device/model_file.js";
import { Network } from "../../classroom_app/ui/widgets/device/network.js";
import { meanRow } from "../../classroom_app/ui/widgets/device/numbers.js";
import { FrameWindow, judgedFrame, NEWS_SHARE } from "../../classroom_app/ui/widgets/device/scene.js";
import { cutView, VIEWS } from "../../classroom_app/ui/widgets/device/views.js";

const [runtime, folder] = process.argv.slice(2);
const asked = JSON.parse(await readFile(`${folder}/asked.json`, "utf-8"));
const exact = (buffer) => buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
const ort = await import(pathToFileURL(`${runtime}/ort.wasm.min.mjs`).href);
const network = new Network(ort);
await network.open(
  await readFile(`${runtime}/ort-wasm-simd-threaded.wasm`),
  pathToFileURL(`${runtime}/ort-wasm-simd-threaded.mjs`).href,
  await readFile(asked.graph),
);
const head = new HeadOfGroup(readModel(exact(await readFile(`${folder}/model.safetensors`))));
const pictures = [];
for (const { file, width, height } of asked.pictures) {
  const looked = pictures.length < asked.looked_into;
  const picture = { data: await readFile(`${folder}/${file}`), width, height };
  const guess = head.guess(meanRow(await network.rows(picture)));
  const map = looked && labelMap(await network.maps(picture), head, 0);
  const cut = (_, index) => Buffer.from(cutView(picture, index, 256)).toString("base64");
  pictures.push({ guess, map, views: looked && VIEWS.map(cut) });
}
// One camera: a round of frames of each thing, one after another.
const frames = new FrameWindow(VIEWS.length);
const rounds = [];
for (const round of asked.rounds) {
  const fulls = [];
  let seen = null;
  for (const { file, width, height } of round) {
    const picture = { data: await readFile(`${folder}/${file}`), width, height };
    seen = frames.add(await network.row(picture, frames.next), NEWS_SHARE * 2 * head.photoVariance);
    fulls.push(seen.full);
  }
  rounds.push({ guess: head.guess(seen.mean), fulls });
}
let scene = null;
const stream = asked.stream.map(({ row, look }) => {
  const { shares, unsure, variety, lookedAround, scene: after } = judgedFrame(head, row, scene, look);
  scene = after;
  return { shares, unsure, variety, around: lookedAround };
});
process.stdout.write(JSON.stringify({ pictures, rounds, stream }));
