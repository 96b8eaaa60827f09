import type { R2Bucket } from '../../sdk/r2.ts';
import { ADDITIONS } from './r2-cases/additions.ts';
import type { Cases } from './r2-cases/check.ts';
import { LARGE } from './r2-cases/large.ts';
import { LISTS } from './r2-cases/lists.ts';
import { OBJECTS } from './r2-cases/objects.ts';
import { CONDITIONS, RANGES } from './r2-cases/reads.ts';
import { UPLOADS } from './r2-cases/uploads.ts';

/** What a bucket promises, by subject. */
export const SUBJECTS: Readonly<Record<string, Cases>> = {
  objects: OBJECTS,
  ranges: RANGES,
  conditions: CONDITIONS,
  lists: LISTS,
  uploads: UPLOADS,
  large: LARGE,
  additions: ADDITIONS,
};

/** A function that does one of them with `env.BUCKET`: so the suite runs in a cell, and in a plain Worker. */
export default {
  async fetch(request: Request, env: { readonly BUCKET: R2Bucket }): Promise<Response> {
    const [subject, name] = (await request.json()) as [string, string];
    try {
      await SUBJECTS[subject]![name]!(env.BUCKET);
      return new Response('as promised');
    } catch (error) {
      return new Response(error instanceof Error ? `${error.message}\n${error.stack}` : String(error), { status: 500 });
    }
  },
};
