import { createHash as createNodeHash } from 'node:crypto';
import type { CreateHash } from '../../stores/hash.ts';

export const createHash: CreateHash = (algorithm) => {
  const hash = createNodeHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
};
