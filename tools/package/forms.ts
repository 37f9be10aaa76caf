/** A module of a consumer that imports one entry in one form, and exports `value`, what it got there. */
export interface Form {
  readonly extension: 'mjs' | 'cjs';
  /** @param name an export of the entry; undefined where importing is all */
  code(specifier: string, name: string | undefined): string;
  /** Exports `url`, where the entry was found; the runtime's own resolution. */
  where?(specifier: string): string;
  /** Which copy of the package it takes. */
  readonly copy: 'dist' | 'dist/cjs';
}

const resolved = (specifier: string): string => `export const url = import.meta.resolve('${specifier}');`;
const required = (specifier: string): string => `exports.url = require('node:url').pathToFileURL(require.resolve('${specifier}')).href;`;
const of = (all: string, name: string | undefined): string => (name === undefined ? `typeof ${all}` : `${all}.${name}`);

/** Loads the CommonJS copy into an ESM file, as a loader does that knows no `import` condition. */
const copied = (specifier: string): string =>
  `import { createRequire } from 'node:module'; import { pathToFileURL } from 'node:url';
   export const url = pathToFileURL(createRequire(import.meta.url).resolve('${specifier}')).href;
   const all = await import(url);`;

/** Every way in which a consumer may write an import. */
export const FORMS: Readonly<Record<string, Form>> = {
  'import {}': {
    extension: 'mjs',
    copy: 'dist',
    code: (specifier, name) =>
      name === undefined ? `import '${specifier}'; export const value = true;` : `import { ${name} } from '${specifier}'; export const value = ${name};`,
    where: resolved,
  },
  'import *': {
    extension: 'mjs',
    copy: 'dist',
    code: (specifier, name) => `import * as all from '${specifier}'; export const value = ${of('all', name)};`,
    where: resolved,
  },
  'import()': {
    extension: 'mjs',
    copy: 'dist',
    code: (specifier, name) => `const all = await import('${specifier}'); export const value = ${of('all', name)};`,
    where: resolved,
  },
  'require()': {
    extension: 'cjs',
    copy: 'dist/cjs',
    code: (specifier, name) => `exports.value = ${of(`require('${specifier}')`, name)};`,
    where: required,
  },
  'import() in .cjs': {
    extension: 'cjs',
    copy: 'dist',
    code: (specifier, name) => `exports.value = import('${specifier}').then((all) => ${of('all', name)});`,
  },
  'import {} of .cjs': {
    extension: 'mjs',
    copy: 'dist/cjs',
    code: (specifier, name) => `${copied(specifier)} export const value = ${of('all', name)};`,
  },
  'import default of .cjs': {
    extension: 'mjs',
    copy: 'dist/cjs',
    code: (specifier, name) => `${copied(specifier)} export const value = ${of('all.default', name)};`,
  },
};

/** The forms that a bundler for the edge knows. */
export const BUNDLED_FORMS: readonly string[] = ['import {}', 'import *', 'import()', 'require()'];
