import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities.ts';

const { readPage } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

export async function agent(url: string): Promise<number> {
  return (await readPage(url)).length;
}
