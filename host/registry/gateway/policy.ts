import { z } from 'zod';
import { flag, must, text } from '../manifest-fields.ts';
import { jsonProblem, type JsonValue } from '../manifest-json.ts';

/** A policy that is asked about each request: an Open Policy Agent policy, compiled to WebAssembly. */
export interface PolicyRule {
  /** The compiled policy, a file beside the config: `policy.wasm`. */
  readonly module: string;
  /** The rule that decides, as it was named when the policy was compiled. */
  readonly entrypoint: string;
  /** A JSON file that the policy finds as `data`. */
  readonly data?: string;
  /** What the policy finds as `input.settings`. */
  readonly input?: { readonly [name: string]: JsonValue };
  /** Whether its decision is only written down. */
  readonly dry_run: boolean;
}

function file(extension: string) {
  return text
    .max(256, 'has more than 256 characters')
    .refine((path) => path.endsWith(extension), `does not end in ${extension}`)
    .refine(
      (path) => path.split('/').every((part) => /^[\w-][\w.-]*$/.test(part)),
      `is not a path below the function's folder; write "policies/name${extension}", of letters, digits, "_", "-" and "."`,
    );
}

const settings = z.custom<{ readonly [name: string]: JsonValue }>().check((context) => {
  const value: unknown = context.value;
  const isTable = value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
  const problem = isTable ? jsonProblem(value) : { path: '', why: 'must be a table' };
  if (problem !== null)
    context.issues.push({ code: 'custom', message: `${problem.path === '' ? '' : `${problem.path} `}${problem.why}`, input: value });
});

export const policy = z.strictObject(
  {
    module: file('.wasm'),
    entrypoint: text
      .max(256, 'has more than 256 characters')
      .regex(/^[^/\s]+(\/[^/\s]+)*$/, 'is not an entrypoint; write package and rule, such as "brink/allow"')
      .default('brink/allow'),
    data: file('.json').optional(),
    input: settings.optional(),
    dry_run: flag.default(false),
  },
  { error: must('be a table with module') },
);

export const POLICY_KEYS = Object.keys(policy.shape);
