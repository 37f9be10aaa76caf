import { maskKeys } from './secret.ts';

// Control characters, halves of surrogate pairs, and what reorders or hides text: a reason could forge a log line with them.
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text from outside, fit for a log line or a message: control characters escaped, cut to `max` characters with `…` (Contract §5). */
export function printable(text: unknown, max = 1000): string {
  let raw: string;
  try {
    raw = maskKeys(String(text));
  } catch {
    raw = '[Unreadable]';
  }
  const escaped = raw
    .slice(0, max + 1)
    .replace(UNPRINTABLE, (character) => SHORT[character] ?? `\\u${hex(character.codePointAt(0) ?? 0)}`);
  return escaped.length > max ? cut(escaped, max - 1, '…') : escaped;
}

/** The text, or its first `max` UTF-16 units and the suffix; never ends in half a surrogate pair. */
export function cut(text: string, max: number, suffix = ''): string {
  if (text.length <= max) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(max - 1)) ? max - 1 : max;
  return text.slice(0, Math.max(end, 0)) + suffix;
}

/** The first `max` bytes, a view of the same memory. */
export function cutBytes(bytes: Uint8Array, max: number): Uint8Array {
  return bytes.subarray(0, max);
}

/** The bytes as text, by the content type's charset or else UTF-8; a character cut off at the end is left out. */
export function decodeText(bytes: Uint8Array, contentType: string | null): string {
  const charset = /charset\s*=\s*["']?([^\s"';,]+)/i.exec(contentType ?? '')?.[1];
  // `stream` keeps an unfinished character back, where the end of the input would make it U+FFFD.
  return decoderFor(charset).decode(bytes, { stream: true });
}

function decoderFor(charset: string | undefined): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

const TEXT_TYPE =
  /^text\/|[/+.-](?:nd|x-)?json(?:[-.+\dlp]|$)|[/+]xml(?:-|$)|[/+-](?:java|ecma)script$|\/x-www-form-urlencoded$|event-stream$/;

/** Whether a body of this content type is captured; without a content type it is (Contract §3.1). */
export function isTextContent(contentType: string | null): boolean {
  const essence = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return essence === '' || TEXT_TYPE.test(essence);
}

function hex(code: number): string {
  return code > 0xffff ? `{${code.toString(16)}}` : code.toString(16).padStart(4, '0');
}
