import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { Command } from 'commander';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { CliError, usage } from '../failure.ts';
import { createOutput, type Output } from '../output.ts';
import { parseReference, type FunctionReference } from '../reference.ts';
import { readStdin } from '../stdin.ts';

interface InvokeFlags extends HostFlags {
  readonly method?: string;
  readonly header: readonly string[];
  readonly data?: string;
  readonly path: string;
  readonly include?: boolean;
  readonly call?: string;
  readonly scheduled?: string | true;
  readonly queue?: string | true;
  readonly email?: string;
  readonly from?: string;
  readonly to?: string;
}

export function addInvoke(program: Command): void {
  withHostFlags(
    program
      .command('invoke <fn[@ref]>')
      .summary('call a function')
      .description('Send a request to a function and print its answer; or run its scheduled, its queue or its email handler now.')
      .option('-X, --method <method>', 'GET, or POST with a body')
      .option('-H, --header <line>', 'a header, "name: value"; may be repeated', (line: string, lines: string[]) => [...lines, line], [])
      .option('-d, --data <body>', 'the body; "-" reads it from stdin, which a pipe or a file there also does')
      .option('--path <path>', 'path and query that the function sees', '/')
      .option('-i, --include', "print the answer's status and headers too")
      .option('--call <path>', "call a function of a component's own interface, as ops/add, with the parameters in --data")
      .option('--scheduled [cron]', "run the scheduled handler, with this cron expression or the version's first")
      .option('--queue [name]', "run the queue handler with the batch in --data, as of this queue or the version's first")
      .option('--email <file>', 'run the email handler with the message in this file; "-" reads it from stdin')
      .option('--from <address>', "the message's sender; none without it, as with a notice of a failure")
      .option('--to <address>', "the message's recipient"),
  )
    .addHelpText(
      'after',
      '\nFails (exit status 1) where the answer has a status of 500 or more, that of --call one of 400 or more. With --json: {"status","headers","body","encoding"}, one line;' +
        '\nencoding is utf8, or base64 for a body that is no text.\n\nExamples:\n  brink invoke hello --path "/greet?name=Ada"\n  brink invoke hello@3 -X PUT -H "content-type: text/plain" -d hi\n  echo \'{"a":1}\' | brink invoke hello@beta\n  brink invoke calc --call ops/add -d \'{"a":1,"b":2}\'\n  brink invoke nightly --scheduled "0 3 * * *"\n  brink invoke mailer --queue -d \'[{"to":"ada@example.com"}]\'\n  brink invoke inbox --email hello.eml --from ada@example.com --to in@example.com',
    )
    .action((text: string, flags: InvokeFlags) => invokerOf(flags)(parseReference(text), flags));
}

function invokerOf({ call, scheduled, queue, email }: InvokeFlags): (reference: FunctionReference, flags: InvokeFlags) => Promise<void> {
  const named = Object.entries({ '--call': call, '--scheduled': scheduled, '--queue': queue, '--email': email }).flatMap(([flag, value]) =>
    value === undefined ? [] : [flag],
  );
  if (named.length > 1)
    throw usage(`${named.join(' and ')} are ${['two', 'three', 'four'][named.length - 2]} things to run: name one of them.`);
  if (email !== undefined) return invokeEmail;
  if (call !== undefined) return invokeCall;
  return queue !== undefined ? invokeQueue : scheduled !== undefined ? invokeScheduled : invokeFetch;
}

/** Of a component's own functions, which take JSON. */
async function invokeCall(reference: FunctionReference, { call, data, ...flags }: InvokeFlags): Promise<void> {
  const header = ['content-type: application/json', ...flags.header];
  const path = `/${call!.replace(/^\//, '')}`;
  await invokeFetch(reference, { ...flags, path, header, method: flags.method ?? 'POST', ...(data !== undefined && { data }) }, 400);
}

async function invokeFetch({ name, reference }: FunctionReference, flags: InvokeFlags, failing = 500): Promise<void> {
  const output = createOutput(flags);
  const { url, fetch } = connect(flags);
  if (!flags.path.startsWith('/')) throw usage(`--path ${JSON.stringify(flags.path)} has to begin with "/".`);
  const body =
    flags.data === undefined || flags.data === '-'
      ? await readStdin({ wanted: flags.data === '-', method: flags.method })
      : new TextEncoder().encode(flags.data);
  const method = flags.method?.toUpperCase() ?? (body === null ? 'GET' : 'POST');
  // With its alias, since under `brink dev` the plain name may be a path of the function that answers at `/`.
  const place = `${encodeURIComponent(name)}@${encodeURIComponent(reference ?? 'live')}`;
  const init = { method, headers: headersOf(flags.header), redirect: 'manual' as const, ...(body && { body }) };
  const response = await fetch(requestOf(`${url}/${place}${flags.path}`, init));
  await show(response, output, flags.include ?? false);
  if (response.status >= failing) process.exitCode = 1;
}

