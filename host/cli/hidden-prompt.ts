import type { ReadStream } from 'node:tty';
import { CliError } from './failure.ts';

export interface Terminal {
  readonly input: Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;
  readonly output: { write(text: string): unknown };
}

const ENTER = /[\r\n]/;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const BACKSPACE = /[\u007f\b]/;
/** What a key sends that is no character, and the marks that terminals put around what is pasted. */
// oxlint-disable-next-line no-control-regex -- that is what they are made of
const SEQUENCE = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O.)/g;

/**
 * Asks for a line that the terminal does not show. Ctrl-C gives up.
 *
 * @throws {CliError} `failed` where the line is given up or empty
 */
export async function askHidden(question: string, { input, output }: Terminal): Promise<string> {
  output.write(question);
  input.setRawMode(true);
  try {
    return await readLine(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}

function readLine(input: Terminal['input']): Promise<string> {
  const utf8 = new TextDecoder();
  let line: string[] = [];
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      input.off('data', read);
      settle();
    };
    const read = (chunk: Uint8Array) => {
      // A character may come in two pieces.
      for (const key of utf8.decode(chunk, { stream: true }).replace(SEQUENCE, '')) {
        if (key === CTRL_C) return end(() => reject(new CliError('failed', 'Nothing was set.')));
        if (key === CTRL_D || ENTER.test(key)) {
          return end(() =>
            line.length > 0 ? resolve(line.join('')) : reject(new CliError('failed', 'No value was given; nothing was set.')),
          );
        }
        if (key === CTRL_U) line = [];
        else if (BACKSPACE.test(key)) line.pop();
        else line.push(key);
      }
      return undefined;
    };
    input.on('data', read);
    input.resume();
  });
}
