import { traced } from '@openbox-ai/temporal-sdk';

/** Stands for a model's SDK, which reaches the world by ways of its own. */
declare const model: { complete(prompt: string): Promise<string> };

export const summarise: (text: string) => Promise<string> = traced(async (text) => model.complete(`Summarise: ${text}`), {
  name: 'summarise',
  captureResult: false,
});
