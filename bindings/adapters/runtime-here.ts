import { OpenBoxConfigError } from '../../core/index.ts';

export type Versions = Readonly<Record<string, string | undefined>>;

/** Runtimes that also claim to be Node. */
const OTHERS = ['bun', 'deno'] as const;

/** Which runtime this process is, whatever it claims beside. */
export function runtimeHere(versions: Versions = process.versions): 'node' | 'bun' | 'deno' {
  return OTHERS.find((other) => versions[other] !== undefined) ?? 'node';
}

/** Throws `OpenBoxConfigError` where a binding is started in a runtime that it is not for. */
export function refuseOtherRuntime(runtime: string, versions?: Versions): void {
  const here = runtimeHere(versions);
  if (here === runtime) return;
  throw new OpenBoxConfigError(
    `This is the binding for ${runtime} and the process is ${here}: import the package by its name alone, or "@openbox-ai/temporal-sdk/${here}"`,
  );
}
