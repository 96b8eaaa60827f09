import { COMPONENT_KINDS, METHODS } from './document.ts';

/** The objects of OpenAPI 3.1, by the names of its section 4.8. */
export type Kind =
  | 'document'
  | 'info'
  | 'contact'
  | 'license'
  | 'server'
  | 'serverVariable'
  | 'components'
  | 'paths'
  | 'pathItem'
  | 'operation'
  | 'externalDocs'
  | 'parameter'
  | 'requestBody'
  | 'mediaType'
  | 'encoding'
  | 'responses'
  | 'response'
  | 'callback'
  | 'example'
  | 'link'
  | 'header'
  | 'tag'
  | 'schema'
  | 'discriminator'
  | 'securityScheme'
  | 'flows'
  | 'flow'
  | 'security';

export type Primitive = 'text' | 'flag' | 'number' | 'any';

/** What stands in a field. */
export type Shape = Primitive | Kind | { readonly list: Primitive | Kind; readonly least?: number } | { readonly map: Primitive | Kind };

export interface ObjectKind {
  /** How messages call one. */
  readonly name: string;
  readonly fields: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
  /** What all other fields are, as in a map; `any` where they may be there and mean nothing here; null where there are none. */
  readonly rest: Shape | null;
  /** Whether `{ $ref }` may stand in its place. */
  readonly referable?: true;
}

const described = { description: 'text' } as const;
const exemplified = { example: 'any', examples: { map: 'example' } } as const;

const ofHeader = {
  ...described,
  required: 'flag',
  deprecated: 'flag',
  allowEmptyValue: 'flag',
  style: 'text',
  explode: 'flag',
  allowReserved: 'flag',
  schema: 'schema',
  content: { map: 'mediaType' },
  ...exemplified,
} as const satisfies Record<string, Shape>;

const ofComponents = {
  schemas: 'schema',
  responses: 'response',
  parameters: 'parameter',
  examples: 'example',
  requestBodies: 'requestBody',
  headers: 'header',
  securitySchemes: 'securityScheme',
  links: 'link',
  callbacks: 'callback',
  pathItems: 'pathItem',
} as const satisfies Record<(typeof COMPONENT_KINDS)[number], Kind>;

/** Keywords of JSON Schema that have schemas in them, or that are to be of one type. */
const ofSchema: Readonly<Record<string, Shape>> = {
  $ref: 'text',
  title: 'text',
  ...described,
  format: 'text',
  enum: { list: 'any' },
  required: { list: 'text' },
  properties: { map: 'schema' },
  patternProperties: { map: 'schema' },
  additionalProperties: 'schema',
  unevaluatedProperties: 'schema',
  propertyNames: 'schema',
  items: 'schema',
  prefixItems: { list: 'schema', least: 1 },
  unevaluatedItems: 'schema',
  contains: 'schema',
  allOf: { list: 'schema', least: 1 },
  anyOf: { list: 'schema', least: 1 },
  oneOf: { list: 'schema', least: 1 },
  not: 'schema',
  if: 'schema',
  // oxlint-disable-next-line no-thenable -- a keyword, of nothing that is awaited
  then: 'schema',
  else: 'schema',
  dependentSchemas: { map: 'schema' },
  $defs: { map: 'schema' },
  pattern: 'text',
  deprecated: 'flag',
  readOnly: 'flag',
  writeOnly: 'flag',
  examples: { list: 'any' },
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
  minLength: 'number',
  maxLength: 'number',
  minItems: 'number',
  maxItems: 'number',
  minProperties: 'number',
  maxProperties: 'number',
  discriminator: 'discriminator',
  externalDocs: 'externalDocs',
};

function fixed(name: string, fields: ObjectKind['fields'], { required = [], referable = false }: Fixed = {}): ObjectKind {
  return { name, fields, required, rest: null, ...(referable && { referable: true as const }) };
}

interface Fixed {
  readonly required?: readonly string[];
  readonly referable?: boolean;
}

