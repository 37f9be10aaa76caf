import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import {
  ApprovalExpiredError,
  ApprovalPendingError,
  ApprovalRejectedError,
  ApprovalTimeoutError,
  GovernanceAPIError,
  GovernanceBlockedError,
  GovernanceHaltError,
  GovernanceTimeoutError,
  GuardrailsValidationError,
  OpenBoxAuthError,
  OpenBoxConfigError,
  type OpenBoxError,
} from '../../core/errors.ts';
import { toFailure } from './failures.ts';
import { governanceFailureType } from './workflow/failure-types.ts';

describe('our errors as failures', () => {
  test.each<[OpenBoxError, string, boolean]>([
    [new GovernanceBlockedError('Governance blocked: no'), 'GovernanceBlock', true],
    [new GovernanceHaltError('Governance HALT: no'), 'GovernanceHalt', true],
    [new GovernanceAPIError('unclear'), 'GovernanceAPIError', true],
    [new GovernanceTimeoutError('late'), 'GovernanceTimeout', false],
    [new GuardrailsValidationError('Guardrails validation failed: a', { reasons: ['a'] }), 'GuardrailsValidationFailed', true],
    [new ApprovalPendingError('Approval required: a', { pending: [] }), 'ApprovalPending', false],
    [new ApprovalExpiredError('late'), 'ApprovalExpired', true],
    [new ApprovalTimeoutError('later'), 'ApprovalExpired', true],
    [new ApprovalRejectedError('Activity rejected: a'), 'ApprovalRejected', true],
    [new OpenBoxAuthError('refused'), 'OpenBoxAuthError', false],
    [new OpenBoxConfigError('odd'), 'OpenBoxConfigError', true],
  ])('%s', (error, type, nonRetryable) => {
    const failure = toFailure(error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type, nonRetryable, message: error.message });
  });

  test('say why in plain data, and keep the cause', () => {
    const cause = new Error('below');
    const error = new GovernanceBlockedError('Governance blocked: no', {
      verdict: 'require_approval',
      reason: 'no',
      identifier: 'https://example.com/',
      policyId: 'pol-1',
      cause,
    });
    expect(toFailure(error)).toMatchObject({
      cause,
      details: [{ verdict: 'require_approval', reason: 'no', identifier: 'https://example.com/', policyId: 'pol-1' }],
    });
  });
});

test.each([new Error('own'), ApplicationFailure.nonRetryable('own', 'Own'), 'text', undefined])('%s of the user stays as it is', (error) => {
  expect(toFailure(error)).toBe(error);
});

describe('the type of a failure', () => {
  const wrapped = (type: string): Error => new Error('outer', { cause: new Error('middle', { cause: ApplicationFailure.nonRetryable('x', type) }) });

  test('is found along the causes', () => {
    expect(governanceFailureType(wrapped('GovernanceBlock'))).toBe('GovernanceBlock');
    expect(governanceFailureType(wrapped('SomethingElse'))).toBeUndefined();
  });

  test('is known by its old name', () => {
    expect(governanceFailureType(wrapped('GovernanceStop'))).toBe('GovernanceHalt');
  });

  test('is never read from the message (fault: failure-known-by-its-message)', () => {
    expect(governanceFailureType(ApplicationFailure.nonRetryable('GovernanceBlock', 'Own'))).toBeUndefined();
  });

  test('is looked for in a circle of causes only so long', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    expect(governanceFailureType(circle)).toBeUndefined();
  });
});
