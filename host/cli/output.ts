import process from 'node:process';
import picocolors from 'picocolors';
import { failureOf, reportFailure } from './failure.ts';

/** How a command speaks: results on stdout, everything else on stderr; colour and progress on a terminal only. */
export interface Output {
  readonly json: boolean;
  /** Whether someone can be asked. */
  readonly interactive: boolean;
  readonly colors: ReturnType<typeof picocolors.createColors>;
  /** A result: with `--json` the value as one line of JSON, else the text. */
  result(value: unknown, text: string): void;
  /** Text as it is, on stdout. */
  raw(text: string): void;
  /** A remark for people; nothing with `--json`. */
  note(text: string): void;
  /** A failure that the command lives on with. */
  failure(error: unknown): void;
  /** Shows that `work` is going on, and how it ended. */
  progress<Result>(text: string, work: () => Promise<Result>): Promise<Result>;
}

export function createOutput({ json = false }: { json?: boolean }): Output {
  const plain = process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '';
  // A boolean, never undefined: picocolors would then look for itself, and colours a pipe where `CI` is set.
  const colors = picocolors.createColors(Boolean(process.stdout.isTTY) && !plain && !json);
  const note = (text: string) => {
    if (!json) process.stderr.write(`${text}\n`);
  };
  return {
    json,
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY && !json),
    colors,
    result: (value, text) => void process.stdout.write(`${json ? JSON.stringify(value) : text}\n`),
    raw: (text) => void process.stdout.write(text),
    note,
    failure: (error) => reportFailure(error, json),
    async progress(text, work) {
      if (json) return work();
      if (!process.stderr.isTTY) {
        note(`${text} …`);
        return work();
      }
      const { default: ora } = await import('ora');
      const spinner = ora({ text, color: plain ? false : 'cyan', discardStdin: false } as Parameters<typeof ora>[0]).start();
      try {
        const result = await work();
        spinner.succeed();
        return result;
      } catch (error) {
        spinner.fail(`${text}: ${failureOf(error).code}`);
        throw error;
      }
    },
  };
}
