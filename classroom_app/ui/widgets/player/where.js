// Says where the AI guesses: a ring while it moves in, for children that no picture leaves the iPad, and for grown-ups
// which of the two it is.

import { setText } from "../common/text.js";

export class WhereView {
  constructor(root) {
    this.root = root;
    const $ = (name) => root.querySelector(name);
    this.part = {
      moving: $(".moving-in"),
      text: $(".moving-text"),
      stays: $(".stays"),
      adult: $(".where-adult"),
    };
  }

  show(device, text) {
    const { part } = this;
    const { word } = device;
    this.root.dataset.where = word;
    this.root.dataset.whereReason = device.reason;
    part.moving.hidden = word !== "loading";
    part.moving.style.setProperty("--seen", device.share.toFixed(2));
    setText(part.text, text.device_moving_in);
    part.stays.hidden = word !== "here";
    setText(part.stays.querySelector(".stays-text"), text.device_stays);
    part.adult.hidden = word === "loading";
    setText(part.adult, word === "here" ? text.device_adult_here : text.device_adult_away);
  }
}
