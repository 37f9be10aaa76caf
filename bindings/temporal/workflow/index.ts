/**
 * What workflow code may import of this package: nothing here touches the world.
 *
 * The interceptors themselves are not among it: the host tells by their text whether a bundle was made with them.
 *
 * @module
 */
export { FAILURE_TYPES, type FailureType, governanceFailureType } from './failure-types.ts';
