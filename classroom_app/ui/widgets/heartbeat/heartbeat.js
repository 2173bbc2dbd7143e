// One heart for the whole browser tab, whatever page it shows. Knows nothing of pages.

import { Heart } from "./heart.js";

const HEART_VERSION = 3;

export default function mount({ data, setStateValue }) {
  if (window.classroomHeart?.version !== HEART_VERSION) {
    window.classroomHeart?.close();
    window.classroomHeart = new Heart(data.url, () => window.classroomPhotoQueue);
    window.classroomHeart.version = HEART_VERSION;
  }
  window.classroomHeart.tellPage = (word) => setStateValue("told", word);
}
