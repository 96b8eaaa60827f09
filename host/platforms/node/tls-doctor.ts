import { toBrinkError } from '../../errors.ts';
import type { TlsOptions } from '../running.ts';
import type { Finding } from './doctor.ts';
import { readPair } from './pair.ts';
import { DAY, shownText, SOON } from './renewal.ts';

/** Looks at a certificate and its key as a host would at its start. */
export async function checkTls(files: TlsOptions): Promise<Finding> {
  const check = 'certificate';
  try {
    const { shown } = await readPair(files);
    const left = shown.until - Date.now();
    const message = `${files.cert} is of ${shownText(shown)}`;
    if (left > SOON) return { check, status: 'ok', message };
    const way = 'Renew it; a host reads the files again by itself.';
    if (left < 0) return { check, status: 'fail', message: `${message}, and has ended`, way };
    return { check, status: 'warn', message: `${message}, and ends in ${Math.floor(left / DAY)} days`, way };
  } catch (error) {
    // It names the way out.
    return { check, status: 'fail', message: toBrinkError(error).message };
  }
}
