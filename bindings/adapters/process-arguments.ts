import { isCredentialName, MASK, maskKeys, maskUrl } from '../../core/index.ts';

/** `--token value`: a flag whose value is the next argument. */
const FLAG = /^--?([^\s=]+)$/;
/** `--token=value`, `TOKEN=value`, `Authorization: value`: a name and its value in one argument. */
const NAMED = /^(-{0,2})([\w.-]+)(=|:(?!\/\/)\s*)(.+)$/s;

/** How deep a command line within a command line (`sh -c "sh -c '…'"`) is looked into. */
const DEPTH = 4;

/** A command's arguments with `[REDACTED]` for what follows a name of a credential, and for credentials in URLs. Contract §3.1. */
export function maskArguments(args: readonly string[], depth: number = DEPTH): string[] {
  let secret = false;
  return args.map((argument) => {
    const flag = FLAG.exec(argument)?.[1];
    // A value may look like anything but another long flag.
    const masked = secret && !argument.startsWith('--') ? MASK : maskOne(argument, depth);
    secret = flag !== undefined && masked !== MASK && isCredentialName(flag);
    return masked;
  });
}

function maskOne(argument: string, depth: number): string {
  const [, dashes, name, between, value = ''] = NAMED.exec(argument) ?? [];
  // `--header=Authorization: value` has a name within the value.
  if (name !== undefined && isCredentialName(name)) return `${dashes}${name}${between}${MASK}`;
  if (depth === 0) return maskUrls(argument);
  if (name !== undefined) return `${dashes}${name}${between}${maskOne(value, depth - 1)}`;
  return /\s/.test(argument) ? maskCommandLine(argument, depth - 1) : maskUrls(argument);
}

/** Words of a shell: quoted parts belong to theirs. */
const WORDS = /(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/gs;

/** The same for a command line that a shell will read; the text around the words stays. */
export function maskCommandLine(line: string, depth: number = DEPTH): string {
  const words = line.match(WORDS) ?? [];
  const masked = maskArguments(words.map(unquoted), depth);
  let at = 0;
  return line.replace(WORDS, (word) => {
    const shown = masked[at++];
    return shown === undefined || shown === unquoted(word) ? word : shown;
  });
}

function unquoted(word: string): string {
  // Escapes are passed over, or each of their quotes would be a beginning that is looked for an end of.
  return word.replace(/\\.|"((?:\\.|[^"\\])*)"|'([^']*)'/gs, (whole, double?: string, single?: string) => double ?? single ?? whole);
}

function maskUrls(text: string): string {
  // Without a limit of the scheme, long words would take time by the square of their length.
  return maskKeys(text.replace(/[a-z][a-z\d+.-]{0,30}:\/\/[^\s"'<>]+/gi, (url) => maskUrl(url)));
}
