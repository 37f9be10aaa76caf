/** Why a recording, or one way of playing it, is not played. */
export type Reason = 'waits for the driver' | 'waits for the adapter' | 'no counterpart';

export interface NotRun {
  readonly scenario: string;
  /** The way that is not played, of a recording that is played in another. */
  readonly by?: string;
  readonly why: Reason;
  readonly what: string;
}

const db = (scenario: string, what: string): NotRun => ({ scenario, why: 'waits for the driver', what });
const descriptors = (scenario: string): NotRun => ({
  scenario,
  by: 'openSync',
  why: 'waits for the adapter',
  what: 'its handles by `openSync`, `readSync`, `writeSync` and `closeSync`; they are played by `fs.promises`',
});

/** What is not played. A recording stands here or is played; a test compares. */
export const NOT_RUN: readonly NotRun[] = [
  db('06_db_mysql_connector', 'MySQL'),
  db('06_db_pymysql', 'MySQL'),
  db('06_db_redis', 'Redis'),
  db('06_db_redis_async', 'Redis'),
  db('06_db_sqlite', 'SQLite'),
  { scenario: '06_db_sqlalchemy', why: 'no counterpart', what: 'a layer of Python above the drivers, at which Python asks four times' },
  ...['04_file_binary', '04_file_other', '04_file_text'].map(descriptors),
];
