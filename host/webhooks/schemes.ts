import type { WebhookScheme } from '../registry/manifest.ts';
import { github } from './github.ts';
import type { Scheme } from './scheme.ts';
import { slack } from './slack.ts';
import { standard } from './standard.ts';
import { stripe } from './stripe.ts';

/** Those that sign; CloudEvents and plain JSON come with a token. */
export const SCHEMES: Readonly<Record<Exclude<WebhookScheme, 'cloudevents' | 'json'>, Scheme>> = { github, stripe, slack, standard };
