import { RULES, type Rule } from './rules.ts';

/**
 * What a change means for whoever calls the function: `breaking` has some of them fail, of a `warning` that cannot be told or goes by how
 * they are made, and `compatible` is for the record.
 */
export type Severity = 'breaking' | 'warning' | 'compatible';

/** What a client sends, or what it gets. */
export type Direction = 'request' | 'response';

/** Which of the two documents something stands in. */
export type Side = 'from' | 'to';

/** One difference between two OpenAPI documents of a function. */
export interface ApiChange {
  /** Stable, for programs. */
  readonly rule: Rule;
  readonly severity: Severity;
  /** In capitals; null where it is of a whole path, or of the document. */
  readonly method: string | null;
  /** As the newer document has it, where it is still there; null where it is of the document. */
  readonly path: string | null;
  /** A JSON pointer (RFC 6901) to the place, behind its references. */
  readonly pointer: string;
  /** The document that the pointer leads into: `from` for what is gone. */
  readonly document: Side;
  /** One sentence: where in the operation, and what. */
  readonly message: string;
}

/** What is known of a change where it is found; its operation is added further up. */
export interface Found {
  readonly rule: Rule;
  readonly pointer: string;
  readonly document?: Side;
  readonly message: string;
}

const ORDER: readonly Severity[] = ['breaking', 'warning', 'compatible'];

/** The worst first, and else in the order in which they were found. */
export function bySeverity(changes: readonly ApiChange[]): ApiChange[] {
  return ORDER.flatMap((severity) => changes.filter((each) => each.severity === severity));
}

export function changeOf({ rule, pointer, document = 'to', message }: Found, place: Pick<ApiChange, 'method' | 'path'>): ApiChange {
  return { rule, severity: RULES[rule], ...place, pointer, document, message };
}
