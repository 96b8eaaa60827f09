import type { Command } from 'commander';
import { tellApiChanges } from '../api-changes.ts';
import { connect, withBreakingFlag, withMoveFlags, type MoveFlags } from '../connection.ts';
import { createOutput } from '../output.ts';
import { readSource } from '../source.ts';

interface PublishFlags extends MoveFlags {
  readonly alias?: string;
  readonly tag?: string;
  readonly environment?: string;
}

export function addPublish(program: Command): void {
  withBreakingFlag(
    withMoveFlags(
      program
        .command('publish <dir-or-file>')
        .summary('publish a function as an immutable version')
        .description('Build a function and publish it as an immutable version; or publish an artifact that `brink build` wrote.')
        .option('--alias <name>', 'move this alias to the new version; without it only the first publish makes `live`')
        .option('--tag <text>', 'a text to know the version by, such as a commit')
        .option('-e, --environment <name>', "the environment [env.NAME] of the function's config"),
    ),
  )
    .addHelpText(
      'after',
      '\nWith --json: {"function","version","digest","url"}\n\nExamples:\n  brink publish . --alias live\n  brink publish dist/hello.brink --tag v1.2',
    )
    .action(publish);
}

async function publish(place: string, flags: PublishFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const { name, bytes } = await readSource(place, output, flags.environment === undefined ? {} : { env: flags.environment });
  const { alias, tag } = flags;
  const request = { ...(alias !== undefined && { alias }), ...(tag !== undefined && { tag }) };
  const published = await output.progress(`Publishing ${name}`, () => client.publish(name, bytes, request));
  const { function: fn, version, digest, url, created, warnings } = published;
  for (const warning of warnings) output.note(`warning: ${fn}@${version}: ${warning}`);
  tellApiChanges(output, fn, published.apiChanges);
  const what = created ? `Published ${fn}@${version}` : `${fn}@${version} is published already`;
  const hint = created ? `; no alias moved. Move it:  brink alias ${fn} live=${version}` : '';
  const where = published.alias === null ? hint : ` as ${published.alias}`;
  output.result({ function: fn, version, digest, url }, `${what}${where}\n${output.colors.cyan(url)}\nsha256:${digest}`);
}
