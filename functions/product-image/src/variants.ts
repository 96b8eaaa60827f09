import { decode, encode } from './codecs.ts';
import { inspect, isRefused } from './inspect.ts';
import { productOf, update, type Env, type Product, type Uploaded, type Variant } from './product.ts';
import { scale } from './scale.ts';

/** Pixels on the longer side, the most first: each is made of the one before. */
const SIDES = [1200, 480, 160];
const QUALITY = 80;

/** Where the upload lies that variants are made of. */
export function originalOf(hash: string): string {
  return `originals/${hash}`;
}

/** Makes the variants of an upload, unless a newer one has come meanwhile. Done twice it comes to the same. */
export async function publish(env: Env, { product, hash }: Uploaded): Promise<void> {
  const isWanted = (found: Product | null) => found?.uploaded === hash;
  const found = await productOf(env, product);
  if (!isWanted(found) || found!.published?.hash === hash) return;
  const made = await variantsOf(env, hash);
  await update(env, product, (before) => {
    if (!isWanted(before)) return null;
    return typeof made === 'string' ? { ...before!, refused: made } : { ...before!, refused: null, published: { hash, variants: made } };
  });
}

/** Says of an upload that it cannot be published. */
export async function refuse(env: Env, { product, hash }: Uploaded, refused: string): Promise<void> {
  await update(env, product, (before) => (before?.uploaded === hash ? { ...before, refused } : null));
}

/** Or why there are none. */
async function variantsOf({ IMAGES }: Env, hash: string): Promise<Variant[] | string> {
  const original = await IMAGES.get(originalOf(hash));
  if (original === null) throw new Error(`The original ${hash} is not there.`);
  const bytes = new Uint8Array(await original.arrayBuffer());
  const picture = inspect(bytes);
  if (isRefused(picture)) return picture.error;
  const decoded = await decode(bytes, picture).catch((error: unknown) => (error as Error).message);
  if (typeof decoded === 'string') return decoded;
  const variants: Variant[] = [];
  let pixels = decoded;
  // None is larger than the original, and there is one at least.
  for (const side of new Set(SIDES.map((wanted) => Math.min(wanted, Math.max(decoded.width, decoded.height))))) {
    pixels = await scale(pixels, side);
    const encoded = await encode(pixels, QUALITY);
    const path = `images/${hash}-${side}.webp`;
    await IMAGES.put(path, encoded, { httpMetadata: { contentType: 'image/webp', cacheControl: 'public, max-age=31536000, immutable' } });
    variants.unshift({ path, width: pixels.width, height: pixels.height, bytes: encoded.length });
  }
  return variants;
}
