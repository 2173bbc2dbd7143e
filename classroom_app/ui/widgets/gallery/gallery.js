// The gallery: tiles that stay the same nodes over reruns (so no photo is fetched twice), and the sheet of one photo.
// Knows nothing of how photos are stored or who may see them: the browser's cookie decides that.

import { make, makeEmoji, noCallout, placeAt } from "../common/base.js";
import { mountOf } from "../common/mount.js";
import { paint } from "../common/paint.js";
import { Away, loadPatiently, PhotoSheet, photoOf } from "../common/photo_sheet.js";
import { plainText, setLabel, setText, withNumber } from "../common/text.js";

class GalleryWidget {
  constructor(root) {
    this.root = root.querySelector(".gallery");
    this.closing = new AbortController();
    this.photos = [];
    this.tiles = new Map(); // photo id -> button
    this.shelves = new Map(); // label id -> {box, title, count, tiles}
    this.away = new Away(() => {
      if (this.root.isConnected) this.draw();
    });
    const $ = (name) => this.root.querySelector(name);
    this.part = { shelves: $(".shelves"), empty: $(".empty"), previous: $(".previous"), next: $(".next") };
    this.sheet = new PhotoSheet(this.root, {
      remove: (id) => this.change({ kind: "delete", photo_id: id }),
      move: (id, label) => this.change({ kind: "move", photo_id: id, label_id: label }),
      undo: () => this.undo(),
    });
    this.part.previous.addEventListener("click", () => this.step(-1));
    this.part.next.addEventListener("click", () => this.step(1));
    addEventListener("photos-waiting", () => this.showEmpty(), { signal: this.closing.signal });
    noCallout(this.root);
  }

  update({ data, setTriggerValue }) {
    this.data = data;
    this.text = data.strings;
    this.setTriggerValue = setTriggerValue;
    paint(this.root, data.color);
    setText(this.root.querySelector(".empty-text"), this.text.gallery_empty);
    for (const name of ["previous", "next"]) setLabel(this.part[name], this.text[`gallery_${name}`]);
    this.sheet.write(this.text, data.undo);
    this.draw();
    const { shown } = this.sheet;
    if (shown !== null && !this.photos.some((photo) => photo.id === shown)) this.sheet.close();
  }

  draw() {
    const labels = new Map(this.data.photos.map((photo) => [photo.id, photo.label_id]));
    this.away.follow((id) => labels.get(id));
    const byLabel = new Map(this.data.labels.map((label) => [label.id, []]));
    for (const photo of this.data.photos)
      if (!this.away.has(photo.id)) byLabel.get(photo.label_id)?.push(photo);
    this.photos = [...byLabel.values()].flat(); // as they are seen, shelf by shelf
    const used = this.data.labels.filter((label) => byLabel.get(label.id).length);
    this.showEmpty();
    for (const [id, shelf] of this.shelves) {
      if (byLabel.has(id)) continue;
      shelf.box.remove();
      this.shelves.delete(id);
    }
    for (const [at, label] of this.data.labels.entries())
      this.drawShelf(label, byLabel.get(label.id), used.length > 1, at);
    for (const [id, tile] of this.tiles) {
      if (this.away.has(id) || !labels.has(id)) tile.remove();
      if (!labels.has(id)) this.tiles.delete(id);
    }
    this.drawnOnce = true;
  }

  /** Not while some are still on this iPad. */
  showEmpty() {
    const waiting = window.classroomPhotoQueue?.snapshot().waiting ?? 0;
    this.part.empty.hidden = this.photos.length > 0 || waiting > 0;
  }

  drawShelf(label, photos, titled, at) {
    const shelf = this.shelves.get(label.id) ?? this.newShelf(label.id);
    placeAt(this.part.shelves, shelf.box, at);
    shelf.box.hidden = photos.length === 0;
    shelf.title.hidden = !titled;
    setText(shelf.emoji, label.emoji);
    setText(shelf.name, label.name);
    shelf.count.textContent = String(photos.length);
    for (const [index, photo] of photos.entries()) {
      const tile = this.tiles.get(photo.id) ?? this.newTile(photo.id);
      setLabel(tile, `${plainText(label.name)} ${withNumber(this.text.gallery_open, index + 1)}`);
      placeAt(shelf.tiles, tile, index);
    }
  }

  newShelf(id) {
    const shelf = {
      box: make("section", { className: "shelf" }),
      title: make("h3", { className: "shelf-title" }),
      emoji: makeEmoji("emoji"),
      name: make("span", { className: "shelf-name" }),
      count: make("span", { className: "shelf-count" }),
      tiles: make("div", { className: "tiles" }),
    };
    shelf.title.append(shelf.emoji, shelf.name, shelf.count);
    shelf.box.append(shelf.title, shelf.tiles);
    this.shelves.set(id, shelf);
    return shelf;
  }

  newTile(id) {
    const tile = make("button", { type: "button", className: this.drawnOnce ? "tile new" : "tile" });
    const image = make("img", { loading: "lazy", decoding: "async", alt: "", draggable: false });
    image.addEventListener("load", () => tile.classList.remove("broken"));
    image.addEventListener("error", () => tile.classList.add("broken"));
    loadPatiently(image, photoOf(id, "thumb"));
    tile.append(image);
    tile.addEventListener("click", () => this.openSheet(id));
    this.tiles.set(id, tile);
    return tile;
  }

  // ---- the sheet of one photo

  openSheet(id) {
    const at = this.photos.findIndex((photo) => photo.id === id);
    if (at < 0) return;
    this.part.previous.disabled = at === 0;
    this.part.next.disabled = at === this.photos.length - 1;
    const label = this.data.labels.find((one) => one.id === this.photos[at].label_id);
    this.sheet.open(id, label, this.data.labels);
  }

  step(by) {
    const at = this.photos.findIndex((photo) => photo.id === this.sheet.shown) + by;
    if (this.photos[at]) this.openSheet(this.photos[at].id);
  }

  change(action) {
    const { label_id: label } = this.photos.find((photo) => photo.id === action.photo_id);
    this.away.add(action.photo_id, label);
    this.sheet.close();
    this.draw();
    this.tell(action);
  }

  undo() {
    this.away.clear();
    this.tell({ kind: "undo" });
  }

  tell(action) {
    this.setTriggerValue("action", { ...action, ts: Date.now() });
  }

  close() {
    this.closing.abort();
    this.sheet.close();
  }
}

export default mountOf(GalleryWidget);
