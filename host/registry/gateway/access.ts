import { z } from 'zod';
import { rangeOf } from '../../address.ts';
import { list, must, text } from '../manifest-fields.ts';
import { headerName } from './match.ts';

/** From where requests are taken. Whatever is denied is refused; where something is allowed, all else is. */
export interface AccessRule {
  /** Addresses and ranges of them, IPv4 and IPv6. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  /** By a header that says the client's country, as a proxy writes it (ISO 3166-1, two letters). */
  readonly countries?: {
    readonly header: string;
    readonly allow?: readonly string[];
    readonly deny?: readonly string[];
  };
  /** Sites whose pages may send what changes something: `Origin` of anything but GET and HEAD has to be one of these, where it is there. */
  readonly origins?: readonly string[];
}

const range = text.refine((value) => rangeOf(value) !== null, 'is no address and no range, such as 10.0.0.0/8 or 2001:db8::/32');
const country = text
  .transform((code) => code.toUpperCase())
  .refine((code) => /^[A-Z][A-Z0-9]$/.test(code), 'is no country; write two letters, such as "DE"');
const origin = text
  .transform((value) => value.toLowerCase())
  .refine((value) => /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/.test(value), 'is not an origin; write "https://app.example.com", without a path');

export const access = z
  .strictObject(
    {
      allow: list(range).optional(),
      deny: list(range).optional(),
      countries: z
        .strictObject(
          { header: headerName.default('cf-ipcountry'), allow: list(country).optional(), deny: list(country).optional() },
          { error: must('be a table') },
        )
        .optional(),
      origins: list(origin).optional(),
    },
    { error: must('be a table') },
  )
  .refine((rule) => Object.keys(rule).length > 0, 'says nothing; write allow, deny, countries or origins');

export function keysOfAccess(inner: PropertyKey | undefined): string[] {
  return inner === 'countries' ? ['header', 'allow', 'deny'] : ['allow', 'deny', 'countries', 'origins'];
}
