/** What went wrong ('' where nothing did) by entry, form and runtime, in lines of the key. */
export type Matrix = Map<string, string>;

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** A table of forms by runtimes and entries: `+` where the import did what it should, `!` where not, nothing where it is not tried. */
export function drawMatrix(matrix: Matrix): string {
  const keys = [...matrix.keys()].map((key) => key.split('\n') as [string, string, string]);
  const [entries, forms, runtimes] = [0, 1, 2].map((index) => unique(keys.map((key) => key[index] ?? ''))) as [string[], string[], string[]];
  const columns = unique(runtimes);
  const width = Math.max(...entries.map((entry) => entry.length), 5);
  const lines = forms.flatMap((form) => [
    form,
    `  ${''.padEnd(width)}  ${columns.join('  ')}`,
    ...entries.map((entry) => {
      const marks = columns.map((runtime) => mark(matrix.get([entry, form, runtime].join('\n'))).padEnd(runtime.length));
      return `  ${entry.padEnd(width)}  ${marks.join('  ')}`.trimEnd();
    }),
  ]);
  return lines.join('\n');
}

const mark = (problem: string | undefined): string => (problem === undefined ? '' : problem === '' ? '+' : '!');

/** The imports that went wrong, each with why. */
export function problemsOf(matrix: Matrix): string[] {
  return [...matrix].filter(([, problem]) => problem !== '').map(([key, problem]) => `${key.replaceAll('\n', ', ')}: ${problem}`);
}
