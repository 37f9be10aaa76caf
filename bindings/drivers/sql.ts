// Contract §3.1.
const VERBS: ReadonlySet<string> = new Set('SELECT INSERT UPDATE DELETE CREATE DROP ALTER TRUNCATE BEGIN COMMIT ROLLBACK EXPLAIN'.split(' '));

/** A comment (they nest), a text, a quoted name, a dollar-quoted text, a word, or any other character but whitespace; what is not closed goes to the end. */
const TOKEN =
  /--[^\n]*|\/\*|\b[eE]'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*(?:'|\\?$)|'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)|\$(\w*)\$[^]*?(?:\$\1\$|$)|[\p{L}_][\p{L}\p{N}_$]*|[^\s]/gu;

/** The text's verb by contract §3.1: that of its first statement, with comments and `WITH …` looked through; else `UNKNOWN`. */
export function sqlVerb(text: string): string {
  let depth = 0;
  let before = '';
  let inWith = false;
  for (const token of tokens(text)) {
    const word = token.toUpperCase();
    if (inWith) {
      // After WITH, RECURSIVE and a comma stands a name, which may look like a verb.
      const named = depth > 0 || /^(?:WITH|RECURSIVE|,)$/.test(before);
      if (!named && VERBS.has(word)) return word;
      if (word === '(') depth++;
      if (word === ')') depth--;
      if (word === ';' && depth === 0) break;
    } else if (word === 'WITH') {
      inWith = true;
    } else if (word !== '(' && word !== ';') {
      return VERBS.has(word) ? word : 'UNKNOWN';
    }
    before = word;
  }
  return 'UNKNOWN';
}

function* tokens(text: string): Generator<string> {
  const pattern = new RegExp(TOKEN);
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const [token] = found;
    if (token === '/*') pattern.lastIndex = commentEnd(text, pattern.lastIndex);
    else if (!token.startsWith('--')) yield token;
  }
}

/** Where a comment ends that is open at `from`. */
function commentEnd(text: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  for (let open = 1; open > 0; ) {
    const found = mark.exec(text);
    if (found === null) return text.length;
    open += found[0] === '/*' ? 1 : -1;
  }
  return mark.lastIndex;
}

const UNDOES = /^(?:ROLLBACK|ABORT)(?:\s+(?:WORK|TRANSACTION))?(?:\s+AND\s+NO\s+CHAIN|\s+TO\s+(?:SAVEPOINT\s+)?\w+)?\s*;?$/i;

/** Whether the text does nothing but take a transaction back, whole or to a savepoint. */
export function undoes(text: string): boolean {
  return UNDOES.test(text.trim());
}
