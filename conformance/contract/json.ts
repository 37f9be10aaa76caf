const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /[A-Za-z]+/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/**
 * Reads JSON more strictly than `JSON.parse`: integers beyond 2^53 become bigints instead of losing digits (Contract §3.1),
 * and a key that stands twice in one object is refused. Throws a SyntaxError.
 */
export function parseJson(text: string): unknown {
  let at = 0;
  const whole = read();
  if (at < text.length) throw unexpected();
  return whole;

  function read(): unknown {
    take(SPACE);
    const value = readValue();
    take(SPACE);
    return value;
  }

  function readValue(): unknown {
    const first = text[at];
    if (first === '{') return readObject();
    if (first === '[') return readArray();
    if (first === '"') return readText();
    const start = at;
    const number = take(NUMBER);
    if (number !== undefined) return toNumber(number[0], number[1] === undefined && number[2] === undefined);
    const word = take(WORD)?.[0] ?? '';
    if (!WORDS.has(word)) throw unexpected(start);
    return WORDS.get(word);
  }

  function readObject(): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    readItems('}', () => {
      take(SPACE);
      const key = readText();
      take(SPACE);
      expect(':');
      if (entries.has(key)) {
        throw new SyntaxError(`The key ${JSON.stringify(key)} stands twice in one object, before character ${at}`);
      }
      entries.set(key, read());
    });
    return Object.fromEntries(entries);
  }

  function readArray(): unknown[] {
    const items: unknown[] = [];
    readItems(']', () => items.push(read()));
    return items;
  }

  function readItems(end: string, readItem: () => void): void {
    at += 1;
    take(SPACE);
    if (text[at] !== end) {
      readItem();
      while (text[at] === ',') {
        at += 1;
        readItem();
      }
    }
    expect(end);
  }

  function readText(): string {
    const start = at;
    at = endOfText(text, at);
    return JSON.parse(text.slice(start, at)) as string;
  }

  function take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    at += found[0].length;
    return found;
  }

  function expect(character: string): void {
    if (text[at] !== character) throw unexpected();
    at += 1;
  }

  function unexpected(position: number = at): SyntaxError {
    const found = text.slice(position, position + 20);
    return new SyntaxError(
      found === '' ? 'Unexpected end of JSON' : `Unexpected ${JSON.stringify(found)} at character ${position}`,
    );
  }
}

/** Writes compact JSON: bigints as digits, undefined as `JSON.stringify` does it. */
export function formatJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${Array.from(value, formatJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${formatJson(field)}`).join()}}`;
}

/** Whether no white space stands between the tokens (Contract §2). */
export function isCompact(json: string): boolean {
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charAt(at);
    if (character === '"') at = endOfText(json, at) - 1;
    else if (' \t\n\r'.includes(character)) return false;
  }
  return true;
}

function endOfText(json: string, start: number): number {
  if (json[start] !== '"') throw new SyntaxError(`Expected a string at character ${start}`);
  for (let at = start + 1; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') return at + 1;
    if (character === '\\') at += 1;
  }
  throw new SyntaxError(`The string that begins at character ${start} does not end`);
}

function toNumber(digits: string, isInteger: boolean): number | bigint {
  const number = Number(digits);
  return isInteger && !Number.isSafeInteger(number) ? BigInt(digits) : number;
}
