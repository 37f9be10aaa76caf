type Environment = Readonly<Record<string, string | undefined>>;

/** A copy of the process's environment without these; undefined where the process may not read it. */
export function environmentWithout(env: () => Environment, ...names: readonly string[]): Record<string, string | undefined> | undefined {
  try {
    return Object.fromEntries(Object.entries(env()).filter(([name]) => !names.includes(name)));
  } catch {
    return undefined;
  }
}
