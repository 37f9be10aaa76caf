import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { GovernanceBlockedError, isInstalled } from '../../core/index.ts';
import { createWorld, type World } from './test-support.ts';
import { createPatches, type Patch } from './wrap.ts';

const patchOf = (target: object, more: Partial<Patch> = {}): Patch => ({
  route: 'thing.read',
  target,
  name: 'read',
  governed: async ({ args, original }) => `governed ${String(await original(...args))}`,
  ...more,
});

function thing(): { read(...args: unknown[]): unknown; here: string } {
  return {
    here: 'thing',
    read(...args) {
      return `${this.here}:${args.join()}`;
    },
  };
}

const patches = ({ slot, gate }: World) => createPatches(slot.installed, gate);

describe('a patched function', () => {
  test('is governed inside an activity and the original outside of one', async () => {
    const world = createWorld();
    const target = thing();
    patches(world).add(patchOf(target));
    expect(target.read(1, 2)).toBe('thing:1,2');
    expect(await world.activity(async () => target.read(1, 2))).toBe('governed thing:1,2');
    expect(target.read()).toBe('thing:');
  });

  test('outside an activity hands through the very result, whatever it is', () => {
    const world = createWorld();
    const result = new Proxy({}, {});
    const target = { read: () => result };
    patches(world).add(patchOf(target));
    expect(target.read()).toBe(result);
  });

  test('gives the original the same this and arguments', () => {
    const world = createWorld();
    const target = {
      read(...args: unknown[]): unknown {
        return [this, args];
      },
    };
    patches(world).add(patchOf(target));
    const self = {};
    expect(Reflect.apply(target.read, self, [1, self])).toEqual([self, [1, self]]);
    expect((Reflect.apply(target.read, self, []) as [unknown])[0]).toBe(self);
  });

  test('keeps name, length, own properties, prototype and enumerability', () => {
    const world = createWorld();
    const original = Object.assign(
      async function readAll(_a: unknown, _b: unknown): Promise<void> {},
      { native: 1, [promisify.custom]: () => 'promisified' },
    );
    const target = Object.defineProperty({} as { read: typeof original }, 'read', {
      value: original,
      enumerable: false,
      configurable: true,
      writable: true,
    });
    patches(world).add(patchOf(target));
    expect(target.read).not.toBe(original);
    expect([target.read.name, target.read.length, target.read.native]).toEqual(['readAll', 2, 1]);
    expect(target.read[promisify.custom]).toBe(original[promisify.custom]);
    expect(Object.getPrototypeOf(target.read)).toBe(Object.getPrototypeOf(original));
    expect(Object.getOwnPropertyDescriptor(target, 'read')).toMatchObject({ enumerable: false, configurable: true, writable: true });
  });

  test('rejects where calls that belong to no activity are denied', async () => {
    const world = createWorld(undefined, { unattributed: 'deny' });
    const target = { read: async () => 'read' };
    patches(world).add(patchOf(target));
    await world.activity(async () => {
      const call = world.governor.scopes.storage.run(undefined, () => target.read());
      await expect(call).rejects.toThrow(GovernanceBlockedError);
    });
    expect(await target.read()).toBe('read');
  });
});

test('a watched function has all its calls looked at, inside an activity or not, until it is given back', async () => {
  const world = createWorld(undefined, { unattributed: 'deny' });
  const target = thing();
  const own = patches(world);
  const every = (original: (...args: never[]) => unknown, self: unknown, args: ArrayLike<unknown>): unknown =>
    `seen ${String(Reflect.apply(original, self, args))}`;
  own.add({ route: 'thing.read', target, name: 'read', every });
  const { read } = target;
  expect(target.read(1)).toBe('seen thing:1');
  expect(await world.activity(async () => target.read(2))).toBe('seen thing:2');
  own.release();
  expect(Reflect.apply(read, target, [3])).toBe('thing:3');
});

