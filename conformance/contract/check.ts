import { formatJson } from './json.ts';
import { isObject, type JsonObject, type Kind } from './kinds.ts';

/** One place where a request departs from the wire contract. */
export interface Violation {
  /** Where: `spans[0].end_time`, `headers.authorization`, `path`. */
  readonly field: string;
  /** What was expected, and what was found where that is no secret. */
  readonly problem: string;
}

/** What is wrong with a value of that kind; empty where it is fine. `at` is where the value stands, the root by default. */
export function check(kind: Kind, value: unknown, at: string = ''): Violation[] {
  if (!kind.accepts(value)) {
    const found = kind.secret ? '' : `, got ${describe(value)}`;
    return [{ field: at || 'body', problem: `Expected ${kind.expected}${found}` }];
  }
  if (isObject(value) && kind.fields) return checkObject(kind, value, at);
  if (Array.isArray(value) && kind.items) {
    const items = kind.items;
    return value.flatMap((item, index) => check(items, item, `${at}[${index}]`));
  }
  return [];
}

function checkObject(kind: Kind, value: JsonObject, at: string): Violation[] {
  const fields = kind.fields?.(value) ?? {};
  const path = (name: string): string => (at === '' ? name : `${at}.${name}`);
  const known = Object.entries(fields).flatMap(([name, field]) => {
    if (Object.hasOwn(value, name)) return check(field, value[name], path(name));
    return field.optional ? [] : [{ field: path(name), problem: `Missing; expected ${field.expected}` }];
  });
  const unknown = Object.keys(value).flatMap((name) =>
    kind.open || Object.hasOwn(fields, name)
      ? []
      : [{ field: path(name), problem: `Unknown field; known here: ${Object.keys(fields).join(', ')}` }],
  );
  const violations = [...known, ...unknown];
  // Relations compare fields, so they can rely on each being of its kind.
  if (violations.length > 0) return violations;
  return (kind.relations ?? [])
    .filter((relation) => !relation.holds(value))
    .map(({ field, problem }) => ({ field: path(field), problem }));
}

function describe(value: unknown): string {
  const written = value === undefined ? 'nothing' : formatJson(value);
  return written.length > 80 ? `${written.slice(0, 80)}…` : written;
}
