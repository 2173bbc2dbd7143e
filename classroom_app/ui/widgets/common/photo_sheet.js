// The sheet of one of the group's own photos: large, to be moved to another label or deleted, and the offer to
// bring a deleted one back. Shared by the gallery and the mistakes.

import { make, makeEmoji } from "./base.js";
import { plainText, setLabel, setText } from "./text.js";

const HIDDEN_FOR_MS = 6000;
const AWAY_LOOKS = 30; // so often a picture that is not on the page is looked for, then it is gone
const FETCH_AGAIN_MS = [1000, 3000, 8000, 20_000]; // the last of them again and again: a gap may last a break

/** `size` is thumb or full. The browser's cookie decides who may see it. */
export const photoOf = (id, size, folder = "photos") => `/${folder}/${encodeURIComponent(id)}/${size}`;

/** A picture that comes late leaves its place as it is, and is asked for as long as anybody may see it: one that was
 * taken away may come back. */
export function loadPatiently(image, url) {
  let failures = 0;
  image.addEventListener("load", () => image.classList.add("here"));
  image.addEventListener("error", () => {
    const wait = FETCH_AGAIN_MS[Math.min(failures, FETCH_AGAIN_MS.length - 1)];
    failures += 1;
    asksAgain(wait, AWAY_LOOKS);
  });
  const asksAgain = (wait, looks) =>
    setTimeout(() => {
      if (image.isConnected) image.src = `${url}?again=${failures}`;
      else if (looks) asksAgain(wait, looks - 1);
    }, wait);
  image.src = url;
}

/** Photos that were taken away here; each shows again if the page has not followed by then. */
export class Away {
  constructor(redraw) {
    this.redraw = redraw;
    this.photos = new Map(); // photo id -> {label it had, until when}
  }

  has(id) {
    return this.photos.has(id);
  }

  add(id, label) {
    this.photos.set(id, { label, until: Date.now() + HIDDEN_FOR_MS });
    setTimeout(this.redraw, HIDDEN_FOR_MS + 100);
  }

  /** Forgets those that the page has deleted or moved by now, and those that it never will. */
  follow(labelOf) {
    for (const [id, { label, until }] of this.photos) {
      if (labelOf(id) !== label || until < Date.now()) this.photos.delete(id);
    }
  }

  clear() {
    this.photos.clear();
  }
}

export class PhotoSheet {
  /** `acts`: move(photoId, labelId), remove(photoId) and undo(), what a tap means. */
  constructor(root, acts) {
    this.root = root;
    this.acts = acts;
    this.shown = null; // the id of the photo
    const $ = (name) => root.querySelector(name);
    this.part = {
      undo: $(".undo"),
      undoButton: $(".undo-button"),
      sheet: $(".sheet"),
      big: $(".big"),
      choices: $(".choices"),
      moves: $(".moves"),
      moveTitle: $(".move-title"),
      delete: $(".delete"),
      close: $(".close"),
    };
    this.listen();
  }

  listen() {
    const { part, acts } = this;
    part.close.addEventListener("click", () => this.close());
    part.sheet.addEventListener("click", (event) => {
      if (event.target === part.sheet) this.close();
    });
    part.sheet.addEventListener("close", () => {
      this.shown = null;
      part.big.removeAttribute("src");
    });
    part.delete.addEventListener("click", () => {
      if (this.shown) acts.remove(this.shown);
    });
    part.undoButton.addEventListener("click", () => {
      part.undo.hidden = true;
      acts.undo();
    });
  }

  /** `offered`: is there something to bring back? */
  write(text, offered) {
    setText(this.root.querySelector(".undo-text"), text.gallery_deleted);
    setText(this.root.querySelector(".undo-button-text"), text.gallery_undo);
    setText(this.root.querySelector(".delete-text"), text.gallery_delete);
    setText(this.part.moveTitle, text.gallery_move_to);
    setLabel(this.part.close, text.gallery_close);
    this.part.undo.hidden = !offered;
  }

  /** Shows a photo of `label`, which may be moved to another one of `labels`. */
  open(id, label, labels) {
    const { part } = this;
    this.shown = id;
    part.big.style.backgroundImage = `url("${photoOf(id, "thumb")}")`; // at once, until the large one is there
    part.big.src = photoOf(id, "full");
    part.big.alt = plainText(label.name);
    setText(this.root.querySelector(".now-emoji"), label.emoji);
    setText(this.root.querySelector(".now-name"), label.name);
    const others = labels.filter((other) => other.id !== label.id);
    part.moves.replaceChildren(...others.map((other) => this.moveButton(other)));
    part.moveTitle.hidden = others.length === 0;
    if (part.sheet.open) return;
    if (part.sheet.showModal) {
      part.sheet.showModal();
    } else {
      // Safari before 15.4
      part.sheet.setAttribute("open", "");
      part.sheet.classList.add("plain");
    }
  }

  moveButton(label) {
    const button = make("button", { type: "button" });
    button.dataset.label = label.id;
    const name = make("span");
    setText(name, label.name);
    button.append(makeEmoji("emoji", label.emoji), name);
    button.addEventListener("click", () => {
      if (this.shown) this.acts.move(this.shown, label.id);
    });
    return button;
  }

  close() {
    const { sheet } = this.part;
    this.shown = null;
    if (sheet.close) sheet.close();
    else sheet.removeAttribute("open");
  }
}
