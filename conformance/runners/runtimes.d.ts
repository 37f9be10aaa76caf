// What the runners use of the runtimes' own test runners. Their whole types would bring a second set of globals.
declare module 'bun:test' {
  export function test(name: string, body: () => Promise<void>): void;
  export function afterAll(body: () => Promise<void>): void;
}

declare namespace Deno {
  const version: { readonly deno: string };
  const test: {
    (name: string, body: () => Promise<void>): void;
    afterAll(body: () => Promise<void>): void;
  };
}

declare namespace Bun {
  const version: string;
}
