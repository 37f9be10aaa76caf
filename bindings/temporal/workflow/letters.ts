import type { Payload } from '@temporalio/common';
import type { WorkflowInternalsInterceptor } from '@temporalio/workflow';
import { isRecord } from '../../../core/is-record.ts';

type Activate = NonNullable<WorkflowInternalsInterceptor['activate']>;
/** What a worker is told to do in a workflow: a signal, an update, the end of an activity. */
export type Job = NonNullable<Parameters<Activate>[0]['activation']['jobs']>[number];
export type Signal = NonNullable<Job['signalWorkflow']>;

/** A signal with its payloads as they came, in a form that any payload converter takes. */
export interface Letter {
  readonly name: string;
  readonly args: readonly Plain[];
  readonly headers: Readonly<Record<string, Plain>>;
}

/** A payload, one character a byte. */
interface Plain {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data: string;
}

export function letterOf({ signalName, input, headers }: Signal): Letter {
  return { name: signalName ?? '', args: (input ?? []).map(plainOf), headers: mapped(headers ?? {}, plainOf) };
}

export function signalOf({ name, args, headers }: Letter): Signal {
  return { signalName: name, input: args.map(payloadOf), headers: mapped(headers, payloadOf) };
}

/** Whether a value has the form of one, whoever has written it. */
export function isLetter(value: unknown): value is Letter {
  return isRecord(value) && typeof value['name'] === 'string' && Array.isArray(value['args']) && value['args'].every(isPlain) && isRecord(value['headers']) && Object.values(value['headers']).every(isPlain);
}

const isPlain = (value: unknown): boolean => isRecord(value) && typeof value['data'] === 'string' && isRecord(value['metadata']) && Object.values(value['metadata']).every((text) => typeof text === 'string');

const plainOf = ({ metadata, data }: Payload): Plain => ({ metadata: mapped(metadata ?? {}, textOf), data: textOf(data) });
const payloadOf = ({ metadata, data }: Plain): Payload => ({ metadata: mapped(metadata, bytesOf), data: bytesOf(data) });

const textOf = (bytes: Uint8Array | null | undefined): string => Array.from(bytes ?? [], (byte) => String.fromCharCode(byte)).join('');
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function mapped<A, B>(map: Readonly<Record<string, A>>, of: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, of(value)]));
}
