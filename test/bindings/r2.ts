import { build } from 'esbuild';
import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { createClients } from '../../host/bindings/clients.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { Objects } from '../../host/stores/objects.ts';
import type { R2Bucket } from '../../sdk/r2.ts';
import { bindingState } from './state.ts';
import { SUBJECTS } from './r2-function.ts';

/** Does one case of `r2-function.ts`; throws what did not hold. */
export type RunCase = (subject: string, name: string) => Promise<void>;

/** The binding in this process: both of its sides, with JSON in between. */
export function bucketOn(objects: Objects, scope = 'bucket/test'): R2Bucket {
  const methods = openBinding({ kind: 'r2', scope }, { ...bindingState(createMemoryStore(Date.now)), objects });
  const { BUCKET } = createClients([{ name: 'BUCKET', kind: 'r2' }], { transportOf: () => (call) => answer(methods, call) });
  return BUCKET as R2Bucket;
}

export function casesOn(objects: Objects): RunCase {
  const bucket = bucketOn(objects);
  return (subject, name) => SUBJECTS[subject]![name]!(bucket);
}

/** In a function at this URL. */
export function casesAt(url: string): RunCase {
  return async (subject, name) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify([subject, name]) });
    if (response.status !== 200) throw new Error(await response.text());
  };
}

/** `r2-function.ts` as one module. */
export async function functionSource(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('r2-function.ts', import.meta.url).pathname],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
  });
  return outputFiles[0]!.text;
}
