import resize, { initResize } from '@jsquash/resize';
import resizeWasm from '@jsquash/resize/lib/resize/pkg/squoosh_resize_bg.wasm';

export interface Pixels {
  /** Red, green, blue and alpha of each. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/**
 * The same picture with `side` pixels on its longer side, or as it is where it has no more.
 *
 * The scaler works with 16 bytes for a pixel, which is too much for a large picture: one of more than twice the size is first
 * made smaller by a whole number. So it gets `2 * side` on each side at most.
 */
export async function scale(pixels: Pixels, side: number): Promise<Pixels> {
  const longer = Math.max(pixels.width, pixels.height);
  if (longer <= side) return pixels;
  const times = Math.floor(longer / side);
  const part = (length: number) => Math.max(1, Math.round((length * side) / longer));
  await initResize(resizeWasm);
  const small = times > 1 ? shrink(pixels, times) : pixels;
  return resize(small as ImageData, { width: part(pixels.width), height: part(pixels.height) }) as Promise<Pixels>;
}

/** Makes one pixel of each square of `times`, by the mean of its colours as far as they can be seen. */
function shrink({ data, width, height }: Pixels, times: number): Pixels {
  const small = { width: Math.ceil(width / times), height: Math.ceil(height / times) };
  const out = new Uint8ClampedArray(small.width * small.height * 4);
  for (let row = 0, to = 0; row < height; row += times) {
    const bottom = Math.min(row + times, height);
    for (let column = 0; column < width; column += times, to += 4) {
      const right = Math.min(column + times, width);
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (let y = row; y < bottom; y++) {
        for (let at = (y * width + column) * 4; at < (y * width + right) * 4; at += 4) {
          const seen = data[at + 3]!;
          red += data[at]! * seen;
          green += data[at + 1]! * seen;
          blue += data[at + 2]! * seen;
          alpha += seen;
        }
      }
      if (alpha === 0) continue;
      out[to] = red / alpha;
      out[to + 1] = green / alpha;
      out[to + 2] = blue / alpha;
      out[to + 3] = alpha / ((bottom - row) * (right - column));
    }
  }
  return { data: out, ...small };
}
