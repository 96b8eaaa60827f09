import { hex, sha256 } from '../bytes.ts';
import { BrinkError, toBrinkError } from '../errors.ts';
import { readVerdict, type Verdict } from '../gateway/policy/verdict.ts';
import { readBody } from '../gateway/read-body.ts';
import type { EventSink, PolicyEvent } from '../observe/events.ts';
import { nextTraceparent, requestIdOf, traceIdOf } from '../observe/trace.ts';
import { decodeArtifact, digestOf } from '../registry/artifact.ts';
import { aliasFor, newRecord } from '../registry/change.ts';
import type { Manifest } from '../registry/manifest.ts';
import { policyId } from '../registry/policies.ts';
import type { PublishPolicies, PublishPolicy } from '../registry/publish-policy.ts';
import type { FunctionRecord, WeightedVersion } from '../registry/record.ts';
import type { Hand } from '../registry/release-record.ts';
import type { LoadedVersion } from './cell.ts';

export interface PublishCheckOptions {
  readonly policies: PublishPolicies;
  readonly find: (name: string) => Promise<FunctionRecord | null>;
  /** Asks a policy in a cell of its own. */
  readonly ask: (version: LoadedVersion, question: { readonly body: string; readonly traceparent: string }) => Promise<Response>;
  readonly random: () => number;
  readonly events: EventSink;
  readonly now: () => number;
}

export interface AskedPublish {
  readonly alias: string | undefined;
  readonly tag: string | undefined;
  readonly hand: Hand;
}

export interface AskedMove {
  readonly alias: string;
  readonly how: 'move' | 'rollback' | 'remove' | 'release';
  /** Where it is to go; null where it goes. */
  readonly to: readonly WeightedVersion[] | null;
  readonly hand: Hand;
}

/** Asks the host's policy before something changes. @throws {BrinkError} `policy-denied`, `policy-failed` */
export interface PublishCheck {
  publish(name: string, bytes: Uint8Array<ArrayBuffer>, asked: AskedPublish): Promise<void>;
  move(name: string, asked: AskedMove): Promise<void>;
}

/** More than any decision has, in bytes. */
const MAX_ANSWER = 262_144;

/** What of a manifest a function finds in its `env`, or hears from. */
const BINDINGS = [
  'kv_namespaces',
  'r2_buckets',
  'd1_databases',
  'services',
  'locks',
  'ratelimits',
  'send_email',
  'schedules',
] as const satisfies readonly (keyof Manifest)[];

