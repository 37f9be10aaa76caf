import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import * as errors from './errors.ts';

const samples: readonly errors.OpenBoxError[] = [
  new errors.OpenBoxConfigError('x', { option: 'openboxUrl' }),
  new errors.OpenBoxAuthError('x'),
  new errors.OpenBoxNetworkError('x'),
  new errors.OpenBoxInsecureURLError('x'),
  new errors.GovernanceBlockedError('x', { reason: 'no', identifier: 'https://a' }),
  new errors.GovernanceHaltError('x'),
  new errors.GovernanceAPIError('x'),
  new errors.GuardrailsValidationError('x', { reasons: ['a'] }),
  new errors.ApprovalPendingError('x', { pending: [] }),
  new errors.ApprovalExpiredError('x'),
  new errors.ApprovalRejectedError('x'),
  new errors.ApprovalMismatchError('x'),
  new errors.GovernanceTimeoutError('x'),
  new errors.ApprovalTimeoutError('x'),
];

test('every exported error class is among the samples, but for the abstract root', () => {
  const classes = Object.values(errors).filter((value) => typeof value === 'function');
  expect(samples.length).toBe(classes.length - 1);
});

test('codes are stable and unique', () => {
  expect(samples.map(({ code }) => code)).toMatchInlineSnapshot(`
    [
      "OPENBOX_CONFIG_INVALID",
      "OPENBOX_AUTH_FAILED",
      "OPENBOX_NETWORK_FAILED",
      "OPENBOX_URL_INSECURE",
      "OPENBOX_BLOCKED",
      "OPENBOX_HALTED",
      "OPENBOX_API_FAILED",
      "OPENBOX_GUARDRAILS_FAILED",
      "OPENBOX_APPROVAL_PENDING",
      "OPENBOX_APPROVAL_EXPIRED",
      "OPENBOX_APPROVAL_REJECTED",
      "OPENBOX_APPROVAL_MISMATCH",
      "OPENBOX_TIMED_OUT",
      "OPENBOX_APPROVAL_TIMED_OUT",
    ]
  `);
});

test('the family holds', () => {
  for (const error of samples) expect(error).toBeInstanceOf(errors.OpenBoxError);
  expect(new errors.OpenBoxAuthError('x')).toBeInstanceOf(errors.OpenBoxConfigError);
  expect(new errors.OpenBoxConfigError('x')).not.toBeInstanceOf(errors.OpenBoxAuthError);
  expect(new Error('x')).not.toBeInstanceOf(errors.OpenBoxError);
  expect(null).not.toBeInstanceOf(errors.OpenBoxError);
});

test('a subclass of a user is itself, not every error of its parent', () => {
  class Mine extends errors.GovernanceBlockedError {}
  expect(new Mine('x')).toBeInstanceOf(errors.GovernanceBlockedError);
  expect(new errors.GovernanceBlockedError('x')).not.toBeInstanceOf(Mine);
});

test('instanceof holds across two copies of the module', async () => {
  const copy = (await import(`${pathToFileURL(`${import.meta.dirname}/errors.ts`).href}?copy`)) as typeof errors;
  expect(copy.GovernanceHaltError).not.toBe(errors.GovernanceHaltError);
  expect(new copy.GovernanceHaltError('x')).toBeInstanceOf(errors.GovernanceHaltError);
  expect(new copy.GovernanceHaltError('x')).not.toBeInstanceOf(errors.GovernanceBlockedError);
});

test('name and cause are kept', () => {
  const cause = new Error('why');
  const error = new errors.GovernanceBlockedError('Governance blocked: no', { cause });
  expect(String(error)).toBe('GovernanceBlockedError: Governance blocked: no');
  expect(error.cause).toBe(cause);
});
