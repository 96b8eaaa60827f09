import type { Chunk, Source } from '../../host.ts';

export const EMPTY: Source = {
  read(done) {
    done(null);
  },
  cancel() {},
};

/** Items that are there. */
export function sourceOf(items: Chunk): Source {
  let rest: Chunk | null = items.length === 0 ? null : items;
  return {
    read(done) {
      const chunk = rest;
      rest = null;
      done(chunk);
    },
    cancel() {
      rest = null;
    },
  };
}

/**
 * Reads a source to its end.
 *
 * @param each false: no more is wanted, and `end` is not called
 */
export function readAll<C extends Chunk>(source: Source, each: (chunk: C) => boolean, end: () => void): void {
  // A source may answer at once each time: the loop keeps the stack flat.
  let reading = false;
  let again = false;
  const next = () => {
    again = true;
    if (reading) return;
    reading = true;
    while (again) {
      again = false;
      source.read((chunk) => {
        if (chunk === null) end();
        else if (each(chunk as C)) next();
        else source.cancel();
      });
    }
    reading = false;
  };
  next();
}
