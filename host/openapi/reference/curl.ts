import type { MediaType, Method, OpenApiDocument, Operation, Parameter } from '../document.ts';
import type { SecurityScheme } from '../security.ts';
import { isObject } from '../walk.ts';
import { exampleOf, parameterExample } from './example.ts';

export interface Called {
  readonly document: OpenApiDocument;
  readonly method: Method;
  /** With the names of its parameters. */
  readonly path: string;
  readonly operation: Operation;
  readonly parameters: readonly Parameter[];
  readonly body: Readonly<Record<string, MediaType>>;
  /** The URL that paths go on. */
  readonly base: string;
}

const MAX_BODY = 2_000;

/** A line that calls an operation, for a shell: with what it has to have, and an example of its body. */
export function curlLine(called: Called): string {
  const { method, path, parameters, base } = called;
  const required = parameters.filter((each) => each.required === true);
  const of = (where: Parameter['in']) =>
    required.filter((each) => each.in === where).map((each) => [each.name, textOf(called, each)] as const);
  const filled = path.replace(/\{([^}]*)\}/g, (whole, name: string) => {
    const found = parameters.find((each) => each.in === 'path' && each.name === name);
    return found === undefined ? whole : encoded(textOf(called, found));
  });
  const query = of('query').map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  const cookies = of('cookie').map(([name, value]) => `${name}=${value}`);
  const url = quoted(base + filled + (query.length === 0 ? '' : `?${query.join('&')}`));
  const parts = [
    `curl ${method === 'get' ? '' : method === 'head' ? '--head ' : `-X ${method.toUpperCase()} `}${url}`,
    ...of('header').map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(cookies.length === 0 ? [] : [`-b ${quoted(cookies.join('; '))}`]),
    ...credentials(called),
    ...body(called),
  ];
  return parts.join(' \\\n  ');
}

function textOf({ document }: Called, parameter: Parameter): string {
  const value = parameterExample(document, parameter);
  return value === undefined || value === null || typeof value === 'object' ? parameter.name : String(value as string | number | boolean);
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What the first of the ways to be let in wants, by names of variables that whoever calls sets. */
function credentials({ document, operation }: Called): string[] {
  const [first = {}] = operation.security ?? document.security ?? [];
  return Object.keys(first).flatMap((name) => {
    const known = document.components?.securitySchemes;
    const scheme = known !== undefined && Object.hasOwn(known, name) ? known[name] : undefined;
    return isObject(scheme) ? credential(scheme as unknown as SecurityScheme) : [];
  });
}

function credential({ type, scheme, in: where, name = '' }: SecurityScheme): string[] {
  switch (type) {
    case 'http':
      return scheme?.toLowerCase() === 'basic' ? ['-u "$USER:$PASSWORD"'] : ['-H "Authorization: Bearer $TOKEN"'];
    case 'oauth2':
    case 'openIdConnect':
      return ['-H "Authorization: Bearer $TOKEN"'];
    case 'mutualTLS':
      return ['--cert "$CERTIFICATE"'];
    case 'apiKey':
      return where === 'cookie' ? [`-b ${withVariable(`${name}=`)}`] : where === 'header' ? [`-H ${withVariable(`${name}: `)}`] : [];
    default:
      return [];
  }
}

/** A word with a variable at its end. */
function withVariable(text: string): string {
  return /^[\w-]+(?:=|: )$/.test(text) ? `"${text}$KEY"` : `${quoted(text)}"$KEY"`;
}

function body({ document, body: content }: Called): string[] {
  const [type, media] = Object.entries(content).find(([name]) => /json/i.test(name)) ?? Object.entries(content)[0] ?? [];
  if (type === undefined || media === undefined) return [];
  if (type.startsWith('multipart/')) return [`-F ${quoted('name=@file')}`];
  const example = exampleOf(document, media, 'readOnly');
  const text = typeof example === 'string' && !/json/i.test(type) ? example : JSON.stringify(example);
  const short = text !== undefined && text.length <= MAX_BODY;
  return [`-H ${quoted(`content-type: ${type}`)}`, `-d ${short ? quoted(text) : '@body'}`];
}

/** As one word of a POSIX shell. Lines stay one line. */
function quoted(text: string): string {
  return `'${text.replace(/[\r\n]+/g, ' ').replaceAll("'", String.raw`'\''`)}'`;
}
