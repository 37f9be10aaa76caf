import { expect, test } from 'vitest';
import { createLanes } from './lanes.ts';

test('whoever leaves early holds up nobody, and lets nobody pass whoever is still there', async () => {
  const lanes = createLanes();
  const connection = {};
  const went: string[] = [];
  const places = ['first', 'refused', 'last'].map((name) => {
    const place = lanes.enter(connection);
    return { ...place, gone: place.turn.then(() => went.push(name)) };
  });
  const [first, refused, last] = places;
  refused?.leave();
  await first?.gone;
  expect(went).toEqual(['first']);
  first?.leave();
  await Promise.all([refused?.gone, last?.gone]);
  expect(went).toEqual(['first', 'refused', 'last']);
});

test('a lane is free again once everybody has left, and knows nothing of others', async () => {
  const lanes = createLanes();
  const connection = {};
  expect(lanes.isFree(connection)).toBe(true);
  const one = lanes.enter(connection);
  const other = lanes.enter(connection);
  expect([lanes.isFree(connection), lanes.isFree({})]).toEqual([false, true]);
  one.leave();
  await other.turn;
  expect(lanes.isFree(connection)).toBe(false);
  const behind = lanes.enter(connection);
  other.leave();
  behind.leave();
  await lanes.enter(connection).turn;
  expect(lanes.isFree(connection)).toBe(false);
});
