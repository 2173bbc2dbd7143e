// The gallery: tiles that stay the same nodes over reruns (so no photo is fetched twice), and the sheet of one photo.
// Knows nothing of how photos are stored or who may see them: the browser's cookie decides that.

const HIDDEN_FOR_MS = 6000; // a deleted tile shows again if the page has not followed by then
const FETCH_AGAIN_MS = [1000, 3000];

const thumbOf = (id) => `/photos/${encodeURIComponent(id)}/thumb`;
const fullOf = (id) => `/photos/${encodeURIComponent(id)}/full`;

function withEmoji(element, emoji, text) {
  const picture = document.createElement("span");
  picture.className = "emoji";
  picture.setAttribute("aria-hidden", "true");
  picture.textContent = emoji;
  const words = document.createElement("span");
  setText(words, text);
  element.replaceChildren(picture, words);
}

class GalleryWidget {
  constructor(root) {
    this.root = root.querySelector(".gallery");
    this.tiles = new Map(); // photo id -> button
    this.shelves = new Map(); // label id -> {box, title, count, tiles}
    this.away = new Map(); // photo id -> {label, until}: hidden while the page has not followed yet
    this.shown = null;
    const $ = (name) => this.root.querySelector(name);
    this.part = {
      shelves: $(".shelves"),
      empty: $(".empty"),
      undo: $(".undo"),
      undoButton: $(".undo-button"),
      sheet: $(".sheet"),
      big: $(".big"),
      previous: $(".previous"),
      next: $(".next"),
      moves: $(".moves"),
      delete: $(".delete"),
      close: $(".close"),
    };
    this.listen();
  }

  listen() {
    const { part } = this;
    part.close.addEventListener("click", () => this.closeSheet());
    part.sheet.addEventListener("click", (event) => {
      if (event.target === part.sheet) this.closeSheet();
    });
    part.sheet.addEventListener("close", () => {
      this.shown = null;
      part.big.removeAttribute("src");
    });
    part.previous.addEventListener("click", () => this.step(-1));
    part.next.addEventListener("click", () => this.step(1));
    part.delete.addEventListener("click", () => this.act({ kind: "delete", photo_id: this.shown }));
    part.undoButton.addEventListener("click", () => {
      part.undo.hidden = true;
      this.act({ kind: "undo" });
    });
    noCallout(this.root);
  }

  update({ data, setTriggerValue }) {
    this.data = data;
    this.text = data.strings;
    this.setTriggerValue = setTriggerValue;
    paint(this.root, data.color);
    for (const [name, key] of [
      ["empty-text", "empty"],
      ["undo-text", "deleted"],
      ["undo-button-text", "undo"],
      ["delete-text", "delete"],
      ["move-title", "move_to"],
    ]) {
      setText(this.root.querySelector(`.${name}`), this.text[`gallery_${key}`]);
    }
    for (const name of ["close", "previous", "next"]) setLabel(this.part[name], this.text[`gallery_${name}`]);
    this.part.undo.hidden = !data.undo;
    this.draw();
    if (this.shown !== null && !this.photos.some((photo) => photo.id === this.shown)) this.closeSheet();
  }

  draw() {
    const labels = new Map(this.data.photos.map((photo) => [photo.id, photo.label_id]));
    for (const [id, { label, until }] of this.away) {
      if (labels.get(id) !== label || until < Date.now()) this.away.delete(id);
    }
    const byLabel = new Map(this.data.labels.map((label) => [label.id, []]));
    for (const photo of this.data.photos)
      if (!this.away.has(photo.id)) byLabel.get(photo.label_id)?.push(photo);
    this.photos = [...byLabel.values()].flat(); // as they are seen, shelf by shelf
    const used = this.data.labels.filter((label) => byLabel.get(label.id).length);
    this.part.empty.hidden = used.length > 0;
    for (const [id, shelf] of this.shelves)
      if (!byLabel.has(id)) {
        shelf.box.remove();
        this.shelves.delete(id);
      }
    this.data.labels.forEach((label, at) =>
      this.drawShelf(label, byLabel.get(label.id), used.length > 1, at),
    );
    for (const [id, tile] of this.tiles) {
      if (this.away.has(id) || !labels.has(id)) tile.remove();
      if (!labels.has(id)) this.tiles.delete(id);
    }
    this.drawnOnce = true;
  }

