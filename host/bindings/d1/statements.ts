import { tokensOf } from './tokens.ts';

/**
 * SQL of any length as its statements, without the space and the comments around them. A trigger's statements are a part
 * of it, as in `sqlite3_complete`. https://www.sqlite.org/c3ref/complete.html
 */
export function statementsOf(sql: string): string[] {
  const statements: string[] = [];
  let text = '';
  let words: string[] = [];
  const end = () => {
    if (words.length > 0) statements.push(text.trim());
    text = '';
    words = [];
  };
  for (const { type, text: piece } of tokensOf(sql)) {
    // What stands before the first word belongs to none.
    if (type !== 'space' || words.length > 0) text += piece;
    if (type === 'semicolon') {
      const inTrigger = isTrigger(words) && !(words.at(-1) === 'END' && words.at(-2) === ';');
      if (!inTrigger) end();
      else words.push(';');
    } else if (type !== 'space') {
      words.push(piece.toUpperCase());
    }
  }
  end();
  return statements;
}

function isTrigger(words: readonly string[]): boolean {
  const [first, second, third] = words.filter((word) => !['EXPLAIN', 'QUERY', 'PLAN'].includes(word));
  return first === 'CREATE' && (second === 'TRIGGER' || ((second === 'TEMP' || second === 'TEMPORARY') && third === 'TRIGGER'));
}
