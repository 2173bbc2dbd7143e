// The last shot of each label, small. Knows no camera and no queue.

/** Kept on window, so that a change of page does not lose them. `of`: whose they are. */
export function lastShots(of) {
  if (window.classroomLastShots?.of !== of) window.classroomLastShots = new LastShots(of);
  return window.classroomLastShots;
}

export class LastShots {
  constructor(of) {
    this.of = of;
    this.shots = new Map(); // label id -> {picture, stored}
  }

  /** The picture, or undefined. */
  get(label) {
    return this.shots.get(label)?.picture;
  }

  keep(label, picture) {
    this.shots.set(label, { picture, stored: this.shots.get(label)?.stored ?? 0 });
  }

  /** The class has so many photos of this label now. Were there more before? Then the last shot may be of one that
   * is gone, and is forgotten. */
  follow(label, stored) {
    const shot = this.shots.get(label);
    if (shot === undefined) return false;
    const fewer = stored < shot.stored;
    if (fewer) this.shots.delete(label);
    else shot.stored = stored;
    return fewer;
  }
}
