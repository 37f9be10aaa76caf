/**
 * Whether a URL begins with one of the prefixes: the same origin, and the prefix's path ends where a segment of the
 * URL's path does. Compared as parsed, so that `http://host.evil`, `user@host` and `/v10` are no `http://host/v1`.
 */
export function hasPrefix(url: URL, prefixes: readonly string[]): boolean {
  return prefixes.some((text) => {
    const prefix = new URL(text);
    if (prefix.origin !== url.origin) return false;
    // A prefix with a query means that very path, and queries that begin with those parameters.
    if (prefix.search !== '') return url.pathname === prefix.pathname && `${url.search}&`.startsWith(`${prefix.search}&`);
    const folder = prefix.pathname.endsWith('/') ? prefix.pathname : `${prefix.pathname}/`;
    return url.pathname === prefix.pathname || url.pathname.startsWith(folder);
  });
}
