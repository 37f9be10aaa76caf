import { createTraceInterceptor } from '@openbox-ai/temporal-sdk/temporal';
import { Client } from '@temporalio/client';

export const client: Client = new Client({ interceptors: { workflow: [createTraceInterceptor()] } });
