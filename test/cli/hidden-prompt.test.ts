import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askHidden, type Terminal } from '../../host/cli/hidden-prompt.ts';

/** A terminal that a test types at; it shows what a real one would: nothing that is typed while it is raw. */
function terminal() {
  const keys = new PassThrough();
  const modes: boolean[] = [];
  const written: string[] = [];
  const input = Object.assign(keys, { setRawMode: (raw: boolean) => (modes.push(raw), keys) }) as unknown as Terminal['input'];
  const asked = askHidden('Value: ', { input, output: { write: (text) => written.push(text) } });
  asked.catch(() => {});
  return { asked, keys, modes, shown: () => written.join('') };
}

describe('askHidden()', () => {
  it.each([
    ['a line', ['secret\r'], 'secret'],
    ['key after key', ['s', 'e', 'c', 'ret', '\n'], 'secret'],
    ['what is wiped out', ['sex\u007fcretx\b\r'], 'secret'],
    ['a line that begins anew', ['wrong\u0015secret\r'], 'secret'],
    ['what is pasted, between its marks', ['\u001b[200~secret\u001b[201~', '\r'], 'secret'],
    ['keys that are no characters', ['se\u001b[D\u001b[3~\u001bOPcret\r'], 'secret'],
    ['an end instead of a line break', ['secret\u0004'], 'secret'],
    ['characters of several bytes, of which one wiped out is one', ['ä\u{1f511}\u{1f512}\u007f\r'], 'ä\u{1f511}'],
  ])('reads %s', async (_what, typed, value) => {
    const { asked, keys, modes, shown } = terminal();
    for (const each of typed) keys.write(each);
    expect(await asked).toBe(value);
    expect([shown(), modes]).toEqual(['Value: \n', [true, false]]);
  });

  it('reads a character that comes in two pieces', async () => {
    const { asked, keys } = terminal();
    const bytes = Buffer.from('ä\r');
    keys.write(bytes.subarray(0, 1));
    await new Promise(setImmediate);
    keys.write(bytes.subarray(1));
    expect(await asked).toBe('ä');
  });

  it.each([
    ['Ctrl-C', 'secret\u0003'],
    ['an empty line', '\r'],
    ['an end at once', '\u0004'],
  ])('gives up at %s, and leaves the terminal as it was', async (_what, typed) => {
    const { asked, keys, modes } = terminal();
    keys.write(typed);
    await expect(asked).rejects.toMatchObject({ code: 'failed' });
    expect(modes).toEqual([true, false]);
  });
});
