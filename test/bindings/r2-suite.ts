import { afterAll, beforeAll, describe, it as run } from 'vitest';
import type { RunCase } from './r2.ts';
import { SUBJECTS } from './r2-function.ts';

export interface OpenedR2 {
  readonly run: RunCase;
  close(): void | Promise<void>;
}

export interface R2SuiteOptions {
  readonly open: () => Promise<OpenedR2>;
  /** Cases that this one is known to fail, and why. One that passes all the same fails the suite. */
  readonly deviations?: Readonly<Record<string, string>>;
  /** Subjects that it does not have. */
  readonly without?: readonly string[];
}

/** What an R2 bucket promises, as Workers has it. */
export function r2Suite(name: string, { open, deviations = {}, without = [] }: R2SuiteOptions): void {
  describe(`R2: ${name}`, () => {
    let opened: OpenedR2;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    for (const [subject, cases] of Object.entries(SUBJECTS).filter(([subject]) => !without.includes(subject))) {
      describe(subject, () => {
        for (const title of Object.keys(cases)) {
          const reason = deviations[title];
          if (reason === undefined) run(title, () => opened.run(subject, title));
          else run.fails(`${title} (differs: ${reason})`, () => opened.run(subject, title));
        }
      });
    }
  });
}
