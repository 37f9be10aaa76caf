/**
 * Can be ended by `await using`. It has that method where the consumer's own library of types knows `Symbol.asyncDispose`;
 * where it does not, our declarations compile all the same, without `lib: ["ESNext.Disposable"]` or the types of a runtime.
 */
export type AsyncEnd = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? { readonly [key in Key]: () => Promise<void> }
  : object;
