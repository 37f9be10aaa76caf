/**
 * JSON with its keys in order and without spaces: two texts that say the same are the same then. Undefined for what is
 * no JSON, and for JSON that would not come back as it was (a key twice, digits that a number does not hold).
 */
export function canonicalJson(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
    if (JSON.stringify(value) !== text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')) return undefined;
    return JSON.stringify(value, sorted);
  } catch {
    // Also where it is nested too deeply.
    return undefined;
  }
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
