import { expect, test } from 'vitest';
import { maskArguments, maskCommandLine } from './process-arguments.ts';

test.each<[string[], string[]]>([
  [['--token', 'abc', 'file'], ['--token', '[REDACTED]', 'file']],
  [['--token=abc'], ['--token=[REDACTED]']],
  [['--api-key', '-abc', '--verbose'], ['--api-key', '[REDACTED]', '--verbose']],
  [['--no-auth', '--output', 'x'], ['--no-auth', '--output', 'x']],
  [['--password', 'auth', 'x'], ['--password', '[REDACTED]', 'x']],
  [['-H', 'Authorization: Bearer abc', '-H', 'Accept: text/html'], ['-H', 'Authorization: [REDACTED]', '-H', 'Accept: text/html']],
  [['AWS_SECRET=abc', 'HOME=/root', 'run'], ['AWS_SECRET=[REDACTED]', 'HOME=/root', 'run']],
  [['https://me:pw@host/?sig=1&token=2'], ['https://[REDACTED]@host/?sig=1&token=[REDACTED]']],
  [['obx_live_abcdef'], ['obx_live_…']],
  [['multi\nline', '', '-'], ['multi\nline', '', '-']],
  [['--key'], ['--key']],
  [['--header=Authorization: Bearer abc'], ['--header=Authorization: [REDACTED]']],
  [['--url=https://me:pw@host/'], ['--url=https://[REDACTED]@host/']],
  [['sh', '-c', 'login --token abc && ls'], ['sh', '-c', 'login --token [REDACTED] && ls']],
  [['-c', `sh -c "curl -H 'Authorization: Bearer abc' host"`], ['-c', `sh -c curl -H Authorization: [REDACTED] host`]],
  [['-m', "don't say token a\\ b"], ['-m', "don't say token a\\ b"]],
])('%j is shown as %j', (args, shown) => {
  expect(maskArguments(args)).toEqual(shown);
});

test.each([
  ['git log  --oneline | head', 'git log  --oneline | head'],
  ['login --token abc --user me', 'login --token [REDACTED] --user me'],
  ["login --token 'a b c' ; ls", 'login --token [REDACTED] ; ls'],
  ['curl -H "Authorization: Bearer a b" https://me:pw@host/', 'curl -H Authorization: [REDACTED] https://[REDACTED]@host/'],
  ['PASSWORD="a b" run', 'PASSWORD=[REDACTED] run'],
  ['echo "unfinished', 'echo "unfinished'],
  ['', ''],
])('the command line %j is shown as %j', (line, shown) => {
  expect(maskCommandLine(line)).toBe(shown);
});

test.each([['a long word', 'a'.repeat(1_000_000)], ['names without end', 'a='.repeat(100_000)], ['escaped quotes', '\\"'.repeat(300_000)]])(
  'what has %s stays as it is, and masking it takes no time by the square of its length',
  (_, text) => {
    expect([maskArguments([text]), maskCommandLine(text)]).toEqual([[text], text]);
  },
);