  drawShelf(label, photos, titled, at) {
    const shelf = this.shelves.get(label.id) ?? this.newShelf(label.id);
    const { children } = this.part.shelves;
    if (children[at] !== shelf.box) this.part.shelves.insertBefore(shelf.box, children[at] ?? null);
    shelf.box.hidden = photos.length === 0;
    shelf.title.hidden = !titled;
    setText(shelf.emoji, label.emoji);
    setText(shelf.name, label.name);
    shelf.count.textContent = String(photos.length);
    photos.forEach((photo, index) => {
      const tile = this.tiles.get(photo.id) ?? this.newTile(photo.id);
      setLabel(tile, `${plainText(label.name)} ${withNumber(this.text.gallery_open, index + 1)}`);
      if (shelf.tiles.children[index] !== tile)
        shelf.tiles.insertBefore(tile, shelf.tiles.children[index] ?? null);
    });
  }

  newShelf(id) {
    const make = (tag, name) => Object.assign(document.createElement(tag), { className: name });
    const shelf = {
      box: make("section", "shelf"),
      title: make("h3", "shelf-title"),
      emoji: make("span", "emoji"),
      name: make("span", "shelf-name"),
      count: make("span", "shelf-count"),
      tiles: make("div", "tiles"),
    };
    shelf.emoji.setAttribute("aria-hidden", "true");
    shelf.title.append(shelf.emoji, shelf.name, shelf.count);
    shelf.box.append(shelf.title, shelf.tiles);
    this.shelves.set(id, shelf);
    return shelf;
  }

  newTile(id) {
    const tile = document.createElement("button");
    tile.type = "button";
    tile.className = this.drawnOnce ? "tile new" : "tile";
    const image = document.createElement("img");
    image.loading = "lazy";
    image.decoding = "async";
    image.alt = "";
    image.draggable = false;
    let failures = 0;
    image.addEventListener("load", () => {
      image.classList.add("here");
      tile.classList.remove("broken");
    });
    image.addEventListener("error", () => {
      tile.classList.add("broken");
      const wait = FETCH_AGAIN_MS[failures];
      failures += 1;
      if (wait)
        setTimeout(() => {
          image.src = `${thumbOf(id)}?again=${failures}`;
        }, wait);
    });
    image.src = thumbOf(id);
    tile.append(image);
    tile.addEventListener("click", () => this.openSheet(id));
    this.tiles.set(id, tile);
    return tile;
  }

  // ---- the sheet of one photo

  openSheet(id) {
    const { part } = this;
    const at = this.photos.findIndex((photo) => photo.id === id);
    if (at < 0) return;
    this.shown = id;
    part.big.style.backgroundImage = `url("${thumbOf(id)}")`; // at once, until the large one is there
    part.big.src = fullOf(id);
    const label = this.labelOf(this.photos[at].label_id);
    setText(this.root.querySelector(".now-emoji"), label.emoji);
    setText(this.root.querySelector(".now-name"), label.name);
    part.big.alt = plainText(label.name);
    part.previous.disabled = at === 0;
    part.next.disabled = at === this.photos.length - 1;
    const others = this.data.labels.filter((label) => label.id !== this.photos[at].label_id);
    part.moves.replaceChildren(...others.map((label) => this.moveButton(label)));
    this.root.querySelector(".move-title").hidden = others.length === 0;
    if (part.sheet.open) return;
    if (part.sheet.showModal) part.sheet.showModal();
    else {
      part.sheet.setAttribute("open", "");
      part.sheet.classList.add("plain");
    } // Safari before 15.4
  }

  labelOf(id) {
    return this.data.labels.find((label) => label.id === id);
  }

  moveButton(label) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.label = label.id;
    withEmoji(button, label.emoji, label.name);
    button.addEventListener("click", () =>
      this.act({ kind: "move", photo_id: this.shown, label_id: label.id }),
    );
    return button;
  }

  step(by) {
    const at = this.photos.findIndex((photo) => photo.id === this.shown) + by;
    if (this.photos[at]) this.openSheet(this.photos[at].id);
  }

  closeSheet() {
    const { sheet } = this.part;
    if (sheet.close) sheet.close();
    else {
      sheet.removeAttribute("open");
      this.shown = null;
    }
  }

  act(action) {
    if (action.kind !== "undo") {
      if (!action.photo_id) return;
      const { label_id: label } = this.photos.find((photo) => photo.id === action.photo_id);
      this.away.set(action.photo_id, { label, until: Date.now() + HIDDEN_FOR_MS });
      this.closeSheet();
      this.draw();
      setTimeout(() => {
        if (this.root.isConnected) this.draw();
      }, HIDDEN_FOR_MS + 100);
    } else {
      this.away.clear();
    }
    this.setTriggerValue("action", { ...action, ts: Date.now() });
  }
}

const widgets = new WeakMap();

export default function mount(component) {
  const { parentElement } = component;
  if (!widgets.has(parentElement)) widgets.set(parentElement, new GalleryWidget(parentElement));
  widgets.get(parentElement).update(component);
  return () => {
    widgets.get(parentElement)?.closeSheet();
    widgets.delete(parentElement);
  };
}