async function invokeScheduled({ name, reference }: FunctionReference, flags: InvokeFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const cron = typeof flags.scheduled === 'string' ? flags.scheduled : undefined;
  const result = await client.scheduled(name, { ...(cron !== undefined && { cron }), ...(reference !== null && { reference }) });
  output.result(result, `The scheduled handler of ${name} has run: ${result.outcome}`);
  if (result.outcome !== 'ok') process.exitCode = 1;
}

async function invokeQueue({ name, reference }: FunctionReference, flags: InvokeFlags): Promise<void> {
  const output = createOutput(flags);
  const data = flags.data === undefined || flags.data === '-' ? await readStdin({ wanted: true, method: undefined }) : flags.data;
  const request = {
    messages: bodiesOf(typeof data === 'string' ? data : new TextDecoder().decode(data ?? new Uint8Array())).map((body) => ({ body })),
    ...(typeof flags.queue === 'string' && { queue: flags.queue }),
    ...(reference !== null && { reference }),
  };
  const result = await connect(flags).client.invokeQueue(name, request);
  const acked = result.messages.filter(({ result: each }) => each === 'ack').length;
  output.result(
    result,
    `The queue handler of ${name}@${result.version} has run: ${result.outcome}; ${acked} acked, ${result.messages.length - acked} retried`,
  );
  if (result.outcome !== 'ok') process.exitCode = 1;
}

async function invokeEmail({ name, reference }: FunctionReference, { email: file, from = '', to, ...flags }: InvokeFlags): Promise<void> {
  if (to === undefined) throw usage('--email needs --to: the address that the message came to.');
  const output = createOutput(flags);
  const raw = await messageIn(file!);
  const result = await connect(flags).client.email(name, { from, to, raw, ...(reference !== null && { reference }) });
  const outcome = result.rejected === null ? 'it has taken the message' : `it refused the message: ${result.rejected}`;
  output.result(result, `The email handler of ${name}@${result.version} has run: ${outcome}`);
  if (result.rejected !== null) process.exitCode = 1;
}

async function messageIn(file: string): Promise<Uint8Array<ArrayBuffer>> {
  if (file === '-') return (await readStdin({ wanted: true, method: undefined })) ?? new Uint8Array();
  try {
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new CliError('failed', `Cannot read ${file}: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}.`, cause);
  }
}

/** The bodies of a batch: a list of JSON. */
function bodiesOf(text: string): unknown[] {
  try {
    const bodies = JSON.parse(text) as unknown;
    if (Array.isArray(bodies) && bodies.length > 0) return bodies;
  } catch {
    // Said below.
  }
  throw usage('--queue takes its messages from --data or standard input: a list of their bodies as JSON, such as [{"to":"ada"}].');
}

async function show(response: Response, output: Output, include: boolean): Promise<void> {
  const { status } = response;
  const headers = [...response.headers];
  if (output.json) {
    output.result({ status, headers, ...bodyOf(new Uint8Array(await response.arrayBuffer())) }, '');
    return;
  }
  if (include) process.stdout.write(`HTTP ${status}\n${headers.map(([name, value]) => `${name}: ${value}\n`).join('')}\n`);
  else if (status >= 300)
    output.note(
      `HTTP ${status}${headers
        .filter(([name]) => name === 'location')
        .map(([, value]) => ` → ${value}`)
        .join('')}`,
    );
  let last = 10;
  if (response.body) {
    for await (const chunk of response.body) {
      process.stdout.write(chunk);
      last = chunk.at(-1) ?? last;
    }
  }
  // A shell's prompt begins a line of its own; what is piped stays byte for byte.
  if (process.stdout.isTTY && last !== 10) process.stdout.write('\n');
}

function bodyOf(bytes: Uint8Array): { body: string; encoding: 'utf8' | 'base64' } {
  try {
    return { body: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), encoding: 'utf8' };
  } catch {
    return { body: Buffer.from(bytes).toString('base64'), encoding: 'base64' };
  }
}

function headersOf(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const at = line.indexOf(':');
    try {
      headers.append(line.slice(0, Math.max(at, 0)), line.slice(at + 1).trim());
    } catch {
      throw usage(`-H ${JSON.stringify(line)} is not a header. Write it "name: value".`);
    }
  }
  return headers;
}

function requestOf(url: string, init: RequestInit): Request {
  try {
    return new Request(url, init);
  } catch (cause) {
    throw new CliError('usage', `This request cannot be sent: ${(cause as Error).message}`, cause);
  }
}
