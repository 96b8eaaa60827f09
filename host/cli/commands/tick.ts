import type { Command } from 'commander';
import { BrinkError } from '../../errors.ts';
import { MAX_TICK } from '../../timing/rules.ts';
import { durationOf, durationText } from '../../timing/duration.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { usage } from '../failure.ts';
import { createOutput } from '../output.ts';
import { timeText } from './inspect.ts';

export function addTick(program: Command): void {
  withHostFlags(
    program
      .command('tick <duration>')
      .summary('move the clock of brink dev forward')
      .description(
        'Move the clock of `brink dev --engine node` forward. What comes due meanwhile happens in its order, each at its time: crons and other schedules, delayed messages, retries, the end of what expires.',
      ),
  )
    .addHelpText(
      'after',
      '\nReturns when all of that is done. With --json: {"from","to"}, in milliseconds since the epoch.\n\nExample:\n  brink tick 1h',
    )
    .action(tick);
}

async function tick(text: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const ms = durationOf(text);
  if (ms === null || ms === 0 || ms > MAX_TICK)
    throw usage(`${JSON.stringify(text)} is no duration such as 90s, 1h30m or 7d; ${durationText(MAX_TICK)} is the longest.`);
  const { client, url } = connect(flags);
  const { from, to } = await client.tick(ms).catch((cause: unknown) => {
    if (!(cause instanceof BrinkError && cause.code === 'not-found')) throw cause;
    const message = `The clock of the host at ${url} cannot be moved. That of \`brink dev --engine node\` can.`;
    throw new BrinkError('unsupported', message, { cause });
  });
  output.result({ from, to }, `It is ${timeText(to)} now, after ${timeText(from)}`);
}
