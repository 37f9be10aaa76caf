type Environment = Readonly<Record<string, string | undefined>>;

/** A copy of the process's environment without these; undefined where the process may not read it. */
export function environmentWithout(env: () => Environment, ...names: readonly string[]): Record<string, string | undefined> | undefined {
  try {
    const given = env();
    const copy: Record<string, string | undefined> = {};
    // Inherited ones too, as a child gets them: `Object.create(process.env)` is an environment.
    for (const name in given) if (!names.includes(name)) copy[name] = given[name];
    return copy;
  } catch {
    return undefined;
  }
}
