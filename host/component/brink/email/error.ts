/** `error` of brink:email. */
export interface EmailError {
  readonly tag: 'invalid' | 'temporary' | 'permanent';
  readonly val: string;
}

const INVALID = new Set(['E_VALIDATION_ERROR', 'E_FIELD_MISSING', 'E_CONTENT_TOO_LARGE', 'E_TOO_MANY_RECIPIENTS']);

/** By the code that JavaScript would have. */
export function emailError(error: Error): EmailError {
  const code = String((error as { readonly code?: unknown }).code);
  if (INVALID.has(code) || error.name === 'TypeError') return { tag: 'invalid', val: error.message };
  // Without a code of its own the host could not be reached.
  return { tag: code === 'E_INTERNAL_SERVER_ERROR' || !code.startsWith('E_') ? 'temporary' : 'permanent', val: error.message };
}
