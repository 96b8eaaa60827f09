import { constants } from 'node:sqlite';

/** What SQL of a function may do: what Durable Objects allow, and with them D1. Everything that is not named is refused. */
export class Authorizer {
  /** The host's own statements are allowed everything. */
  trusted = false;
  /** Why something was refused, where SQLite's words would not do. */
  reason: string | undefined;

  /** As `sqlite3_set_authorizer` calls it. https://www.sqlite.org/c3ref/c_alter_table.html */
  readonly decide = (action: number, first: string | null, second: string | null, database: string | null): number => {
    if (this.trusted) return constants.SQLITE_OK;
    if (action === constants.SQLITE_TRANSACTION || action === constants.SQLITE_SAVEPOINT) this.reason = TRANSACTIONS;
    return isAllowed(action, { first, second, database }) ? constants.SQLITE_OK : constants.SQLITE_DENY;
  };
}

/** The words of Workers, which people look up. */
const TRANSACTIONS =
  'To execute a transaction, please use the state.storage.transaction() or state.storage.transactionSync() APIs instead of the SQL ' +
  'BEGIN TRANSACTION or SAVEPOINT statements. The JavaScript API is safer because it will automatically roll back on exceptions, and ' +
  "because it interacts correctly with Durable Objects' automatic atomic write coalescing.";

interface Subject {
  readonly first: string | null;
  readonly second: string | null;
  readonly database: string | null;
}

function isAllowed(action: number, { first, second, database }: Subject): boolean {
  // Of this one, SQLite says the database first.
  if (action === constants.SQLITE_ALTER_TABLE) return first === 'main' && isOwn(second);
  if (database === 'temp') return (action === constants.SQLITE_READ || action === constants.SQLITE_UPDATE) && isOwn(first);
  if (database !== null && database !== 'main') return false;
  switch (action) {
    case constants.SQLITE_SELECT:
    case constants.SQLITE_RECURSIVE:
    case constants.SQLITE_ANALYZE:
      return true;
    case constants.SQLITE_CREATE_TABLE:
    case constants.SQLITE_DROP_TABLE:
    case constants.SQLITE_CREATE_VIEW:
    case constants.SQLITE_DROP_VIEW:
    case constants.SQLITE_INSERT:
    case constants.SQLITE_DELETE:
    case constants.SQLITE_REINDEX:
    case constants.SQLITE_READ:
    case constants.SQLITE_UPDATE:
      return isOwn(first);
    case constants.SQLITE_CREATE_INDEX:
    case constants.SQLITE_DROP_INDEX:
    case constants.SQLITE_CREATE_TRIGGER:
    case constants.SQLITE_DROP_TRIGGER:
      return isOwn(first) && isOwn(second);
    case constants.SQLITE_CREATE_VTABLE:
    case constants.SQLITE_DROP_VTABLE:
      return isOwn(first) && MODULES.has(second?.toLowerCase() ?? '');
    case constants.SQLITE_FUNCTION:
      return FUNCTIONS.has(second ?? '');
    case constants.SQLITE_PRAGMA:
      return isAllowedPragma(first ?? '', second);
    default:
      return false;
  }
}

/** Tables that SQLite itself would show, of how a file is laid out, count as the host's. */
function isOwn(name: string | null): boolean {
  return name !== null && !/^_cf_/i.test(name) && !/^(?:dbstat|sqlite_dbpage|sqlite_stmt|bytecode|tables_used)$/i.test(name);
}

