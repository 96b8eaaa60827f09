import type { Command } from 'commander';
import type { AdminClient } from '../../admin/client.ts';
import type { SecretResult } from '../../admin/schemas/secrets.ts';
import { checkSecretName } from '../../registry/secret-change.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { usage } from '../failure.ts';
import { createOutput, type Output } from '../output.ts';
import { parseReference } from '../reference.ts';
import { readSecret, readSecrets } from '../secret-input.ts';
import { table } from '../table.ts';
import { timeText } from './inspect.ts';

export function addSecret(program: Command): void {
  const secret = program
    .command('secret')
    .summary("set and remove functions' secrets")
    .description(
      'Set and remove the secrets of a function, which it finds in `env` beside its vars. They are encrypted at rest, and nothing shows their values again.',
    )
    .addHelpText(
      'after',
      '\nA change holds for every version, from the next request on: nothing is published. A function may have secrets before its first version.\n\nExamples:\n  brink secret put mailer API_KEY\n  printf %s "$VALUE" | brink secret put mailer API_KEY\n  brink secret ls mailer',
    );
  withHostFlags(
    secret
      .command('put <fn> <name>')
      .description('Set a secret. Its value comes from standard input, or is asked for and not shown; it never is an argument.'),
  )
    // They are refused in `put`, without being shown: one may be the value.
    .allowExcessArguments()
    .allowUnknownOption()
    .action((name: string, secretName: string, flags: HostFlags, command: Command) => put(functionName(name), secretName, flags, command));
  withHostFlags(
    secret
      .command('bulk <fn> [file]')
      .description(
        'Set several secrets, all of them or none: a file or standard input with {"NAME": "value"}, or with lines of NAME=value. null removes one.',
      ),
  ).action((name: string, file: string | undefined, flags: HostFlags) => bulk(functionName(name), file ?? null, flags));
  withHostFlags(
    secret.command('ls <fn>').alias('list').description('List the names of secrets, with when they were set. Values are never shown.'),
  )
    .addHelpText('after', '\nWith --json: one line for each secret.')
    .action((name: string, flags: HostFlags) => list(functionName(name), flags));
  withHostFlags(secret.command('rm <fn> <name>').alias('delete').description('Remove a secret.')).action(
    (name: string, secretName: string, flags: HostFlags) => remove(functionName(name), secretName, flags),
  );
  withHostFlags(
    secret.command('rotate').description("Encrypt the secrets of every function anew, with the first of the host's keys."),
  ).action(rotate);
}

async function put(name: string, secret: string, flags: HostFlags, command: Command): Promise<void> {
  const output = createOutput(flags);
  if (command.args.length > 2 || secret.includes('=')) {
    throw usage(
      '`secret put` takes a function, a name and no more. A value on the command line would stay in the history of the shell: send it to standard input, or leave it out to be asked for it.',
    );
  }
  // Before it would stand in a URL.
  checkSecretName(secret);
  const value = await readSecret(`Value of ${secret} for ${name}: `, output);
  const { client } = connect(flags);
  const set = await client.putSecret(name, secret, value);
  output.result(set, `Set ${secret} of ${name}`);
  await noteUnpublished(name, client, output);
}

async function bulk(name: string, file: string | null, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const changes = await readSecrets(file);
  const { client } = connect(flags);
  const secrets = await client.changeSecrets(name, changes);
  const set = Object.values(changes).filter((value) => value !== null).length;
  const removed = Object.keys(changes).length - set;
  output.result({ function: name, set, removed, secrets }, `Set ${set} and removed ${removed} of ${name}`);
  await noteUnpublished(name, client, output);
}

async function list(name: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const secrets = await connect(flags).client.secrets(name);
  if (output.json) for (const secret of secrets) output.result(secret, '');
  else output.result(null, secrets.length === 0 ? `${name} has no secrets.` : secretTable(secrets));
}

async function remove(name: string, secret: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  checkSecretName(secret);
  const { requiredBy } = await connect(flags).client.removeSecret(name, secret);
  if (requiredBy.length > 0) output.note(`warning: ${name}@${requiredBy.join(`, ${name}@`)} requires it, and runs without it now.`);
  output.result({ removed: secret, function: name, requiredBy }, `Removed ${secret} of ${name}`);
}

async function rotate(flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const rotated = await connect(flags).client.rotateSecrets();
  output.result(rotated, `${rotated.rotated} encrypted anew; all are under the key ${rotated.key}`);
}

/** A name may have been written wrong. */
async function noteUnpublished(name: string, client: AdminClient, output: Output): Promise<void> {
  if (output.json || (await client.function(name)).versions.length > 0) return;
  output.note(`${name} is not published yet; its secrets wait for it.`);
}

function secretTable(secrets: readonly SecretResult[]): string {
  const rows = secrets.map(({ name, setAt, key }) => [name, timeText(setAt), key]);
  return table([['NAME', 'SET', 'KEY'], ...rows]);
}

function functionName(text: string): string {
  const { name, reference } = parseReference(text);
  if (reference !== null) throw usage(`Secrets are a function's, for all of its versions: write ${name}, without @${reference}.`);
  return name;
}
