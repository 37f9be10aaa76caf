/** Written where a credential stood (Contract §3.1). */
export const MASK = '[REDACTED]';

const CREDENTIAL = /auth|token|secret|key|cookie|credential|passw|connection[-_]?string/i;
const SIGNATURE = /signature/i;
const URL_HEADER = /^(?:location|content-location|referer|:path)$/i;

/** Whether a header, parameter or flag of this name holds a credential. */
export function isCredentialName(name: string): boolean {
  return CREDENTIAL.test(name);
}

/** A copy of the headers with `[REDACTED]` for the values of credential headers, and the URLs in others masked (Contract §3.1). */
export function maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      isCredentialName(name) ? MASK : URL_HEADER.test(name) ? maskUrl(value) : value,
    ]),
  );
}

// By pattern, since the text may be no URL that parses. As URL parsers do, it takes `\` for `/`, any number of
// slashes after a web scheme, and blanks in front.
const USERINFO = /^([\0-\x20]*(?:(?:https?|wss?|ftp):[\\/]*|[\\/]{2,}|[a-z][a-z\d+.-]*:\/\/))[^\\/?#]*@/i;

/** The URL with `[REDACTED]` for userinfo and for the values of credential parameters and signatures (Contract §3.1). */
export function maskUrl(url: string): string {
  // URL parsers drop tabs and line breaks wherever they stand, so they must not hide a name here.
  const text = url.replace(/[\t\n\r]/g, '').replace(USERINFO, `$1${MASK}@`);
  const path = /^[^?#]*/.exec(text)?.[0] ?? '';
  const parameters = text
    .slice(path.length)
    .replace(/([?&#])([^=&#?]*)=[^&#]*/g, (whole: string, before: string, name: string) => {
      const plain = decoded(name);
      return isCredentialName(plain) || SIGNATURE.test(plain) ? `${before}${name}=${MASK}` : whole;
    });
  return path + parameters;
}

/** Printable ASCII decoded: enough to read a name, and unlike decodeURIComponent it never throws. */
function decoded(name: string): string {
  return name.replace(/%([2-7][\da-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
