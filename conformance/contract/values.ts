const CREDENTIAL = /auth|token|secret|key|cookie|credential|connection-string/i;
/** The mask as it is, and as a URL's userinfo writes it. */
const MASKS: ReadonlySet<string> = new Set(['[REDACTED]', '%5BREDACTED%5D']);

/** Whether a header of that name carries a credential (Contract §3.1). */
export function isMasked(name: string): boolean {
  return CREDENTIAL.test(name);
}

/** Whether a URL shows no credential, in its userinfo or its query (Contract §3.1). */
export function isMaskedUrl(url: URL): boolean {
  const hidden = [url.username, url.password].filter((part) => part !== '');
  for (const [name, value] of url.searchParams) {
    if (value !== '' && (CREDENTIAL.test(name) || /signature/i.test(name))) hidden.push(value);
  }
  return hidden.every((value) => MASKS.has(value));
}

/** Whether a path is absolute and normalised, as POSIX or Windows writes it. */
export function isAbsolutePath(path: string): boolean {
  const windows = /^(?:[A-Za-z]:|\\)\\/.exec(path);
  const root = windows?.[0] ?? (path.startsWith('/') ? '/' : undefined);
  if (root === undefined) return false;
  const rest = path.slice(root.length);
  return rest === '' || rest.split(windows ? /[\\/]/ : '/').every((segment) => !['', '.', '..'].includes(segment));
}
