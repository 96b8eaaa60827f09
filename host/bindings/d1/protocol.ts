/** What crosses the border of a cell as the body of a call, as JSON. */
export interface QueryRequest {
  readonly queries: readonly Query[];
}

export interface Query {
  readonly sql: string;
  /** In the order of the statement's parameters. Bytes are a list of numbers. */
  readonly params: readonly QueryValue[];
}

export type QueryValue = string | number | null | readonly number[];

/** The answer's body: a result for each query that has a statement in it. */
export interface QueryAnswer {
  readonly results: readonly QueryResult[];
  readonly bookmark: string;
}

export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly QueryValue[])[];
  readonly meta: QueryMeta;
}

/** Under D1's names. */
export interface QueryMeta {
  readonly served_by: string;
  readonly served_by_primary: boolean;
  readonly total_attempts: number;
  readonly timings: { readonly sql_duration_ms: number };
  readonly duration: number;
  readonly changes: number;
  readonly last_row_id: number;
  readonly changed_db: boolean;
  readonly size_after: number;
  readonly rows_read: number;
  readonly rows_written: number;
}

/** Bytes of a call's JSON, and about those of its answer. */
export const MAX_MESSAGE = 16 * 1024 * 1024;

/** Queries of one call: each takes its share of the transaction that they are. */
export const MAX_QUERIES = 10_000;

export const NO_STATEMENTS = 'No SQL statements detected.';
export const TOO_LARGE = `The queries have more than ${MAX_MESSAGE} bytes.`;
