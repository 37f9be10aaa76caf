import { expect, test } from 'vitest';
import { sqlVerb, undoes } from './sql.ts';

test.each([
  ['SELECT 1', 'SELECT'],
  ['select now()', 'SELECT'],
  ['  \n\tInsert INTO t VALUES (1)', 'INSERT'],
  ['UPDATE t SET a = 1', 'UPDATE'],
  ['DELETE FROM t', 'DELETE'],
  ['CREATE TABLE t (a int)', 'CREATE'],
  ['DROP TABLE t', 'DROP'],
  ['ALTER TABLE t ADD b int', 'ALTER'],
  ['TRUNCATE t', 'TRUNCATE'],
  ['BEGIN', 'BEGIN'],
  ['COMMIT;', 'COMMIT'],
  ['ROLLBACK TO SAVEPOINT s', 'ROLLBACK'],
  ['EXPLAIN ANALYZE DELETE FROM t', 'EXPLAIN'],
  ['COPY t FROM STDIN', 'UNKNOWN'],
  ['SET search_path TO x', 'UNKNOWN'],
  ['SELECTED', 'UNKNOWN'],
  ['"select" 1', 'UNKNOWN'],
  ['', 'UNKNOWN'],
  [' -- nothing', 'UNKNOWN'],
  ['/* open', 'UNKNOWN'],
  [';; SELECT 1; DROP TABLE t', 'SELECT'],
  ['(SELECT 1) UNION (SELECT 2)', 'SELECT'],
])('the verb of %j is %s', (text, verb) => expect(sqlVerb(text)).toBe(verb));

test.each([
  ['-- DROP\nSELECT 1', 'SELECT'],
  ['--\n--\r\n/* INSERT */ UPDATE t SET a = 1', 'UPDATE'],
  ['/* a /* nested */ DROP */ DELETE FROM t', 'DELETE'],
  ['/**/SELECT/**/1', 'SELECT'],
])('comments before it are looked through: %j', (text, verb) => expect(sqlVerb(text)).toBe(verb));

test.each([
  ['WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a', 'INSERT'],
  ['WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT * FROM a', 'SELECT'],
  ['with a as (delete from t returning *), b as (select 1) update t set a = 1', 'UPDATE'],
  ['WITH update AS (SELECT 1), delete AS MATERIALIZED (SELECT 2) SELECT * FROM update', 'SELECT'],
  [`WITH a AS (SELECT ')' || ')' AS "(" /* ) */, $$)$$, $x$ ) $$ $x$, E'\\')') DELETE FROM t`, 'DELETE'],
  ['WITH a AS (SELECT 1) -- INSERT\n/* UPDATE */ DELETE FROM t', 'DELETE'],
  ['WITH a AS (SELECT 1) MERGE INTO t USING a ON true WHEN MATCHED THEN DO NOTHING', 'UNKNOWN'],
  ['WITH a AS (SELECT 1', 'UNKNOWN'],
])('WITH is looked through: %j', (text, verb) => expect(sqlVerb(text)).toBe(verb));

test('the time a text takes grows with its length, not faster: a square of these would not end', () => {
  const marks = Array.from({ length: 200_000 }, (_, i) => `$t${i}$`).join(' ');
  for (const text of ["'".repeat(1e6), '/*'.repeat(1e6), marks, "E'\\".repeat(1e6), '('.repeat(1e6)]) {
    expect(sqlVerb(text)).toBe('UNKNOWN');
    expect(sqlVerb(`WITH a AS (${text}`)).toBe('UNKNOWN');
  }
});

test.each(['ROLLBACK', ' rollback work ; ', 'ROLLBACK TO SAVEPOINT s', 'rollback to s', 'ABORT', 'ROLLBACK AND NO CHAIN'])('%j takes back', (text) =>
  expect(undoes(text)).toBe(true),
);

test.each(['ROLLBACK; DROP TABLE t', "ROLLBACK PREPARED 'x'", 'ROLLBACK AND CHAIN', 'COMMIT', '', 'ROLLBACK TO s; SELECT 1'])(
  '%j does more than to take back',
  (text) => expect(undoes(text)).toBe(false),
);