/** Every object, with what stands in its fields. Fields that begin with `x-` are nowhere in it: they may stand anywhere, and mean nothing here. */
export const OBJECTS: Readonly<Record<Kind, ObjectKind>> = {
  document: fixed(
    'an OpenAPI document',
    {
      openapi: 'text',
      info: 'info',
      jsonSchemaDialect: 'text',
      servers: { list: 'server' },
      paths: 'paths',
      webhooks: { map: 'pathItem' },
      components: 'components',
      security: { list: 'security' },
      tags: { list: 'tag' },
      externalDocs: 'externalDocs',
    },
    { required: ['openapi', 'info'] },
  ),
  info: fixed(
    'the info',
    { title: 'text', summary: 'text', ...described, termsOfService: 'text', contact: 'contact', license: 'license', version: 'text' },
    { required: ['title', 'version'] },
  ),
  contact: fixed('a contact', { name: 'text', url: 'text', email: 'text' }),
  license: fixed('a license', { name: 'text', identifier: 'text', url: 'text' }, { required: ['name'] }),
  server: fixed('a server', { url: 'text', ...described, variables: { map: 'serverVariable' } }, { required: ['url'] }),
  serverVariable: fixed(
    'a variable of a server',
    { enum: { list: 'text', least: 1 }, default: 'text', ...described },
    { required: ['default'] },
  ),
  components: fixed('the components', Object.fromEntries(COMPONENT_KINDS.map((kind) => [kind, { map: ofComponents[kind] }]))),
  paths: { name: 'the paths', fields: {}, required: [], rest: 'pathItem' },
  pathItem: fixed(
    'a path item',
    {
      $ref: 'text',
      summary: 'text',
      ...described,
      ...Object.fromEntries(METHODS.map((method) => [method, 'operation' as const])),
      servers: { list: 'server' },
      parameters: { list: 'parameter' },
    },
    // One of 3.1 may have a `$ref` and fields beside it.
    { referable: false },
  ),
  operation: fixed('an operation', {
    tags: { list: 'text' },
    summary: 'text',
    ...described,
    externalDocs: 'externalDocs',
    operationId: 'text',
    parameters: { list: 'parameter' },
    requestBody: 'requestBody',
    responses: 'responses',
    callbacks: { map: 'callback' },
    deprecated: 'flag',
    security: { list: 'security' },
    servers: { list: 'server' },
  }),
  externalDocs: fixed('a link to documentation', { ...described, url: 'text' }, { required: ['url'] }),
  parameter: fixed('a parameter', { name: 'text', in: 'text', ...ofHeader }, { required: ['name', 'in'], referable: true }),
  requestBody: fixed(
    'a request body',
    { ...described, content: { map: 'mediaType' }, required: 'flag' },
    { required: ['content'], referable: true },
  ),
  mediaType: fixed('a media type', { schema: 'schema', ...exemplified, encoding: { map: 'encoding' } }),
  encoding: fixed('an encoding', {
    contentType: 'text',
    headers: { map: 'header' },
    style: 'text',
    explode: 'flag',
    allowReserved: 'flag',
  }),
  responses: { name: 'the responses', fields: {}, required: [], rest: 'response' },
  response: fixed(
    'a response',
    { ...described, headers: { map: 'header' }, content: { map: 'mediaType' }, links: { map: 'link' } },
    { required: ['description'], referable: true },
  ),
  callback: { name: 'a callback', fields: {}, required: [], rest: 'pathItem', referable: true },
  example: fixed('an example', { summary: 'text', ...described, value: 'any', externalValue: 'text' }, { referable: true }),
  link: fixed(
    'a link',
    { operationRef: 'text', operationId: 'text', parameters: { map: 'any' }, requestBody: 'any', ...described, server: 'server' },
    { referable: true },
  ),
  header: fixed('a header', ofHeader, { referable: true }),
  tag: fixed('a tag', { name: 'text', ...described, externalDocs: 'externalDocs' }, { required: ['name'] }),
  schema: { name: 'a schema', fields: ofSchema, required: [], rest: 'any' },
  discriminator: fixed('a discriminator', { propertyName: 'text', mapping: { map: 'text' } }, { required: ['propertyName'] }),
  securityScheme: fixed(
    'a security scheme',
    {
      type: 'text',
      ...described,
      name: 'text',
      in: 'text',
      scheme: 'text',
      bearerFormat: 'text',
      flows: 'flows',
      openIdConnectUrl: 'text',
    },
    { required: ['type'], referable: true },
  ),
  flows: fixed('the flows', { implicit: 'flow', password: 'flow', clientCredentials: 'flow', authorizationCode: 'flow' }),
  flow: fixed(
    'a flow',
    { authorizationUrl: 'text', tokenUrl: 'text', refreshUrl: 'text', scopes: { map: 'text' } },
    { required: ['scopes'] },
  ),
  security: { name: 'a security requirement', fields: {}, required: [], rest: { list: 'text' } },
};
