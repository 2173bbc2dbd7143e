// The page's side of its AI: unpacks it, opens it in a worker where the browser gives one to a page from a file, else
// on the page itself, and asks it.

import { unpacked } from "./unpack.js";

const WORKER_WAIT_MS = 10_000; // a worker that says nothing until then never will
const scriptUrl = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
const textOf = (bytes) => new TextDecoder().decode(bytes);

/** A worker whose script has begun. Rejects where it never does. */
function listening(worker) {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      worker.terminate();
      reject(new Error("no worker"));
    };
    const limit = setTimeout(giveUp, WORKER_WAIT_MS);
    worker.onerror = () => {
      clearTimeout(limit);
      giveUp();
    };
    worker.onmessage = () => {
      clearTimeout(limit);
      resolve(worker);
    };
  });
}

/** A worker's two ends on the page itself. */
function onThePage(serve, ort) {
  const near = { postMessage: (data) => queueMicrotask(() => far.onmessage({ data })), terminate() {} };
  const far = { postMessage: (data) => queueMicrotask(() => near.onmessage({ data })) };
  serve(ort, far);
  return near;
}

export class HomeAi {
  /** `find`: the element of a part, by its name; `imported`: a module by its address. */
  constructor(find, imported) {
    Object.assign(this, { find, imported });
    this.waiting = new Map(); // id -> {resolve, reject}
    this.lastId = 0;
    this.where = ""; // worker or page
  }

  /** `heard` hears from 0 to 1 how far it is. Throws UnpackError, or what the runtime says. */
  async open({ space, version }, heard) {
    const parts = {};
    const names = ["model", "brain", "runtime", "glue", "wasm", "graph"];
    for (const [at, name] of names.entries()) {
      parts[name] = await unpacked(this.find(name), name);
      heard((at + 1) / (names.length + 2));
    }
    const runtime = scriptUrl(textOf(parts.runtime));
    this.port = await this.portOf(textOf(parts.brain), runtime);
    this.port.onmessage = ({ data }) => this.heard(data);
    heard((names.length + 1) / (names.length + 2));
    const { model, wasm, graph } = parts;
    const glue = scriptUrl(textOf(parts.glue));
    await this.ask({ kind: "open", space, version, model, wasm, graph, glue }, [model, wasm, graph]);
    heard(1);
  }

  async portOf(brain, runtime) {
    const begins = `import * as ort from "${runtime}";\n${brain}\n`;
    try {
      const ready = 'serveHome(ort, self);\nself.postMessage("here");\n';
      const worker = await listening(new Worker(scriptUrl(begins + ready), { type: "module" }));
      this.where = "worker";
      return worker;
    } catch {
      const [{ default: serve }, ort] = [await this.imported(scriptUrl(begins)), await this.imported(runtime)];
      this.where = "page";
      return onThePage(serve, ort);
    }
  }

  heard({ id, answer, detail }) {
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (answer === null && detail) reject(new Error(detail));
    else resolve(answer);
  }

  /** `asked`: {kind, picture, …} as the worker of the iPads takes it; `given`: buffers that move there. */
  ask(asked, given = []) {
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.port.postMessage({ ...asked, id }, given);
    });
  }
}
