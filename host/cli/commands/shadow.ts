import type { Command } from 'commander';
import type { AdminClient } from '../../admin/client.ts';
import { BrinkError } from '../../errors.ts';
import { durationOf } from '../../timing/duration.ts';
import { connect, withHostFlags, withMoveFlags, type HostFlags, type MoveFlags } from '../connection.ts';
import { usage } from '../failure.ts';
import { createOutput } from '../output.ts';
import { versionNumber } from '../reference.ts';
import { shadowLine, shadowText } from '../shadow-text.ts';

interface StartFlags extends MoveFlags {
  readonly to?: string;
  readonly share: string;
  readonly alias: string;
  readonly ignore?: readonly string[];
  readonly outbound: string;
  readonly baseline?: boolean;
  readonly for?: string;
}

interface OneFlags extends HostFlags {
  readonly id?: string;
}

interface StopFlags extends MoveFlags {
  readonly id?: string;
  readonly ifRevision?: string;
}

const OUTBOUND = ['none', 'safe', 'all'] as const;

const EXAMPLES = `
What is ignored, one rule or several with commas between:
  $.time  $.items[*].id  $..etag   values of JSON bodies
  /items/*/id                      the same as a JSON pointer
  header:etag  status  body        a header, the status, the whole body

Examples:
  brink shadow start hello --to 7 --share 5% --ignore '$.time,header:etag' --for 1h
  brink shadow start hello --to 7 --share 1% --baseline --outbound none
  brink shadow show hello
  brink shadow stop hello --reason "seen enough"`;

export function addShadow(program: Command): void {
  const shadow = program
    .command('shadow')
    .summary('have a version get copies of requests, and compare its answers')
    .description('Have a version get copies of requests. Clients get nothing of it, its writes are kept off, and its answers are compared.')
    .addHelpText('after', EXAMPLES);
  withMoveFlags(
    shadow
      .command('start <fn>')
      .description("Begin to copy a share of an alias's requests.")
      .option('--to <version>', 'the version that gets the copies, by number or digest')
      .option('--share <percent>', 'of the requests', '1%')
      .option('--alias <name>', 'whose requests are copied', 'live')
      .option('--ignore <rules>', 'what is not compared; may be given several times', collect)
      .option('--outbound <which>', 'calls to the outside that it makes: none, safe (GET, HEAD, OPTIONS) or all', 'safe')
      .option('--baseline', 'copy to the live version too: where it differs from itself is noise')
      .option('--for <duration>', 'until it ends by itself, such as 1h; it goes on without it'),
  )
    .addHelpText('after', EXAMPLES)
    .action(start);
  withHostFlags(shadow.command('ls <fn>').description("List a function's shadows, the newest first."))
    .addHelpText('after', '\nWith --json: one line for each.')
    .action(list);
  withHostFlags(
    shadow.command('show <fn>').description('Show what a shadow has found.').option('--id <n>', 'this shadow; the newest without it'),
  ).action(show);
  withMoveFlags(
    shadow
      .command('stop <fn>')
      .description('End a shadow. Its report stays; what it has written is removed.')
      .option('--id <n>', 'this shadow; the one under way without it')
      .option('--if-revision <n>', 'only if the shadow is at this revision'),
  ).action(stop);
}

async function start(name: string, flags: StartFlags): Promise<void> {
  const output = createOutput(flags);
  if (flags.to === undefined) throw usage('A shadow is of a version: add --to N.');
  const outbound = OUTBOUND.find((each) => each === flags.outbound);
  if (outbound === undefined) throw usage(`--outbound ${JSON.stringify(flags.outbound)} is none of ${OUTBOUND.join(', ')}.`);
  const lasts = flags.for === undefined ? undefined : durationOf(flags.for);
  if (lasts === null) throw usage(`--for ${JSON.stringify(flags.for)} is no duration such as 30m, 1h or 7d.`);
  const { client } = connect(flags);
  const shadow = await client.startShadow(name, {
    alias: flags.alias,
    to: await versionNumber(client, name, flags.to),
    share: percentOf(flags.share),
    ignore: [...(flags.ignore ?? [])],
    outbound,
    baseline: flags.baseline === true,
    ...(lasts !== undefined && { for: lasts }),
  });
  output.result(shadow, `${shadowLine(shadow)}\nSee it:  brink shadow show ${name}`);
}

async function list(name: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const all = await connect(flags).client.shadows(name);
  if (output.json) for (const each of all) output.result(each, '');
  else output.result(null, all.length === 0 ? `${name} has had no shadow.` : all.map(shadowLine).join('\n'));
}

async function show(name: string, flags: OneFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const id = flags.id === undefined ? (await client.shadows(name))[0]?.id : numberOf(flags.id, '--id');
  if (id === undefined)
    throw new BrinkError('shadow-not-found', `${name} has had no shadow. \`brink shadow start ${name} --to N\` begins one.`);
  const shadow = await client.shadow(name, id);
  output.result(shadow, shadowText(shadow));
}

async function stop(name: string, flags: StopFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const id = flags.id === undefined ? await underWay(client, name) : numberOf(flags.id, '--id');
  const ifRevision = flags.ifRevision === undefined ? undefined : numberOf(flags.ifRevision, '--if-revision');
  const shadow = await client.stopShadow(name, id, ifRevision);
  output.result(shadow, shadowLine(shadow));
}

async function underWay(client: AdminClient, name: string): Promise<number> {
  const active = (await client.shadows(name)).filter(({ end }) => end === null);
  if (active.length === 1) return active[0]!.id;
  if (active.length > 1) throw usage(`${name} has ${active.length} shadows under way: name one with --id.`);
  throw new BrinkError('shadow-not-found', `${name} has no shadow under way. \`brink shadow ls ${name}\` lists those that were.`);
}

/** A comma parts rules, but in brackets. */
function collect(text: string, before: readonly string[] = []): readonly string[] {
  const rules = text.split(/,(?![^[]*\])/).map((rule) => rule.trim());
  return [...before, ...rules.filter((rule) => rule !== '')];
}

function percentOf(text: string): number {
  const found = /^(\d{1,3}(?:\.\d+)?)%?$/.exec(text.trim())?.[1];
  if (found === undefined) throw usage(`--share ${JSON.stringify(text)} is no percent such as 5%.`);
  return Number(found);
}

function numberOf(text: string, flag: string): number {
  if (!/^\d{1,15}$/.test(text.trim())) throw usage(`${flag} ${JSON.stringify(text)} is no number.`);
  return Number(text);
}
