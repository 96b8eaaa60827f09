import { z } from 'zod';
import { invalidManifest } from './manifest-errors.ts';
import { list, must, text, whole } from './manifest-fields.ts';
import { queueName } from './manifest-queues.ts';
import { isSecretName } from './secret-change.ts';

/** Who signs, and how: `host/webhooks/schemes.ts`. */
export type WebhookScheme = 'github' | 'stripe' | 'slack' | 'standard' | 'cloudevents' | 'json';

/** A path to which others post events; each becomes a message of a queue. */
export interface ManifestWebhook {
  /** Of the URL as the function would see it, without its query. */
  readonly path: string;
  readonly scheme: WebhookScheme;
  /** Whoever consumes it gets the events. */
  readonly queue: string;
  /** Names of secrets, of which one has signed; none where `cloudevents` or `json` come from anyone. The first is required. */
  readonly secret: readonly string[];
  /** Seconds that the time of a signature may differ from the host's: 1 to a day, and 300 by default. */
  readonly tolerance: number;
  /** Seconds that the id of what came is known, so that it does not come twice: 60 to 30 days, and a day by default. */
  readonly dedupe_ttl: number;
  /** Of `cloudevents`: origins that may send them; not there where any may. */
  readonly allowed_origins?: readonly string[];
}

const DAY = 86_400;

const secretName = text.refine(isSecretName, 'cannot be the name of a secret; write one such as "GITHUB_SECRET"');
const origin = text.regex(/^[A-Za-z0-9.:-]{1,253}$/, 'is not an origin; write the name of a system, such as "eventemitter.example.com"');

/** An item of `webhooks`. */
export const webhook = z
  .strictObject(
    {
      path: text
        .max(1_024, 'has more than 1024 characters')
        .regex(/^\/[!-~]*$/, 'is not a path; write one such as "/hooks/github"')
        .refine((path) => !/[?#*]/.test(path), 'is not one path; write it without ?, # and *'),
      scheme: z.enum(['github', 'stripe', 'slack', 'standard', 'cloudevents', 'json'], {
        error: 'must be "github", "stripe", "slack", "standard", "cloudevents" or "json"',
      }),
      queue: queueName,
      secret: z
        .union([secretName, z.array(secretName).max(4)], { error: 'must be the name of a secret, or a list of up to 4' })
        .transform((names) => [...new Set([names].flat())])
        .optional(),
      tolerance: whole(1, DAY, 300),
      dedupe_ttl: whole(60, 30 * DAY, DAY),
      allowed_origins: list(origin).min(1, 'is empty; leave it out, and any origin may').optional(),
    },
    { error: must('be a table with path, scheme, queue and secret') },
  )
  .refine(({ scheme, secret }) => scheme === 'cloudevents' || scheme === 'json' || (secret !== undefined && secret.length > 0), {
    path: ['secret'],
    error: 'is missing; write the name of the secret that signatures are checked with',
  })
  .refine(({ scheme, allowed_origins: origins }) => scheme === 'cloudevents' || origins === undefined, {
    path: ['allowed_origins'],
    error: 'is only of the scheme "cloudevents"',
  })
  .transform(({ secret = [], allowed_origins: origins, ...rest }): ManifestWebhook => ({
    ...rest,
    secret,
    ...(origins !== undefined && { allowed_origins: origins }),
  }));

export const WEBHOOK_KEYS = ['path', 'scheme', 'queue', 'secret', 'tolerance', 'dedupe_ttl', 'allowed_origins'];

/** Two of one path could not be told apart. @throws {BrinkError} `manifest-invalid` */
export function checkPaths(webhooks: readonly ManifestWebhook[], place: string | undefined): void {
  const paths = webhooks.map(({ path }) => path);
  const twice = paths.findIndex((path, index) => paths.indexOf(path) < index);
  if (twice !== -1) throw invalidManifest(`webhooks[${twice}].path`, 'stands there twice', place);
}
