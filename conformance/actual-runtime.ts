interface Globals {
  readonly Bun?: { readonly version: string };
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/** What this process says it is, whatever the runner that was started believes. */
export function actualRuntime(): { readonly actual: string; readonly version: string } {
  const { Bun, Deno, navigator, process } = globalThis as Globals;
  if (Bun !== undefined) return { actual: 'bun', version: Bun.version };
  if (Deno !== undefined) return { actual: 'deno', version: Deno.version.deno };
  if (navigator?.userAgent === 'Cloudflare-Workers') return { actual: 'workerd', version: navigator.userAgent };
  return { actual: 'node', version: process?.versions?.node ?? 'unknown' };
}
