import type { OwnExport } from '../calls/exports.ts';
import { camelCase } from '../calls/labels.ts';
import { interfaceName } from '../describe/interface-name.ts';
import type { World } from '../link/link.ts';
import type { Signature } from '../plan.ts';
import { witDocs, type InterfaceDocs } from './docs.ts';
import { free, namedTypes, ownName } from './names.ts';
import { SchemaWriter, type Schema, type Types } from './schemas.ts';

export interface DescribedComponent {
  readonly world: World;
  readonly bytes: Uint8Array;
  /** Those that can be called. */
  readonly own: readonly OwnExport[];
  /** The function's name. */
  readonly title: string;
}

const OPENAPI = '3.1.1';

const PROBLEM: Schema = {
  type: 'object',
  description: 'Problem details, RFC 9457',
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Stable, for programs' },
    pointer: { type: 'string', description: 'Of `call-invalid`: where the parameters do not fit, RFC 6901' },
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
};

const PROBLEM_REF: Schema = { $ref: '#/components/schemas/Problem' };

/** The OpenAPI document of a component's own functions, as they are called over HTTP. The same component gives the same. */
export function openApiOf({ world, bytes, own, title }: DescribedComponent): Readonly<Record<string, unknown>> {
  const docs = witDocs(world, bytes);
  const writer = new SchemaWriter(typesOf(world, (label) => docs.of(label)));
  const taken = new Set<string>();
  const paths = own.map((each): [string, unknown] => {
    const label = ownName(each.interface);
    const { func } = docs.of(label);
    const operationId = free([camelCase(each.name), camelCase(`${label}-${each.name}`)], taken);
    const summary = func(each.name);
    return [
      each.path,
      {
        post: {
          operationId,
          ...(each.interface !== '' && { tags: [each.interface] }),
          ...(summary !== undefined && { description: summary }),
          ...operation(signatureOf(world, each), writer),
        },
      },
    ];
  });
  const interfaces = [...new Set(own.map((each) => each.interface))].filter((name) => name !== '');
  const tags = interfaces.map((name) => ({ name, ...about(docs.of(ownName(name)).docs) }));
  return {
    openapi: OPENAPI,
    info: { title, version: versionOf(interfaces) },
    ...(tags.length > 0 && { tags }),
    paths: Object.fromEntries(paths),
    components: {
      schemas: { ...writer.named, Problem: PROBLEM },
      responses: {
        CallInvalid: response('The parameters do not fit their types', PROBLEM_REF, 'application/problem+json'),
        Failed: response('The call could not be made, or its code failed', PROBLEM_REF, 'application/problem+json'),
      },
    },
  };
}

function operation({ params, result }: Signature, writer: SchemaWriter): object {
  const schema = writer.object(params);
  return {
    requestBody: { required: schema['required'] !== undefined, content: { 'application/json': { schema } } },
    responses: {
      ...outcomes(result, writer),
      400: { $ref: '#/components/responses/CallInvalid' },
      default: { $ref: '#/components/responses/Failed' },
    },
  };
}

/** A result at the top is whether the call has failed. */
function outcomes(result: number | null, writer: SchemaWriter): object {
  const sides = result === null ? null : writer.sidesOf(result);
  const ok = sides === null ? result : sides.ok;
  const returned = response('What it returns', ok === null ? { type: 'null' } : writer.schema(ok));
  if (sides === null) return { 200: returned };
  const error: Schema = sides.error === null ? { type: 'null' } : writer.schema(sides.error);
  const failed: Schema = { allOf: [PROBLEM_REF, { type: 'object', properties: { error }, required: ['error'] }] };
  return { 200: returned, 422: response('The error that it returns', failed, 'application/problem+json') };
}

function response(description: string, schema: Schema, type = 'application/json'): object {
  return { description, content: { [type]: { schema } } };
}

function about(description: string | undefined): object {
  return description === undefined ? {} : { description };
}

/** Of the package, where all are of one. */
function versionOf(interfaces: readonly string[]): string {
  const versions = new Set(interfaces.map((name) => interfaceName(name)?.version ?? null));
  const [only] = versions;
  return versions.size === 1 && only !== null && only !== undefined ? only : '0.0.0';
}

function signatureOf({ context, exports }: World, { interface: full, name }: OwnExport): Signature {
  const home = full === '' ? null : exports.get(full);
  const item = (home?.sort === 'instance' ? home.exports : exports).get(name);
  if (item?.sort !== 'func') throw new TypeError(`${full} exports no function ${name}.`);
  return context.pool.signature(item.signature);
}

function typesOf(world: World, docs: (interfaceLabel: string) => InterfaceDocs): Types {
  const named = namedTypes(world);
  return {
    type: (index) => world.context.pool.info(index).type,
    nameOf: (index) => named.get(index)?.name ?? null,
    docsOf(index, item) {
      const of = named.get(index);
      if (of === undefined) return undefined;
      const found = docs(of.interface);
      return item === undefined ? found.type(of.label) : found.item(of.label, item);
    },
  };
}
