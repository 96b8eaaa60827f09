import type { OpenApiDocument, OpenApiInfo, Schema } from '../document.ts';
import type { SecurityScheme } from '../security.ts';
import { resolved } from '../resolve.ts';
import { Html, markup } from './html.ts';
import { link, markdown } from './markdown.ts';
import { groupsOf, type Group, type Placed } from './groups.ts';
import { headingOf, OPEN, operationView, type OperationDrawing } from './operation.ts';
import { schemaView } from './schema.ts';
import { STYLE, STYLE_HASH } from './style.ts';

export interface ReferenceOptions {
  /** Of the page's own URL: its lines for a shell begin with it. */
  readonly origin: string;
}

/** Of a response with such a page: nothing is loaded, nothing is run, nobody frames it. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Characters of operations and schemas that are shown in full. */
const ROOM = 3_000_000;
const STEPS = 60_000;
/** Schemas that the contents do not show at once. */
const MANY = 40;

/** A document as a page for people: HTML that stands by itself, without scripts. What a document says is shown as text, whatever it is. */
export function referencePage(document: OpenApiDocument, { origin }: ReferenceOptions): string {
  const [server] = document.servers ?? [];
  const path = server?.url ?? '/';
  const base = (path.startsWith('/') ? origin + path : path).replace(/\/+$/, '');
  const drawing: OperationDrawing = { document, base, room: { left: ROOM }, steps: { left: STEPS } };
  const groups = groupsOf(document);
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, Schema>);
  const { title, version, summary, description } = document.info;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${contents(title, { groups, schemas })}<main id="top">
<header>
<h1>${title} <small>${version}</small></h1>
${summary === undefined ? null : markup`<p class="summary">${summary}</p>`}${markdown(description)}${factsView(document, base)}</header>
${authView(document)}${groups.map((group) => groupView(group, drawing))}${schemas.length === 0 ? null : schemasView(schemas, drawing)}</main>
</body>
</html>
`;
  return page.toString();
}

interface Contents {
  readonly groups: readonly Group[];
  readonly schemas: readonly (readonly [name: string, schema: Schema])[];
}

function contents(title: string, { groups, schemas }: Contents): Html {
  const lists = groups.map(({ name, operations }) => listed(name, operations.map(entry), true));
  const named = schemas.map(([name]) => markup`<li><a href="#schema-${name}">${name}</a></li>`);
  return markup`<nav aria-label="Contents">
<p class="name"><a href="#top">${title}</a></p>
${lists}${named.length === 0 ? null : listed('Schemas', named, named.length <= MANY)}</nav>
`;
}

function listed(name: string, entries: readonly Html[], open: boolean): Html {
  return markup`<details${open ? OPEN : null}><summary>${name}</summary><ul>${entries}</ul></details>\n`;
}

function entry({ id, method, path, operation: { summary = '' } }: Placed): Html {
  return markup`<li><a href="#${id}"><span class="method ${method}">${method}</span> ${summary === '' ? path : summary}</a></li>`;
}

function groupView({ name, description, operations }: Group, drawing: OperationDrawing): Html {
  return markup`<section>
<h2>${name}</h2>
${markdown(description)}${operations.map((operation) => shown(drawing, () => operationView(operation, drawing), headingOf(operation)))}</section>
`;
}

/** A part of a page, or its heading where there is no more room. */
function shown({ room }: OperationDrawing, view: () => Html, heading: Html): Html {
  if (room.left <= 0) return markup`${heading}<p>There is no room for more on this page.</p></article>\n`;
  const whole = view();
  room.left -= whole.length;
  return whole;
}

function factsView({ info, externalDocs }: OpenApiDocument, base: string): Html {
  const { contact, license, termsOfService } = info;
  const row = (name: string, value: Html) => markup`<dt>${name}</dt><dd>${value}</dd>`;
  const facts = [
    row('Server', markup`<code>${base}</code>`),
    contact && row('Contact', contactView(contact)),
    license && row('License', license.url === undefined ? markup`${license.name}` : link(license.url, license.name)),
    termsOfService === undefined ? null : row('Terms', link(termsOfService, termsOfService)),
    externalDocs && row('More', link(externalDocs.url, externalDocs.description ?? externalDocs.url)),
  ];
  return markup`<dl class="facts-of">${facts.filter((fact) => fact instanceof Html)}</dl>\n`;
}

function contactView({ name, url, email }: NonNullable<OpenApiInfo['contact']>): Html {
  const who = url === undefined ? markup`${name}` : link(url, name ?? url);
  return email === undefined ? who : markup`${who} ${link(`mailto:${email}`, email)}`;
}

function authView(document: OpenApiDocument): Html | null {
  const schemes = Object.entries((document.components?.securitySchemes ?? {}) as Record<string, SecurityScheme>);
  if (schemes.length === 0) return null;
  const rows = schemes.map(([name, given]) => {
    const scheme = resolved<SecurityScheme>(document, given);
    return markup`<dt><code>${name}</code></dt><dd>${wordsOf(scheme)}${markdown(scheme.description)}</dd>\n`;
  });
  return markup`<section id="auth">
<h2>Who may call</h2>
<dl class="fields">${rows}</dl>
</section>
`;
}

function wordsOf({ type, scheme = '', bearerFormat, in: where, name = '' }: SecurityScheme): string {
  switch (type) {
    case 'http':
      return `HTTP ${scheme}${bearerFormat === undefined ? '' : ` (${bearerFormat})`}, in Authorization`;
    case 'apiKey':
      return `the ${where ?? ''} ${name}`;
    case 'mutualTLS':
      return "the client's certificate";
    case 'oauth2':
      return 'OAuth 2.0';
    default:
      return 'OpenID Connect';
  }
}

function schemasView(schemas: Contents['schemas'], drawing: OperationDrawing): Html {
  const views = schemas.map(([name, schema]) => {
    const description = typeof schema === 'boolean' ? undefined : (schema['description'] as string | undefined);
    const heading = markup`<article class="schema-of" id="schema-${name}">
<h3><code>${name}</code></h3>
`;
    return shown(drawing, () => markup`${heading}${markdown(description)}${schemaView(schema, drawing)}</article>\n`, heading);
  });
  return markup`<section>
<h2>Schemas</h2>
${views}</section>
`;
}
