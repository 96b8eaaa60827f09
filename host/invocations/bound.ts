import { wishFor, type Chosen, type Functions } from '../dispatch/functions.ts';
import { toBrinkError } from '../errors.ts';
import type { InvocationRecord } from './record.ts';

/** The version that has accepted a request; where that is gone, what its URL leads to now. @throws {BrinkError} */
export async function boundVersion(
  functions: Pick<Functions, 'choose'>,
  { function: name, version, digest, alias, reference }: InvocationRecord,
): Promise<Chosen> {
  try {
    const chosen = await functions.choose(name, wishFor(String(version)));
    if (chosen.version.digest === digest) return { ...chosen, alias };
  } catch (error) {
    if (toBrinkError(error).code !== 'version-not-found') throw error;
  }
  return functions.choose(name, wishFor(reference));
}
