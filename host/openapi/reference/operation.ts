import type { MediaType, OpenApiDocument, Operation, Parameter, PathItem, Reference, RequestBody, ResponseObject } from '../document.ts';
import { resolved } from '../resolve.ts';
import { curlLine } from './curl.ts';
import { exampleOf, type Hidden } from './example.ts';
import type { Placed } from './groups.ts';
import { markup, type Html } from './html.ts';
import { inline, link, markdown } from './markdown.ts';
import { DEPRECATED, REQUIRED, schemaView, type Drawing } from './schema.ts';

export interface OperationDrawing extends Drawing {
  /** The URL that paths go on. */
  readonly base: string;
}

const MAX_EXAMPLE = 4_000;

export function operationView(placed: Placed, drawing: OperationDrawing): Html {
  const { method, path, item, operation } = placed;
  const { document, base } = drawing;
  const { summary, externalDocs, description = item.description } = operation;
  const parameters = parametersOf(document, item, operation);
  const body = operation.requestBody === undefined ? null : resolved<RequestBody>(document, operation.requestBody);
  const line = curlLine({ document, method, path, operation, parameters, body: body?.content ?? {}, base });
  return markup`${headingOf(placed)}${summary === undefined ? null : markup`<p class="summary">${inline(summary)}</p>`}${markdown(description)}${
    externalDocs === undefined ? null : markup`<p>${link(externalDocs.url, externalDocs.description ?? externalDocs.url)}</p>`
  }${securityView(document, operation)}
<pre class="curl"><code>${line}</code></pre>
${parametersView(parameters, drawing)}${body === null ? null : bodyView(body, drawing)}${responsesView(operation, drawing)}</article>
`;
}

/** What an operation begins with. */
export function headingOf({ id, method, path, operation: { deprecated } }: Placed): Html {
  return markup`<article id="${id}">
<h3><span class="method ${method}">${method}</span> <code class="path">${path}</code>${deprecated === true ? DEPRECATED : null}</h3>
`;
}

/** Those of the path, but for those that the operation has under the same name. */
function parametersOf(document: OpenApiDocument, item: PathItem, { parameters = [] }: Operation): Parameter[] {
  const all = new Map<string, Parameter>();
  for (const each of [...(item.parameters ?? []), ...parameters]) {
    const parameter = resolved<Parameter>(document, each as Parameter | Reference);
    all.set(`${parameter.in} ${parameter.name}`, parameter);
  }
  return [...all.values()];
}

function securityView(document: OpenApiDocument, { security = document.security ?? [] }: Operation): Html | null {
  if (security.length === 0) return null;
  const ways = security.map((each) => {
    const names = Object.entries(each).map(
      ([name, scopes]) => markup`<a href="#auth">${name}</a>${scopes.length === 0 ? null : ` (${scopes.join(', ')})`}`,
    );
    return names.length === 0 ? markup`nothing` : separated(names, ' and ');
  });
  return markup`<p class="security">Needs ${separated(ways, ' or ')}</p>`;
}

function parametersView(parameters: readonly Parameter[], drawing: Drawing): Html | null {
  if (parameters.length === 0) return null;
  const rows = parameters.map(({ name, in: where, required, deprecated, description, schema, content }) => {
    const shown = schema ?? Object.values(content ?? {})[0]?.schema;
    const marks = [required === true ? REQUIRED : null, deprecated === true ? DEPRECATED : null].filter((mark) => mark !== null);
    return markup`<dt><code>${name}</code> <span class="in">${where}</span>${marks}</dt>
<dd>${shown === undefined ? null : schemaView(shown, drawing)}${markdown(description)}</dd>
`;
  });
  return markup`<h4>Parameters</h4>
<dl class="fields">${rows}</dl>
`;
}

function bodyView({ description, required, content }: RequestBody, drawing: Drawing): Html {
  return markup`<h4>Body${required === true ? REQUIRED : null}</h4>
${markdown(description)}${contentView(content, drawing, 'readOnly')}`;
}

function responsesView({ responses = {} }: Operation, drawing: Drawing): Html | null {
  const shown = Object.entries(responses).filter(([status]) => !status.startsWith('x-'));
  if (shown.length === 0) return null;
  const views = shown.map(([status, given], index) => {
    const response = resolved<ResponseObject>(drawing.document, given);
    const title = markup`<code class="status s${status.charAt(0)}">${status}</code> ${inline(response.description)}`;
    const details = responseDetails(response, drawing);
    if (details === null) return markup`<p class="response">${title}</p>\n`;
    return markup`<details${index === 0 ? OPEN : null}><summary>${title}</summary>${details}</details>\n`;
  });
  return markup`<h4>Responses</h4>
${views}`;
}

export const OPEN = markup` open`;

function responseDetails({ headers = {}, content = {} }: ResponseObject, drawing: Drawing): Html | null {
  const names = Object.keys(headers).map((name) => markup`<code>${name}</code>`);
  if (names.length === 0 && Object.keys(content).length === 0) return null;
  return markup`${contentView(content, drawing, 'writeOnly')}${names.length === 0 ? null : markup`<p>Headers: ${separated(names, ', ')}</p>`}`;
}

/** What bodies of each type look like: those that have a name by an example, and a link to where it is shown, once for all. */
function contentView(content: Readonly<Record<string, MediaType>>, drawing: Drawing, hidden: Hidden): Html {
  const views = Object.entries(content).map(([type, media]) => {
    const example = exampleOf(drawing.document, media, hidden);
    const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2);
    const shown =
      text === undefined || text === '' || text.length > MAX_EXAMPLE ? null : markup`<pre class="example"><code>${text}</code></pre>`;
    const schema = media.schema === undefined ? null : schemaView(media.schema, drawing);
    return markup`<div class="content"><span class="media">${type}</span>${schema}${shown}</div>`;
  });
  return markup`${views}`;
}

function separated(parts: readonly Html[], separator: string): Html {
  return markup`${parts.map((part, index) => markup`${index === 0 ? null : separator}${part}`)}`;
}
