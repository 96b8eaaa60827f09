import { z } from 'zod';
import { flag, list, must, text } from '../manifest-fields.ts';
import { isHint, linkValues } from './link-values.ts';

/** What a client is told to fetch while the function is still at work: a response with status 103. RFC 8297. */
export interface EarlyHintsRule {
  /** Sent each time. */
  readonly links: readonly string[];
  /** Whether links of responses are kept for those who ask next. */
  readonly learn: boolean;
}

/** Links of one response with status 103, and characters of them all: many a client takes no longer head. */
export const MAX_HINTS = 32;
export const MAX_HINT_CHARACTERS = 8_192;

const link = text.transform((given, context) => {
  const [first, ...more] = linkValues(given);
  if (first === undefined || more.length > 0 || first.text !== given.trim()) {
    context.addIssue('is not one link; write "</style.css>; rel=preload; as=style"');
    return z.NEVER;
  }
  if (isHint(first)) return first.text;
  context.addIssue('is no hint; write rel=preload, preconnect or modulepreload, without anchor, in ASCII');
  return z.NEVER;
});

const table = z.strictObject(
  {
    links: list(link)
      .max(MAX_HINTS, `has more than ${MAX_HINTS} links`)
      .refine((all) => all.join(', ').length <= MAX_HINT_CHARACTERS, `has more than ${MAX_HINT_CHARACTERS} characters in all`)
      .default([]),
    learn: flag.default(true),
  },
  { error: must('be true or a table with links') },
);

/** `true` is a table without keys. */
export const earlyHints = z.preprocess(
  (value) => (value === true ? {} : value),
  table.refine(({ links, learn }) => learn || links.length > 0, { message: 'sends nothing; write links, or learn = true' }),
);

export const EARLY_HINTS_KEYS = Object.keys(table.shape);