describe('users', () => {
  test('two share one patch, and the last one takes it off', async () => {
    const world = createWorld();
    const target = thing();
    const original = target.read;
    const [first, second] = [patches(world), patches(world)];
    expect([first.add(patchOf(target)), second.add(patchOf(target))]).toEqual([true, true]);
    const patched = target.read;
    expect(await world.activity(async () => target.read())).toBe('governed thing:');
    first.release();
    expect(target.read).toBe(patched);
    expect(world.slot.installed.get('thing.read')?.get(target)?.users).toBe(1);
    second.release();
    expect(target.read).toBe(original);
    expect(world.slot.installed.get('thing.read')?.get(target)?.users).toBe(0);
  });

  test('two targets of one route have a patch each', () => {
    const world = createWorld();
    const [one, two] = [thing(), thing()];
    const { read } = one;
    const own = patches(world);
    for (const target of [one, two]) own.add(patchOf(target));
    expect([one.read, two.read]).not.toContain(read);
    own.release();
    expect([one.read === read, isInstalled(world.slot, 'thing.read')]).toEqual([true, false]);
  });

  test('adding and releasing twice counts once', () => {
    const world = createWorld();
    const target = thing();
    const original = target.read;
    const [own, other] = [patches(world), patches(world)];
    own.add(patchOf(target));
    own.add(patchOf(target));
    other.add(patchOf(target));
    own.release();
    own.release();
    expect(target.read).not.toBe(original);
    other.release();
    expect(target.read).toBe(original);
  });
});

describe('taken off and put on again', () => {
  test('is the same function: what has taken it by name is governed again', async () => {
    const world = createWorld();
    const target = thing();
    const first = patches(world);
    first.add(patchOf(target));
    const taken = target.read.bind(target);
    first.release();
    expect(await world.activity(async () => taken())).toBe('thing:');
    const again = patches(world);
    again.add(patchOf(target));
    expect(await world.activity(async () => taken())).toBe('governed thing:');
    again.release();
  });

  test('is another where something else stands there by now', async () => {
    const world = createWorld();
    const target = thing();
    const first = patches(world);
    first.add(patchOf(target));
    first.release();
    target.read = () => 'theirs';
    const again = patches(world);
    again.add(patchOf(target));
    expect(await world.activity(async () => target.read())).toBe('governed theirs');
    again.release();
    expect(target.read()).toBe('theirs');
  });
});

describe('restoring', () => {
  test('leaves what others have put on top, and lets everything through below it', async () => {
    const world = createWorld();
    const target = thing();
    const own = patches(world);
    own.add(patchOf(target));
    const ours = target.read;
    const theirs = (...args: unknown[]): unknown => Reflect.apply(ours, target, args);
    target.read = theirs;
    own.release();
    expect(target.read).toBe(theirs);
    expect(await world.activity(async () => target.read(1))).toBe('thing:1');
    const again = patches(world);
    expect(again.add(patchOf(target))).toBe(true);
    expect(await world.activity(async () => target.read(1))).toBe('governed thing:1');
    again.release();
    expect(target.read).toBe(theirs);
  });

  test('brings back a getter, and leaves nothing on an object that inherited the function', () => {
    const world = createWorld();
    const lazy = { get read() { return () => 'lazy'; } };
    const heir = Object.create({ read: () => 'inherited' }) as { read(): string };
    const own = patches(world);
    own.add(patchOf(lazy));
    own.add(patchOf(heir, { route: 'heir.read' }));
    expect([lazy.read(), heir.read(), Object.hasOwn(heir, 'read')]).toEqual(['lazy', 'inherited', true]);
    own.release();
    expect(Object.getOwnPropertyDescriptor(lazy, 'read')?.get).toBeTypeOf('function');
    expect(Object.hasOwn(heir, 'read')).toBe(false);
  });
});

test.each([
  ['frozen', Object.freeze(thing())],
  ['absent', {}],
  ['no function', { read: 'text' }],
  ['a getter that throws', Object.defineProperty({}, 'read', { get: () => { throw new Error('no'); } })],
])('what cannot be patched is not installed, and does not throw: %s', (_, target) => {
  const world = createWorld();
  const own = patches(world);
  expect(own.add(patchOf(target))).toBe(false);
  expect(world.slot.installed.has('thing.read')).toBe(false);
  own.release();
});