export function createPublishCheck({ policies, find, ask, random, events, now }: PublishCheckOptions): PublishCheck {
  return {
    async publish(name, bytes, { alias: wanted, tag = null, hand }) {
      const record = await policies.record();
      if (record.policy === null) return;
      const { manifest, modules } = decodeArtifact(bytes);
      const before = (await find(name)) ?? newRecord(name);
      const alias = aliasFor(before, wanted);
      const files = await Promise.all(
        Object.entries(modules).map(async ([file, module]) => ({
          name: file,
          type: module.type,
          size: module.bytes.byteLength,
          digest: hex(await sha256(module.bytes)),
        })),
      );
      await decide({ ...record, policy: record.policy }, before.nextVersion, {
        action: 'publish',
        function: name,
        ...whose(hand),
        digest: await digestOf(bytes),
        size: bytes.byteLength,
        tag,
        alias,
        from: targetOf(before, alias),
        manifest,
        files,
        bindings: bindingsOf(manifest),
        routes: manifest.routes.map(({ pattern }) => pattern),
      });
    },
    async move(name, { alias, how, to, hand }) {
      const record = await policies.record();
      const before = await find(name);
      // What there is not, the registry refuses.
      if (record.policy === null || before === null) return;
      await decide({ ...record, policy: record.policy }, heaviest(to), {
        action: 'alias',
        how,
        function: name,
        ...whose(hand),
        alias,
        from: targetOf(before, alias),
        to: to && to.map((each) => told(before, each)),
      });
    },
  };

  async function decide(
    record: Parameters<PublishPolicies['version']>[0],
    version: number,
    input: { readonly action: 'publish' | 'alias'; readonly function: string; readonly [key: string]: unknown },
  ): Promise<void> {
    const { policy } = record;
    const { module, entrypoint, data } = policy;
    const trace = nextTraceparent(null, random);
    const say = (decision: PolicyEvent['decision'], reason: string | null) =>
      events(eventOf({ policy, input, version, trace, time: now(), decision, reason }));
    let verdict: Verdict;
    try {
      const question = { policy: policyId({ module, ...(data !== null && { data }) }), entrypoint, input: { ...input, time: now() } };
      const response = await ask(policies.version(record), { body: JSON.stringify(question), traceparent: trace });
      const { bytes, rest } = await readBody(response.body, MAX_ANSWER);
      await rest?.cancel();
      if (rest !== null) throw new Error(`its answer has more than ${MAX_ANSWER} bytes`);
      verdict = readVerdict(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (cause) {
      const why = toBrinkError(cause).code === 'internal' && cause instanceof Error ? cause.message : toBrinkError(cause).message;
      say('failed', why);
      if (policy.dryRun) return;
      throw new BrinkError('policy-failed', `The publish policy ${module} could not decide: ${why}.`, {
        cause,
        details: { retryAfter: 5 },
      });
    }
    const { allow, reasons } = verdict;
    say(allow ? 'allowed' : 'denied', reasons.length === 0 ? null : reasons.join('; '));
    if (allow || policy.dryRun) return;
    const what = input.action === 'publish' ? `publishing ${input.function}` : `this for an alias of ${input.function}`;
    const why = reasons.length === 0 ? '' : `: ${reasons.join('; ').replace(/\.$/, '')}`;
    throw new BrinkError('policy-denied', `The publish policy of this host does not allow ${what}${why}.`, {
      details: { policy: module, entrypoint, reasons },
    });
  }
}

function whose({ by, why = null }: Hand): { readonly actor: object; readonly reason: string | null } {
  const [, access = by, name = null] = /^(\S+) \((.*)\)$/s.exec(by) ?? [];
  return { actor: { access, name }, reason: why };
}

function targetOf(record: FunctionRecord, alias: string | null): object[] | null {
  const target = alias !== null && Object.hasOwn(record.aliases, alias) ? record.aliases[alias] : undefined;
  return target ? target.versions.map((each) => told(record, each)) : null;
}

function told({ versions }: FunctionRecord, { version, weight }: WeightedVersion): object {
  const entry = versions.find(({ number }) => number === version);
  return { version, weight, digest: entry?.digest ?? null, tag: entry?.tag ?? null, createdAt: entry?.createdAt ?? null };
}

function bindingsOf(manifest: Manifest): { readonly kind: string; readonly name: string }[] {
  const queues = (manifest.queues?.producers ?? []).map(({ binding }) => ({ kind: 'queues', name: binding }));
  const others = BINDINGS.flatMap((kind) =>
    (manifest[kind] ?? []).flatMap((each) => {
      const { binding, name } = each as { readonly binding?: string; readonly name?: string };
      const known = binding ?? name;
      return known === undefined ? [] : [{ kind, name: known }];
    }),
  );
  return [...queues, ...others, ...(manifest.secrets?.required ?? []).map((name) => ({ kind: 'secrets', name }))];
}

function heaviest(to: readonly WeightedVersion[] | null): number {
  return to?.toSorted((a, b) => b.weight - a.weight)[0]?.version ?? 0;
}

interface Said {
  readonly policy: PublishPolicy;
  readonly input: { readonly action: 'publish' | 'alias'; readonly function: string };
  readonly version: number;
  readonly trace: string;
  readonly time: number;
  readonly decision: PolicyEvent['decision'];
  readonly reason: string | null;
}

function eventOf({ policy, input, version, trace, time, decision, reason }: Said): PolicyEvent {
  return {
    type: 'policy',
    time,
    function: input.function,
    version,
    policy: policy.module,
    entrypoint: policy.entrypoint,
    decision,
    dryRun: policy.dryRun,
    reason,
    requestId: requestIdOf(trace),
    traceId: traceIdOf(trace),
    action: input.action,
  };
}
