/** The name that was probably meant by the word, for a "did you mean"; undefined where none is near. */
export function closestName<Name extends string>(word: string, names: readonly Name[]): Name | undefined {
  const meant = plain(word);
  let closest: Name | undefined;
  let least = Math.max(1, Math.floor(meant.length / 3)) + 1;
  for (const name of names) {
    const known = plain(name);
    const part = meant.length > 2 && (known.includes(meant) || meant.includes(known));
    const distance = meant === known ? 0 : part ? 1 + Math.abs(known.length - meant.length) / 100 : editDistance(meant, known);
    if (distance < least) [closest, least] = [name, distance];
  }
  return closest;
}

/** Case, `_` and `-` set aside (Python's options are snake_case); cut, since the distance takes the product of the lengths. */
function plain(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase().slice(0, 100);
}

/** Levenshtein's, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
