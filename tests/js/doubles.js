// Stand-ins for what a browser gives: a document of bare elements, small storage, a server that answers on paper.

/** An element that remembers its children, attributes and listeners, and no more. */
export class FakeElement {
  constructor(tag) {
    Object.assign(this, { tag, children: [], attributes: {}, listeners: {}, textContent: "" });
  }

  append(...nodes) {
    this.children.push(...nodes);
  }

  replaceChildren(...nodes) {
    this.children = nodes;
  }

  insertBefore(node, before) {
    this.children = this.children.filter((one) => one !== node);
    const at = before === null ? this.children.length : this.children.indexOf(before);
    this.children.splice(at, 0, node);
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  addEventListener(name, act) {
    this.listeners[name] = act;
  }
}

export function useDocument() {
  globalThis.document = {
    hidden: false,
    createElement: (tag) => new FakeElement(tag),
    addEventListener: () => {},
  };
  globalThis.window = globalThis;
  globalThis.addEventListener = () => {};
}

/** localStorage or sessionStorage that lives as long as the test. */
export function useStorage(name) {
  const kept = new Map();
  const storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, String(value)),
  };
  Object.defineProperty(globalThis, name, { configurable: true, value: storage });
  return kept;
}

/** `fetch` that keeps what was asked; `answers(call)` gives {status, body, headers}, a promise of it, or throws. */
export function useServer(answers) {
  const calls = [];
  globalThis.fetch = async (url, options) => {
    const call = { url, ...options };
    calls.push(call);
    const { status = 200, body = null, headers = {} } = await answers(call);
    return new Response(body === null ? null : JSON.stringify(body), {
      status,
      headers: { "X-Classroom": "1", ...headers },
    });
  };
  return calls;
}

/** The unsent photos in memory. `get`, `put`, `all` and `remove` as IndexedDB's. */
export class FakeStore {
  constructor(...photos) {
    this.photos = new Map(photos.map((photo) => [photo.id, photo]));
  }

  async put(photo) {
    this.photos.set(photo.id, { ...photo });
  }

  async get(id) {
    return this.photos.get(id);
  }

  async all() {
    return [...this.photos.values()];
  }

  async remove(id) {
    this.photos.delete(id);
  }
}

/** Lets all that waits for no timer happen. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** `XMLHttpRequest` that keeps what was sent; `answers(call)` gives {status, body, headers}, a promise of it, or throws. */
export function useUploads(answers) {
  const calls = [];
  globalThis.XMLHttpRequest = class {
    constructor() {
      Object.assign(this, { upload: {}, headers: {}, answer: null, status: 0, responseText: "" });
    }

    open(method, url) {
      Object.assign(this, { method, url });
    }

    setRequestHeader(name, value) {
      this.headers[name] = value;
    }

    getResponseHeader(name) {
      return { "X-Classroom": "1", ...this.answer.headers }[name] ?? null;
    }

    async send(file) {
      const { method, url, headers } = this;
      calls.push({ method, url, headers, file });
      try {
        this.answer = await answers(calls.at(-1), this);
      } catch {
        if (!this.isAborted) this.onerror();
        return;
      }
      if (this.isAborted) return;
      this.upload.onload();
      this.status = this.answer.status ?? 200;
      this.responseText = JSON.stringify(this.answer.body ?? null);
      this.onload();
    }

    abort() {
      this.isAborted = true;
      this.onabort();
    }
  };
  return calls;
}
