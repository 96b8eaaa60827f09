import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import type { AdminClient } from '../../admin/client.ts';
import type { ReleaseResult } from '../../admin/schemas/releases.ts';
import { BrinkError } from '../../errors.ts';
import { durationOf } from '../../timing/duration.ts';
import { tellApiChanges } from '../api-changes.ts';
import { connect, withBreakingFlag, withHostFlags, withMoveFlags, type HostFlags, type MoveFlags } from '../connection.ts';
import { CliError, usage } from '../failure.ts';
import { createOutput, type Output } from '../output.ts';
import { versionNumber } from '../reference.ts';
import { releaseLine, releaseText } from '../release-text.ts';

interface StartFlags extends MoveFlags {
  readonly to?: string;
  readonly alias: string;
  readonly steps: string;
  readonly every: string;
  readonly guard?: string;
  readonly at?: string;
  readonly ifRevision?: string;
  readonly wait?: boolean;
}

interface ChangeFlags extends MoveFlags {
  readonly id?: string;
  readonly ifRevision?: string;
}

const EXAMPLES = `
A guard is conditions joined by &&, of the new version in its step:
  error_rate<1%     the share of requests that fail: a status of 500 and above, or an error of the host's
  error_rate<2x     the same, against the old version at the same time
  p50, p95, p99     <200ms, or <1.2x of the old version at the same time
  requests>=500     so many requests of the new version before a step ends (100 without it)

Examples:
  brink release hello --to 7 --steps 1,5,25,50,100 --every 5m --guard "error_rate<1% && p95<1.2x"
  brink release hello --to 7 --at 2026-12-01T09:00Z --reason "the new tax rates"
  brink release status hello
  brink release abort hello --reason "support gets calls"`;

export function addRelease(program: Command): void {
  const release = program
    .command('release')
    .summary('have a version take an alias over, step by step')
    .description('Have a version take an alias over: step by step on evidence, at a time, or all at once. It is rolled back by itself.')
    .addHelpText('after', EXAMPLES);
  withBreakingFlag(
    withMoveFlags(
      release
        .command('start <fn>', { isDefault: true })
        .description('Begin a release. `start` may be left out.')
        .option('--to <version>', 'the version, by number or digest')
        .option('--alias <name>', 'the alias that it takes over', 'live')
        .option('--steps <percents>', 'percents that it gets, one after the other', '100')
        .option('--every <duration>', 'how long a step lasts at least', '5m')
        .option('--guard <conditions>', 'what has to hold; without it the steps go by time alone')
        .option('--at <time>', 'when it begins, such as 2026-12-01T09:00Z')
        .option('--if-revision <n>', 'only if the alias is at this revision')
        .option('--wait', 'until it has ended; the status is 1 where it was not done'),
    ),
  )
    .addHelpText('after', EXAMPLES)
    .action(start);
  withHostFlags(release.command('status <fn>').description('Show the releases of a function, the newest first.'))
    .addHelpText('after', '\nWith --json: one line for each.')
    .action(status);
  for (const to of ['pause', 'resume', 'abort'] as const) {
    withMoveFlags(
      release
        .command(`${to} <fn>`)
        .description(DESCRIPTIONS[to])
        .option('--id <n>', 'this release; the one under way without it')
        .option('--if-revision <n>', 'only if the release is at this revision'),
    ).action((name: string, flags: ChangeFlags) => change(name, to, flags));
  }
}

const DESCRIPTIONS = {
  pause: 'Have a release take no further step. It is still rolled back where its guard is broken.',
  resume: 'Have a paused release go on.',
  abort: 'End a release, and move its alias back.',
} as const;

async function start(name: string, flags: StartFlags): Promise<void> {
  const output = createOutput(flags);
  if (flags.to === undefined) throw usage('A release goes to a version: add --to N.');
  const steps = flags.steps.split(',').map((text) => numberOf(text, '--steps'));
  const every = durationOf(flags.every);
  if (every === null) throw usage(`--every ${JSON.stringify(flags.every)} is no duration such as 30s, 5m or 1h.`);
  const at = flags.at === undefined ? undefined : timeOf(flags.at);
  const { client } = connect(flags);
  const asked = {
    alias: flags.alias,
    to: await versionNumber(client, name, flags.to),
    steps,
    every,
    ...(flags.guard !== undefined && { guard: flags.guard }),
    ...(at !== undefined && { at }),
    ...(flags.ifRevision !== undefined && { ifRevision: numberOf(flags.ifRevision, '--if-revision') }),
  };
  const release = await client.askRelease(name, asked);
  tellApiChanges(output, name, release.apiChanges);
  if (!flags.wait) return output.result(release, `${releaseLine(release)}\nSee it:  brink release status ${name}`);
  const ended = await followed(client, release, output);
  output.result(ended, releaseText(ended));
  if (ended.state !== 'done') throw new CliError('failed', `Release ${ended.id} of ${name} is ${ended.state}: ${ended.verdict?.reason}`);
}

async function followed(client: AdminClient, { function: name, id }: ReleaseResult, output: Output): Promise<ReleaseResult> {
  for (let said = ''; ; await wait(500)) {
    const release = await client.release(name, id);
    const line = releaseLine(release);
    if (line !== said) output.note(line);
    said = line;
    if (release.verdict !== null) return release;
  }
}

async function status(name: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const all = await connect(flags).client.releases(name);
  if (output.json) for (const each of all) output.result(each, '');
  else output.result(null, all.length === 0 ? `${name} has had no release.` : all.map(releaseText).join('\n\n'));
}

async function change(name: string, to: 'pause' | 'resume' | 'abort', flags: ChangeFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const id = flags.id === undefined ? await underWay(client, name) : numberOf(flags.id, '--id');
  const ifRevision = flags.ifRevision === undefined ? {} : { ifRevision: numberOf(flags.ifRevision, '--if-revision') };
  const release = await client.changeRelease(name, id, { to, ...ifRevision });
  output.result(release, releaseLine(release));
}

async function underWay(client: AdminClient, name: string): Promise<number> {
  const active = (await client.releases(name)).filter(({ verdict }) => verdict === null);
  if (active.length === 1) return active[0]!.id;
  if (active.length > 1) throw usage(`${name} has ${active.length} releases under way: name one with --id.`);
  throw new BrinkError('release-not-found', `${name} has no release under way. \`brink release status ${name}\` lists those that were.`);
}

function numberOf(text: string, flag: string): number {
  if (!/^\d{1,15}(?:\.\d+)?$/.test(text.trim())) throw usage(`${flag} ${JSON.stringify(text)} is no number.`);
  return Number(text);
}

function timeOf(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw usage(`--at ${JSON.stringify(text)} is no time with its zone, such as 2026-12-01T09:00Z.`);
  return time;
}
