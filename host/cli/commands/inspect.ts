import type { Command } from 'commander';
import type { AliasResult } from '../../admin/schemas/aliases.ts';
import type { FunctionResult } from '../../admin/schemas/functions.ts';
import type { ComponentResult, VersionResult } from '../../admin/schemas/versions.ts';
import { BrinkError } from '../../errors.ts';
import { readsAsVersion } from '../../registry/reference.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { createOutput } from '../output.ts';
import { parseReference } from '../reference.ts';
import { table } from '../table.ts';
import { stickyText, warmText, weightsText } from './alias.ts';
import { sizeText } from './build.ts';

export function addInspect(program: Command): void {
  withHostFlags(
    program
      .command('inspect <fn[@ref]>')
      .summary('show a function, a version or an alias')
      .description('Show a function with its versions and aliases, or one version, or one alias with its history.'),
  )
    .addHelpText('after', '\nExamples:\n  brink inspect hello\n  brink inspect hello@live\n  brink inspect hello@3')
    .action(inspect);
}

async function inspect(text: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const { name, reference } = parseReference(text);
  if (reference === null) {
    const found = await client.function(name);
    output.result(found, functionText(found));
  } else if (readsAsVersion(reference)) {
    const version = await client.version(name, reference);
    const component = await client.component(name, reference).catch(noComponent);
    output.result(
      component === null ? version : { ...version, component },
      component === null ? versionText(version) : `${versionText(version)}\n${componentText(component)}`,
    );
  } else {
    const alias = await client.alias(name, reference);
    output.result(alias, aliasText(alias));
  }
}

function functionText({ name, url, versions, aliases }: FunctionResult): string {
  const versionRows = versions.map(({ number, digest, createdAt, size, handlers, tag }) => [
    String(number),
    digest.slice(0, 12),
    timeText(createdAt),
    sizeText(size),
    handlers.join(' '),
    tag ?? '-',
  ]);
  const aliasRows = aliases.map((alias) => [
    alias.alias,
    weightsText(alias.versions) + stickyText(alias.sticky) + warmText(alias.warm),
    String(alias.revision),
    timeText(alias.movedAt),
    alias.url,
  ]);
  return [
    `${name}  ${url}`,
    '',
    table([['VERSION', 'DIGEST', 'PUBLISHED', 'SIZE', 'HANDLERS', 'TAG'], ...versionRows]),
    ...(aliasRows.length > 0 ? ['', table([['ALIAS', 'VERSIONS', 'REVISION', 'MOVED', 'URL'], ...aliasRows])] : []),
  ].join('\n');
}

function versionText(version: VersionResult): string {
  return facts([
    ['version', `${version.function}@${version.number}`],
    ['digest', `sha256:${version.digest}`],
    ['published', timeText(version.createdAt)],
    ['size', sizeText(version.size)],
    ['handlers', version.handlers.join(', ')],
    ['crons', version.crons.join('; ') || '-'],
    ['aliases', version.aliases.join(', ') || '-'],
    ['tag', version.tag ?? '-'],
    ['url', version.url],
  ]);
}

function noComponent(error: unknown): null {
  if (error instanceof BrinkError && error.code === 'not-found') return null;
  throw error;
}

function componentText({ wit, producers, bytes, isolation, fixed, calls = [] }: ComponentResult): string {
  const made = [...producers.language, ...producers['processed-by'], ...producers.sdk];
  const reset = fixed === null ? 'an instance is put back after each request' : `each request gets a new instance: ${fixed}`;
  return [
    facts([
      ['component', sizeText(bytes)],
      ['made with', made.join(', ') || '-'],
      ['isolation', isolation === 'request' ? `request (${reset})` : 'instance (used again as it is)'],
      ...calls.map((path, index): [string, string] => [index === 0 ? 'calls' : '', `POST ${path}`]),
    ]),
    '',
    wit.trimEnd(),
  ].join('\n');
}

function aliasText(alias: AliasResult): string {
  const earlier = alias.history.map(
    ({ versions, sticky, movedAt, revision }) =>
      `  ${weightsText(versions)}${stickyText(sticky)}  from ${timeText(movedAt)} (revision ${revision})`,
  );
  return [
    facts([
      ['alias', `${alias.function}@${alias.alias}`],
      ['versions', weightsText(alias.versions) + stickyText(alias.sticky) + warmText(alias.warm)],
      ['revision', String(alias.revision)],
      ['moved', timeText(alias.movedAt)],
      ['url', alias.url],
    ]),
    ...(earlier.length > 0 ? ['before, newest first', ...earlier] : []),
  ].join('\n');
}

function facts(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name.padEnd(10)} ${value}`).join('\n');
}

export function timeText(time: number): string {
  return new Date(time).toISOString().replace('T', ' ').slice(0, 19);
}
