export type { Violation } from './contract/check.ts';
export type { Approval, ApprovalStatus } from './local-core/approvals.ts';
export type { CoreEvent, Payload } from './local-core/events.ts';
export type { Answer, AnyOf, Fault, Policy, Rule, When } from './local-core/policy.ts';
export { type LocalCore, type LocalCoreOptions, startLocalCore } from './local-core/start.ts';
export type { ApprovalMatch, WaitOptions } from './local-core/wait.ts';