function isAllowedPragma(name: string, value: string | null): boolean {
  switch (Object.hasOwn(PRAGMAS, name) ? PRAGMAS[name] : undefined) {
    case 'nothing':
      return value === null;
    case 'switch':
      return value === null || /^(['"]?)(?:true|false|yes|no|on|off|1|0)\1$/i.test(value);
    case 'name':
      return isOwn(value);
    case 'optional name':
      return value === null || isOwn(value);
    case 'number':
      return value === null || /^-?(?:\d+|0x[0-9a-f]+)$/i.test(value);
    case 'anything':
      return true;
    default:
      return false;
  }
}

type Takes = 'nothing' | 'switch' | 'name' | 'optional name' | 'number' | 'anything';

/** https://developers.cloudflare.com/d1/sql-api/sql-statements/#compatible-pragma-statements */
const PRAGMAS: Readonly<Record<string, Takes | undefined>> = {
  table_list: 'anything',
  table_info: 'name',
  table_xinfo: 'name',
  data_version: 'nothing',
  page_size: 'nothing',
  case_sensitive_like: 'switch',
  foreign_keys: 'switch',
  defer_foreign_keys: 'switch',
  ignore_check_constraints: 'switch',
  legacy_alter_table: 'switch',
  recursive_triggers: 'switch',
  reverse_unordered_selects: 'switch',
  foreign_key_check: 'optional name',
  foreign_key_list: 'name',
  index_info: 'name',
  index_list: 'name',
  index_xinfo: 'name',
  quick_check: 'optional name',
  optimize: 'number',
};

const MODULES: ReadonlySet<string> = new Set(['fts5', 'fts5vocab', 'rtree', 'rtree_i32']);

/** Those of SQLite, without `load_extension` and without those that tell of how it was built. */
// prettier-ignore
const FUNCTIONS: ReadonlySet<string> = new Set([
  // https://www.sqlite.org/lang_corefunc.html
  'abs', 'changes', 'char', 'coalesce', 'concat', 'concat_ws', 'format', 'glob', 'hex', 'ifnull', 'iif', 'instr', 'last_insert_rowid',
  'length', 'like', 'likelihood', 'likely', 'lower', 'ltrim', 'max', 'min', 'nullif', 'octet_length', 'printf', 'quote', 'random',
  'randomblob', 'replace', 'round', 'rtrim', 'sign', 'soundex', 'substr', 'substring', 'total_changes', 'trim', 'typeof', 'unhex',
  'unicode', 'unlikely', 'upper', 'zeroblob',
  // https://www.sqlite.org/lang_datefunc.html
  'date', 'time', 'datetime', 'julianday', 'unixepoch', 'strftime', 'timediff', 'current_date', 'current_time', 'current_timestamp',
  // https://www.sqlite.org/lang_aggfunc.html and https://www.sqlite.org/windowfunctions.html
  'avg', 'count', 'group_concat', 'string_agg', 'sum', 'total', 'row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist',
  'ntile', 'lag', 'lead', 'first_value', 'last_value', 'nth_value',
  // https://www.sqlite.org/lang_mathfunc.html
  'acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'ceil', 'cos', 'cosh', 'degrees', 'exp', 'floor', 'ln', 'log', 'log2',
  'mod', 'pi', 'pow', 'radians', 'sin', 'sinh', 'sqrt', 'tan', 'tanh', 'trunc',
  // https://www.sqlite.org/json1.html
  'json', 'jsonb', 'json_array', 'jsonb_array', 'json_array_length', 'json_extract', 'jsonb_extract', '->', '->>', 'json_insert',
  'jsonb_insert', 'json_object', 'jsonb_object', 'json_patch', 'jsonb_patch', 'json_remove', 'jsonb_remove', 'json_replace',
  'jsonb_replace', 'json_set', 'jsonb_set', 'json_type', 'json_valid', 'json_quote', 'json_group_array', 'jsonb_group_array',
  'json_group_object', 'jsonb_group_object', 'json_each', 'json_tree',
  // https://www.sqlite.org/fts5.html and https://www.sqlite.org/rtree.html
  'match', 'highlight', 'bm25', 'snippet', 'rtreecheck',
  // SQLite's own, in ALTER TABLE
  'sqlite_rename_column', 'sqlite_rename_table', 'sqlite_rename_test', 'sqlite_drop_column', 'sqlite_rename_quotefix',
]);
