export interface Page {
  readonly title: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is to be said, as text. */
  readonly lines?: readonly string[];
  /** A form for a name and a password, with this name in it and these words on its button. */
  readonly form?: { readonly name: string; readonly button: string; readonly autocomplete: 'new-password' | 'current-password' };
}

/** No script, no frame around it, nothing of elsewhere: https://www.w3.org/TR/CSP3/ */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

export function page({ title, status = 200, headers = {}, lines = [], form }: Page): Response {
  const said = lines.map((line) => `<p>${escaped(line)}</p>`);
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<h1>${escaped(title)}</h1>
${[...said, ...(form ? [formOf(form)] : [])].join('\n')}
</html>
`;
  return new Response(html, { status, headers: { ...HEADERS, ...headers } });
}

/** It goes to the URL of its page. */
function formOf({ name, button, autocomplete }: NonNullable<Page['form']>): string {
  return `<form method="post">
<p><label>Name <input name="name" value="${escaped(name)}" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="${autocomplete}" required></label></p>
<p><button>${escaped(button)}</button></p>
</form>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
