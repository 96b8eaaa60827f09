import type { RuleName } from '../registry/gateway/schema.ts';
import type { GatewayCall } from './call.ts';

/** What a rule does around all that is behind it, which it may call more than once, or not at all. */
export type Step = (call: GatewayCall, next: Next) => Promise<Response>;

/**
 * What a rule does that calls nothing by itself, as most do: many of them are one step. It answers with a response, or lets the
 * request go on; then it may want to see the response, for which it gives a function.
 */
export type Filter = (call: GatewayCall) => Filtered | Promise<Filtered>;

export type Filtered = Response | Back | undefined;

/** What it does with the response. */
export type Back = (response: Response) => Response | Promise<Response>;

/** The rules after this one, and then the function. Never rejects: what goes wrong is a response with problem details. */
export type Next = (call: GatewayCall) => Promise<Response>;

/** The parts of a path that a block's pattern names. */
export type Parameters = Readonly<Record<string, string>>;

/** What stood for the names of the pattern that the rule's block has, by the name of the rule. */
export type ParametersOf = (rule: RuleName) => Parameters;
