import type { KVNamespace, Queue, R2Bucket, RateLimit } from '../../../sdk/index.ts';

export interface Env {
  readonly PRODUCTS: KVNamespace;
  readonly IMAGES: R2Bucket;
  readonly UPLOADED: Queue<Uploaded>;
  readonly UPLOADS: RateLimit;
}

/** A message: an image that waits in the bucket to be made variants of. */
export interface Uploaded {
  readonly product: string;
  /** Of its bytes. */
  readonly hash: string;
}

export interface Product {
  /** Hash of the image that was uploaded last. */
  readonly uploaded: string;
  /** Why that is not published, where it cannot be. */
  readonly refused: string | null;
  readonly published: Published | null;
}

export interface Published {
  readonly hash: string;
  readonly variants: readonly Variant[];
}

export interface Variant {
  /** Its place below the function's URL, which never has another content. */
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

export function productOf({ PRODUCTS }: Env, name: string): Promise<Product | null> {
  return PRODUCTS.get<Product>(name, 'json');
}

/** Changes what is known of a product in one step, whoever else does; null leaves it. */
export async function update({ PRODUCTS }: Env, name: string, change: (before: Product | null) => Product | null): Promise<void> {
  for (;;) {
    const { value, revision: ifRevision } = await PRODUCTS.getWithRevision<Product>(name, 'json');
    const after = change(value);
    if (after === null) return;
    try {
      await PRODUCTS.put(name, JSON.stringify(after), { ifRevision });
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'conflict') throw error;
    }
  }
}
