import type { LoadedVersion } from '../dispatch/cell.ts';
import { BrinkError } from '../errors.ts';
import type { Blobs } from '../stores/blobs.ts';
import type { Store } from '../stores/store.ts';
import { decodeArtifact, digestOf, type Artifact } from './artifact.ts';
import { policyArtifact, policyRules, policyVersion } from './policies.ts';
import { recordsIn, type Records } from './records.ts';
import type { Hand } from './release-record.ts';

/** What a host asks before something is published or an alias moves; as one entry of its store. */
export interface PublishPolicyRecord {
  /** 0: there never was one. */
  readonly revision: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly by: string;
  readonly why: string | null;
  /** null where nothing is asked. */
  readonly policy: PublishPolicy | null;
}

export interface PublishPolicy {
  /** Where its artifact lies: written before it is named here, and never changed. */
  readonly place: string;
  readonly digest: string;
  readonly size: number;
  /** Its file. */
  readonly module: string;
  readonly entrypoint: string;
  readonly data: string | null;
  /** Whether its decision is only written down. */
  readonly dryRun: boolean;
}

export interface PolicyTarget {
  /** The revision that the policy must have; 0: there must never have been one. */
  readonly ifRevision?: number | undefined;
  readonly hand: Hand;
}

export interface PublishPoliciesOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly now: () => number;
}

const KEY = 'publish-policy';
const PLACE = 'publish-policy/';
const NONE: PublishPolicyRecord = { revision: 0, time: 0, by: '', why: null, policy: null };

/** The policy of a host for what is published on it. */
export class PublishPolicies {
  readonly #records: Records<PublishPolicyRecord>;
  readonly #blobs: Blobs;
  readonly #now: () => number;
  /** One object while it holds: cells go by it. */
  #known: LoadedVersion | null = null;

  constructor({ store, blobs, now }: PublishPoliciesOptions) {
    this.#records = recordsIn(store);
    this.#blobs = blobs;
    this.#now = now;
  }

  async record(): Promise<PublishPolicyRecord> {
    return (await this.#records.get(KEY)) ?? NONE;
  }

  /**
   * @param bytes an artifact whose gateway has one policy; it is loaded once before it holds
   * @throws {BrinkError} `artifact-invalid`, `rules-conflict`, what `decodeArtifact` and the probe throw
   */
  async set(
    bytes: Uint8Array<ArrayBuffer>,
    { probe, ...target }: PolicyTarget & { readonly probe: (artifact: Artifact) => Promise<unknown> },
  ): Promise<PublishPolicyRecord> {
    const artifact = decodeArtifact(bytes);
    const rules = policyRules(artifact.manifest);
    const policies = policyArtifact(artifact);
    if (rules.length !== 1 || policies === null)
      throw new BrinkError('artifact-invalid', 'This is no policy. Make it with `brink policy set policy.wasm`.', { details: {} });
    await probe(policies);
    const { module, entrypoint, data = null, dry_run: dryRun } = rules[0]!;
    const place = crypto.randomUUID();
    await this.#blobs.put(PLACE + place, bytes);
    const policy = { place, digest: await digestOf(bytes), size: bytes.byteLength, module, entrypoint, data, dryRun };
    return this.#change(policy, target);
  }

  remove(target: PolicyTarget): Promise<PublishPolicyRecord> {
    return this.#change(null, target);
  }

  /** What its cells are of. */
  version({ revision, policy }: PublishPolicyRecord & { readonly policy: PublishPolicy }): LoadedVersion {
    const { place, digest } = policy;
    const artifact = PLACE + place;
    if (this.#known?.partOf === artifact) return this.#known;
    const load = async () => {
      const bytes = await this.#blobs.get(artifact);
      if (bytes === null) throw new Error(`The publish policy ${place} is named, and not there.`);
      return decodeArtifact(bytes);
    };
    const whole = { artifact, function: KEY, number: revision, digest, secretsRevision: 0, secrets: () => Promise.resolve({}), load };
    return (this.#known = policyVersion({ ...whole, manifest: { name: KEY } }));
  }

  async #change(policy: PublishPolicy | null, { ifRevision, hand }: PolicyTarget): Promise<PublishPolicyRecord> {
    let before: PublishPolicyRecord = NONE;
    try {
      const after = await this.#records.update(KEY, (current) => {
        before = current ?? NONE;
        if (ifRevision !== undefined && ifRevision !== before.revision) throw conflict(ifRevision, before.revision);
        return { revision: before.revision + 1, time: this.#now(), by: hand.by, why: hand.why ?? null, policy };
      });
      if (before.policy !== null) await this.#blobs.delete(PLACE + before.policy.place);
      return after;
    } catch (error) {
      if (policy !== null && error instanceof BrinkError && error.code === 'rules-conflict') await this.#blobs.delete(PLACE + policy.place);
      throw error;
    }
  }
}

function conflict(wanted: number, revision: number): BrinkError {
  return new BrinkError(
    'rules-conflict',
    `The publish policy is at revision ${revision}, not ${wanted}: someone has changed it. Read it again.`,
    { details: { revision } },
  );
}
