import type { LoadedVersion } from '../../dispatch/cell.ts';
import type { BasicScheme } from '../../registry/gateway/auth.ts';
import { same } from './same.ts';
import { invalid, type Scheme } from './scheme.ts';
import { linesOf } from './secret-lines.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** RFC 7617. */
export function basicScheme({ users, realm }: BasicScheme, version: LoadedVersion): Scheme {
  const known = linesOf(version, users);
  return {
    challenge: `Basic realm="${realm.replace(/["\\]/g, '\\$&')}", charset="UTF-8"`,
    async check(call) {
      const sent = /^basic +(.*)$/i.exec(call.header('authorization')?.trim() ?? '')?.[1];
      if (sent === undefined) return null;
      const [user, password] = credentialsIn(sent);
      const passwords = (await known()).get(user);
      // For a user that is not there as much is done as for one that is.
      const right = await Promise.all((passwords ?? ['']).map((each) => same(each, password)));
      if (passwords === undefined || !right.includes(true)) throw invalid('user or password is wrong');
      return { scheme: 'basic', id: user, scopes: [], claims: {} };
    },
  };
}

function credentialsIn(sent: string): [user: string, password: string] {
  try {
    const text = utf8.decode(Uint8Array.from(atob(sent), (character) => character.charCodeAt(0)));
    const colon = text.indexOf(':');
    // RFC 7617, section 2: no control characters.
    // oxlint-disable-next-line no-control-regex -- they are what it looks for
    if (colon !== -1 && !/[\0-\x1f\x7f]/.test(text)) return [text.slice(0, colon), text.slice(colon + 1)];
  } catch {
    // It is neither base64 nor UTF-8.
  }
  throw invalid('Authorization has no user and password in base64');
}
