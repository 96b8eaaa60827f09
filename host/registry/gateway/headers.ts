import { z } from 'zod';
import { list, must, text } from '../manifest-fields.ts';
import { headerName } from './match.ts';

/** What is done to the header lines of a request or a response: first those that go, then those that are set, then those that are added. */
export interface HeaderRule {
  readonly remove?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
  readonly append?: Readonly<Record<string, string>>;
}

/** How a message is framed, and to whom a connection leads, is no rule's matter. RFC 9110, sections 7.2 and 7.6.1; RFC 9112, section 6. */
const NOT_HERE: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const ruledName = headerName.refine((name) => !NOT_HERE.has(name), 'is about the connection, which no rule changes');
const value = text
  .max(8_192, 'has more than 8,192 characters')
  // RFC 9110, section 5.5: visible characters with blanks and tabs between.
  .regex(/^([\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/, 'holds characters that no header may hold');
/** Headers by name. */
export const headerValues = z.record(ruledName, value, { error: must('be a table of headers') });

export const headerRule = z.strictObject(
  { remove: list(ruledName).optional(), set: headerValues.optional(), append: headerValues.optional() },
  { error: must('be a table') },
);
