import { describe, expect, it } from 'vitest';
import { drift, entrySources, openProgram, type Program, undocumented, withoutModuleComment } from './documented.ts';

const program = openProgram(entrySources);
const runtimes = ['node', 'bun', 'deno', 'edge'];
const indexes = runtimes.map((runtime) => `bindings/${runtime}/index.ts`);
const temporals = ['node', 'bun', 'deno'].map((runtime) => `bindings/${runtime}/temporal.ts`);
/** What the entry of one runtime has of its own. */
const own = /^(?:node|bun|deno|edge)Binding$/;

const inMemory = (files: Readonly<Record<string, string>>): Program => openProgram(Object.keys(files), files);

it('every entry is looked at', () => {
  expect(entrySources).toEqual(expect.arrayContaining([...indexes, ...temporals, 'core/index.ts']));
  expect(program.exportsOf('core/index.ts').size).toBeGreaterThan(50);
});

describe('every export says what it is', () => {
  it('in this repository', () => expect(undocumented(program, entrySources)).toEqual([]));

  it.each([
    ['a function', 'export function a(): void {}'],
    ['a type', 'export type a = string;'],
    ['one that is handed on', "export { a } from './b.ts';"],
    ['an empty comment', '/** */\nexport const a = 1;'],
    ['a comment of tags only', '/** @default 1 */\nexport const a = 1;'],
  ])('finds %s', (_, text) => {
    const files = { 'tools/a.ts': text, 'tools/b.ts': 'export const a = 1;' };
    expect(undocumented(inMemory(files), ['tools/a.ts'])).toEqual(['tools/a.ts exports a without a comment']);
  });

  it('follows what is handed on to its comment', () => {
    const files = { 'tools/a.ts': "export { b as a } from './b.ts';", 'tools/b.ts': '/** One. */\nexport const b = 1;' };
    expect(undocumented(inMemory(files), ['tools/a.ts'])).toEqual([]);
  });
});

describe('every entry says what it is', () => {
  it('in this repository', () => expect(withoutModuleComment(program, entrySources)).toEqual([]));

  it.each(['export const a = 1;', '/** A constant. */\nexport const a = 1;', 'export {};\n/** @module */'])('finds %s', (text) => {
    expect(withoutModuleComment(inMemory({ 'tools/a.ts': text }), ['tools/a.ts'])).toHaveLength(1);
  });
});

describe('the entries of all runtimes export the same', () => {
  it('without Temporal', () => expect(drift(program, indexes, own)).toEqual([]));
  it('with Temporal', () => expect(drift(program, temporals, own)).toEqual([]));

  it('finds what one lacks', () => {
    const files = { 'tools/a.ts': 'export const a = 1, c = 1;', 'tools/b.ts': 'export const c = 1, nodeBinding = 1;' };
    expect(drift(inMemory(files), ['tools/a.ts', 'tools/b.ts'], own)).toEqual(['tools/b.ts does not export a']);
  });
});
