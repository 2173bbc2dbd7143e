// One heart for the whole browser tab, whatever page it shows. Knows nothing of pages.

import { Heart } from "./heart.js";

const HEART_VERSION = 5;

/** Which of its group's iPads this is, on the group's badge; the console has the same number. */
function showNumber(number) {
  const { style } = document.documentElement;
  if (Number.isInteger(number)) style.setProperty("--ipad-number", `"${number}"`);
  else style.removeProperty("--ipad-number");
}

export default function mount({ data, setStateValue }) {
  if (window.classroomHeart?.version !== HEART_VERSION) {
    window.classroomHeart?.close();
    window.classroomHeart = new Heart(data.url, () => window.classroomPhotoQueue);
    window.classroomHeart.version = HEART_VERSION;
    window.classroomHeart.showNumber = showNumber;
  }
  window.classroomHeart.tellPage = (word) => setStateValue("told", word);
}
