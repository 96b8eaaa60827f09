import { isEqual } from './equal.ts';
import type { OpenApiDocument, Operation, SecurityRequirement } from './document.ts';

/** What has to be shown before a function is called: by one of these schemes. */
export interface Guard {
  readonly schemes: readonly { readonly name: string; readonly scheme: SecurityScheme }[];
  /** Those that whoever calls has to have. */
  readonly scopes: readonly string[];
  /** Whether those may call too who show nothing. */
  readonly optional: boolean;
}

/** https://spec.openapis.org/oas/v3.1.1#security-scheme-object */
export interface SecurityScheme {
  readonly type: 'apiKey' | 'http' | 'mutualTLS' | 'oauth2' | 'openIdConnect';
  readonly description?: string;
  readonly name?: string;
  readonly in?: 'header' | 'cookie' | 'query';
  readonly scheme?: string;
  readonly bearerFormat?: string;
}

/** The security schemes of a document, to which others come. */
export class Schemes {
  readonly #known: Record<string, unknown>;
  readonly #names = new Map<SecurityScheme, string>();
  #changed = false;

  constructor({ components }: Pick<OpenApiDocument, 'components'>) {
    this.#known = { ...components?.securitySchemes };
  }

  /** All of them, where some were added; null where none was. */
  get added(): Readonly<Record<string, unknown>> | null {
    return this.#changed ? this.#known : null;
  }

  /** The name under which a scheme is known: that of one which asks for the same, or else a new one. */
  nameOf(asked: Guard['schemes'][number]): string {
    let name = this.#names.get(asked.scheme);
    if (name === undefined) this.#names.set(asked.scheme, (name = this.#find(asked)));
    return name;
  }

  #find({ name, scheme }: Guard['schemes'][number]): string {
    const same = Object.entries(this.#known).find(([, known]) => asksTheSame(known as SecurityScheme, scheme));
    if (same !== undefined) return same[0];
    let free = name;
    for (let number = 2; Object.hasOwn(this.#known, free); number++) free = `${name}${number}`;
    this.#known[free] = scheme;
    this.#changed = true;
    return free;
  }
}

export interface Guarding {
  readonly document: Pick<OpenApiDocument, 'security'>;
  readonly schemes: Schemes;
  readonly guard: Guard | null;
}

/** An operation that says by itself what a client has to show: to the gateway, and to the function. */
export function guarded(operation: Operation, { document, schemes, guard }: Guarding): Operation {
  const own = operation.security ?? document.security ?? [];
  if (guard === null || guard.schemes.length === 0)
    return own === operation.security || own.length === 0 ? operation : { ...operation, security: own };
  const { scopes, optional } = guard;
  const asked: SecurityRequirement[] = guard.schemes.map((each) => ({ [schemes.nameOf(each)]: scopes }));
  if (optional) asked.push({});
  const both = own.length === 0 ? asked : asked.flatMap((one) => own.map((other) => joined(one, other)));
  return { ...operation, security: both.filter((each, index) => both.findIndex((other) => isEqual(each, other)) === index) };
}

function joined(one: SecurityRequirement, other: SecurityRequirement): SecurityRequirement {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, [...new Set([...scopesIn(one, name), ...scopesIn(other, name)])]]));
}

function scopesIn(requirement: SecurityRequirement, name: string): readonly string[] {
  return Object.hasOwn(requirement, name) ? requirement[name]! : [];
}

/** Whether a client does the same for both: what is said of them may differ. */
function asksTheSame(one: SecurityScheme, other: SecurityScheme): boolean {
  if (one.type !== other.type) return false;
  switch (one.type) {
    case 'http':
      return one.scheme?.toLowerCase() === other.scheme?.toLowerCase();
    case 'apiKey':
      return one.in === other.in && (one.in === 'header' ? one.name?.toLowerCase() === other.name?.toLowerCase() : one.name === other.name);
    case 'mutualTLS':
      return true;
    default:
      return isEqual(one, other);
  }
}
