import type { HeaderEditor } from './response.ts';

/** What a rule changes of a request's headers. */
export interface HeaderEdit {
  readonly name: string;
  /** null: the header goes. */
  readonly value: string | null;
  /** Whether the lines stay that are there. */
  readonly keep: boolean;
}

/** Makes the changes, one after the other. */
export function edit(headers: HeaderEditor, edits: readonly HeaderEdit[] = []): void {
  for (const { name, value, keep } of edits) {
    if (value === null) headers.delete(name);
    else if (keep) headers.append(name, value);
    else headers.set(name, value);
  }
}
