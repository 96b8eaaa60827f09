import { z } from 'zod';
import { BrinkError } from '../../errors.ts';
import { list } from '../manifest-fields.ts';
import { invalidManifest, unreadManifest } from '../manifest-errors.ts';
import { jsonProblem } from '../manifest-json.ts';
import { gatewayBlock, type GatewayBlock } from './schema.ts';

const PLACE = 'Gateway rules';

const blocks = z.object({ gateway: list(gatewayBlock) });

/**
 * Blocks that stand in no manifest, written as they are there.
 *
 * @throws {BrinkError} `manifest-invalid`, `manifest-unknown-key`, with a JSON Pointer (RFC 6901) to what is wrong
 */
export function parseBlocks(gateway: unknown): readonly GatewayBlock[] {
  const notJson = jsonProblem(gateway);
  if (notJson !== null) throw invalidManifest(`gateway${notJson.path}`, notJson.why, PLACE);
  const parsed = blocks.safeParse({ gateway });
  if (!parsed.success) throw pointed(parsed.error.issues);
  const made = JSON.parse(JSON.stringify(parsed.data.gateway)) as GatewayBlock[];
  for (const [index, { policy }] of made.entries()) if (policy) throw alone(index, 'policy', 'a policy');
  return made;
}

function pointed(issues: readonly z.core.$ZodIssue[]): BrinkError {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
  return withPointer(unreadManifest(issues, PLACE), pointerOf(path));
}

/** There is no file. */
function withPointer({ code, message, details: { file: _file, ...details } = {} }: BrinkError, pointer: string): BrinkError {
  return new BrinkError(code, message, { details: { ...details, pointer } });
}

/** RFC 6901, section 3. */
function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** What is a file of a version cannot be asked where there is no version. */
function alone(index: number, rule: string, what: string): BrinkError {
  const why = `names ${what}, which is a file of a version: write it in the function's brink.toml`;
  return withPointer(invalidManifest(`gateway[${index}].${rule}`, why, PLACE), `/gateway/${index}/${rule}`);
}
