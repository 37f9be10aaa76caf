import { describe, expect, it } from 'vitest';
import { isAbsolutePath, isMasked, isMaskedUrl } from './values.ts';

describe('isMasked', () => {
  it.each([
    'Authorization', 'x-api-key', 'Cookie', 'set-cookie', 'x-auth', 'x-csrf-token', 'client-secret', 'x-credential-id',
    'x-ms-connection-string',
  ])('%s carries a credential', (name) => {
    expect(isMasked(name)).toBe(true);
  });

  it.each(['accept', 'content-type', 'x-request-id', 'signature'])('%s carries none', (name) => {
    expect(isMasked(name)).toBe(false);
  });
});

describe('isMaskedUrl', () => {
  it.each([
    'https://a.example/',
    'https://a.example/?q=1&token=',
    'https://a.example/?access_token=[REDACTED]&X-Amz-Signature=%5BREDACTED%5D',
    'https://[REDACTED]:[REDACTED]@a.example/',
  ])('%s shows no credential', (url) => {
    expect(isMaskedUrl(new URL(url))).toBe(true);
  });

  it.each([
    'https://user@a.example/',
    'https://[REDACTED]:secret@a.example/',
    'https://a.example/?access_token=x',
    'https://a.example/?X-Amz-Signature=x',
    'https://a.example/?api_KEY=x',
    'https://a.example/?key=[REDACTED]&key=x',
  ])('%s shows one', (url) => {
    expect(isMaskedUrl(new URL(url))).toBe(false);
  });
});

describe('isAbsolutePath', () => {
  it.each(['/', '/srv/a b/c.txt', '/srv/..a', 'C:\\', 'C:\\srv\\a.txt', '\\\\host\\share\\a'])('%s is one', (path) => {
    expect(isAbsolutePath(path)).toBe(true);
  });

  it.each(['', 'a', './a', '/a/', '/a//b', '/a/./b', '/a/../b', '..', 'C:a', 'C:\\a\\..\\b', 'C:\\a/../b'])(
    '%j is none, or not normalised',
    (path) => {
      expect(isAbsolutePath(path)).toBe(false);
    },
  );
});
