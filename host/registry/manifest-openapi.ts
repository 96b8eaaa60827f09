import { z } from 'zod';
import { must, text } from './manifest-fields.ts';
import { health } from './manifest-scaling.ts';

/** Where the OpenAPI document of a function comes from: either from a file beside the config, or from the function itself. */
export interface ManifestOpenApi {
  /** `openapi.json`, or one of YAML. */
  readonly file?: string;
  /** What the new version answers at this path, before it becomes one. */
  readonly path?: string;
  /** Milliseconds that this may take: 1 to 60,000. */
  readonly timeout_ms?: number;
  /** What happens as an alias moves to a version that breaks those who call: `warn` where it does not say. */
  readonly breaking?: 'allow' | 'refuse' | 'warn';
}

const file = text
  .max(256, 'has more than 256 characters')
  .refine((path) => /\.(json|ya?ml)$/.test(path), 'does not end in .json, .yaml or .yml')
  .refine(
    (path) => path.split('/').every((part) => /^[\w-][\w.-]*$/.test(part)),
    'is not a path below the function\'s folder; write "openapi.json" or "docs/openapi.yaml", of letters, digits, "_", "-" and "."',
  );

const fields = z
  .strictObject(
    {
      file: file.optional(),
      path: health.shape.path.optional(),
      timeout_ms: health.shape.timeout_ms,
      breaking: z.enum(['warn', 'refuse', 'allow'], { error: 'must be "warn", "refuse" or "allow"' }).optional(),
    },
    { error: must('be the name of a file, or a table with file or path') },
  )
  .superRefine(({ file: named, path, timeout_ms: timeout, breaking }, context) => {
    const fault = (where: string[], message: string) => context.addIssue({ code: 'custom', path: where, message });
    if (named !== undefined && path !== undefined) fault([], 'needs either file or path');
    // Of a component that describes itself it says no more than what is done with that.
    if (named === undefined && path === undefined && breaking === undefined) fault([], 'needs either file or path');
    if (timeout !== undefined && path === undefined) fault(['timeout_ms'], 'goes with path alone');
  });

/** `openapi = "openapi.json"`, or `[openapi]` with a path. */
export const openapi = z.preprocess((value) => (typeof value === 'string' ? { file: value } : value), fields);

export const OPENAPI_KEYS = Object.keys(fields.shape);
