import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { AdminClient } from '../../admin/client.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { CliError, usage } from '../failure.ts';
import { createOutput } from '../output.ts';

interface ClientFlags extends HostFlags {
  readonly from: string;
  readonly url?: string;
  readonly out?: string;
  readonly check?: boolean;
}

const EXAMPLES = `
The file needs the package openapi-fetch where it is used:  npm install openapi-fetch

With --json: {"function","version","digest","file","changed"}, or with "source" in place of the last two.

Examples:
  brink client hello --out src/hello.ts
  brink client hello --from 3 --url https://api.example.com/hello > hello.ts
  brink client hello --out src/hello.ts --check`;

export function addClient(program: Command): void {
  withHostFlags(
    program
      .command('client <fn>')
      .summary('write a typed client for those who call')
      .description(
        "Write a TypeScript file of a version's OpenAPI document: the types of its paths and schemas, and `createClient`, which calls it with openapi-fetch.",
      )
      .option('--from <ref>', 'a version, or an alias', 'live')
      .option('--url <url>', 'where the function answers; that of the alias or version on this host without it')
      .option('-o, --out <file>', 'where to write it; on stdout without it')
      .option('--check', 'write nothing, and fail where the file is not as it would be written'),
  )
    .addHelpText('after', EXAMPLES)
    .action(client);
}

async function client(name: string, flags: ClientFlags): Promise<void> {
  const { from, url: wanted, out: file, check = false } = flags;
  if (check && file === undefined) throw usage('--check looks at a file: name it with --out FILE.');
  const output = createOutput(flags);
  const { url: host, client: admin } = connect(flags);
  const url = wanted === undefined ? await urlOf(admin, name, { from, host }) : checkedUrl(wanted);
  const { number: version, digest } = await admin.version(name, from);
  const [document, { clientSource }] = await Promise.all([admin.openapi(name, version), import('../../openapi/client/source.ts')]);
  const source = clientSource(document, { function: name, version, digest, url });
  if (file === undefined) {
    if (output.json) output.result({ function: name, version, digest, source }, '');
    else output.raw(source);
    return;
  }
  const changed = source !== present(file);
  if (check && changed) {
    throw new CliError('failed', `${file} is not the client of ${name}@${version}. Write it:  brink client ${name} --out ${file}`);
  }
  if (changed) writeFileSync(file, source);
  output.result({ function: name, version, digest, file, changed }, changed ? `Wrote ${file}` : `${file} is up to date`);
}

/** Where this host answers for it, by the name that was given: an alias goes on to others, and the client with it. */
async function urlOf(admin: AdminClient, name: string, { from, host }: { from: string; host: string }): Promise<string> {
  const { aliases } = await admin.function(name);
  const reference = aliases.some(({ alias }) => alias === from) ? from : (await admin.version(name, from)).digest.slice(0, 12);
  return reference === 'live' ? `${host}/${name}` : `${host}/${name}@${reference}`;
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw usage(`--url ${JSON.stringify(text)} is not the URL of a function, such as https://api.example.com/hello.`);
  }
  return text;
}

function present(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
