/** A piece of SQL: what stands in quotes or in a comment is one. */
export interface Token {
  readonly type: 'space' | 'word' | 'parameter' | 'semicolon' | 'other';
  readonly text: string;
}

const SPACE = /[ \t\n\f\r]+|--[^\n]*|\/\*[^]*?(?:\*\/|$)/y;
/** Text, names in quotes, and numbers; what has no end goes to the end. */
const OTHER = /'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)|`[^`]*(?:``[^`]*)*(?:`|$)|\[[^\]]*(?:\]|$)|[0-9][\w.$]*/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
/** A dollar sign is for names of Tcl, with two colons and a part in brackets. */
const PARAMETER = /\?[0-9]*|[$@:#](?:::|[\w$\u0080-\uffff])*[\w$\u0080-\uffff](?:::)*(?:\([^)\s]*\))?/y;

/** The tokens of SQL as SQLite takes it apart, https://www.sqlite.org/lang.html; together they are the whole text. */
export function* tokensOf(sql: string): Generator<Token> {
  for (let at = 0; at < sql.length;) {
    const token = tokenAt(sql, at);
    yield token;
    at += token.text.length;
  }
}

function tokenAt(sql: string, at: number): Token {
  for (const [type, pattern] of [
    ['space', SPACE],
    ['word', WORD],
    ['other', OTHER],
    ['parameter', PARAMETER],
  ] as const) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { type, text };
  }
  const text = sql[at]!;
  return { type: text === ';' ? 'semicolon' : 'other', text };
}
