// Photos on their way, kept on the iPad: they survive a reload and a browser that was closed.

import { pause } from "./base.js";

const IDB_PATIENCE_MS = 3_000; // Safari's IndexedDB sometimes never answers after a sleep

/** Unsent photos in IndexedDB, as bytes (blobs were lost there by some Safari versions). Every call may fail. */
export class UnsentStore {
  constructor() {
    this.opening = null;
  }

  open() {
    this.opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("classroom-photos", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("unsent", { keyPath: "id" });
      request.onsuccess = () => {
        request.result.onclose = () => {
          this.opening = null;
        };
        request.result.onversionchange = () => {
          request.result.close();
          this.opening = null;
        };
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
    });
    return this.opening;
  }

  async once(mode, use) {
    const db = await this.open();
    return new Promise((resolve, reject) => {
      const transaction = db.transaction("unsent", mode);
      const request = use(transaction.objectStore("unsent"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }

  async run(mode, use) {
    const limit = () =>
      pause(IDB_PATIENCE_MS).then(() => {
        throw new Error("IndexedDB does not answer");
      });
    try {
      return await Promise.race([this.once(mode, use), limit()]);
    } catch {
      // the connection is lost after some sleeps: once more with a new one
      this.opening = null;
      return Promise.race([this.once(mode, use), limit()]);
    }
  }

  put(photo) {
    return this.run("readwrite", (store) => store.put(photo));
  }
  get(id) {
    return this.run("readonly", (store) => store.get(id));
  }
  all() {
    return this.run("readonly", (store) => store.getAll());
  }
  remove(id) {
    return this.run("readwrite", (store) => store.delete(id));
  }
}
