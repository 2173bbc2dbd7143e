// Pixels in and out: the square of a video frame, a chosen file shrunk to JPEG, how alike two frames are.
// Knows nothing of cameras, queues or the server. Everything goes through a canvas, so no EXIF and no GPS survives.

export const PHOTO_SIDE_PX = 640;
export const FRAME_SIDE_PX = 320; // of what is shown to the AI
const JPEG_QUALITY = 0.85;
const SIGNATURE_SIDE_PX = 16;

const spareCanvases = [];

/** iPads limit the canvas memory of a page and free it late, so canvases are used again. All of them are read. */
export function takeCanvas(width, height) {
  const canvas = spareCanvases.pop() ?? newCanvas();
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

function newCanvas() {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d", { willReadFrequently: true }); // the first call decides where its pixels are
  return canvas;
}

export function giveCanvas(canvas) {
  if (spareCanvases.length < 4) spareCanvases.push(canvas);
}

/** The centre square of what the camera sees now: exactly what the child sees in the finder. */
export function squareOf(video, side) {
  const cut = Math.min(video.videoWidth, video.videoHeight);
  if (!cut || video.readyState < 2) return null;
  const size = Math.min(side, cut);
  const canvas = takeCanvas(size, size);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(
    video,
    (video.videoWidth - cut) / 2,
    (video.videoHeight - cut) / 2,
    cut,
    cut,
    0,
    0,
    size,
    size,
  );
  return canvas;
}

export async function jpegOf(canvas) {
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
  if (!blob) throw new Error("the canvas could not be encoded");
  return blob.arrayBuffer();
}

/** The pixels of a canvas, which may be used again then: {data: RGBA, width, height}. */
export function pictureOf(canvas) {
  return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
}

/** About 320 px: what the model looks at is smaller still. Gives the canvas back. */
export function smallPicture(canvas) {
  const scale = Math.min(1, FRAME_SIDE_PX / Math.max(canvas.width, canvas.height));
  if (scale === 1) {
    const picture = pictureOf(canvas);
    giveCanvas(canvas);
    return picture;
  }
  const small = takeCanvas(Math.round(canvas.width * scale), Math.round(canvas.height * scale));
  const pen = small.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(canvas, 0, 0, small.width, small.height);
  giveCanvas(canvas);
  return smallPicture(small);
}

async function decodeFile(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    return { source: bitmap, width: bitmap.width, height: bitmap.height, free: () => bitmap.close() };
  } catch {
    /* older Safari, or a kind such as HEIC that only <img> reads */
  }
  const url = URL.createObjectURL(file);
  const image = new Image();
  try {
    image.src = url;
    await image.decode();
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
  return {
    source: image,
    width: image.naturalWidth,
    height: image.naturalHeight,
    free: () => URL.revokeObjectURL(url),
  };
}

/** A file from the library or the iPad's own camera, as a canvas of at most `side` px. Throws if it is no image. */
export async function canvasOfFile(file, side) {
  const picture = await decodeFile(file);
  try {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const width = Math.max(1, Math.round(picture.width * scale));
    const height = Math.max(1, Math.round(picture.height * scale));
    const canvas = takeCanvas(width, height);
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.fillStyle = "#ffffff"; // see-through parts would turn black in a JPEG
    pen.fillRect(0, 0, width, height);
    pen.drawImage(picture.source, 0, 0, width, height);
    return canvas;
  } finally {
    picture.free();
  }
}

let signatureCanvas = null;

/** A tiny grey version of a frame, to tell frames apart. */
export function signatureOf(source) {
  signatureCanvas ??= document.createElement("canvas");
  const side = SIGNATURE_SIDE_PX;
  signatureCanvas.width = signatureCanvas.height = side;
  const pen = signatureCanvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(source, 0, 0, side, side);
  const rgba = pen.getImageData(0, 0, side, side).data;
  const grey = new Uint8Array(side * side);
  for (let i = 0; i < grey.length; i += 1) {
    grey[i] = (rgba[i * 4] * 77 + rgba[i * 4 + 1] * 150 + rgba[i * 4 + 2] * 29) >> 8;
  }
  return grey;
}

/** Mean difference of two signatures, 0 (equal) to 255. */
export function difference(one, other) {
  let sum = 0;
  for (let i = 0; i < one.length; i += 1) sum += Math.abs(one[i] - other[i]);
  return sum / one.length;
}
