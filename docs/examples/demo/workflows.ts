import { ActivityFailure, proxyActivities } from '@temporalio/workflow';
import type { activities, Customer } from './activities.ts';

const { fetchPage, summarisePage, writeReport, contactCustomer, payInvoice, deleteDatabase } = proxyActivities<typeof activities>({
  startToCloseTimeout: '1 minute',
});

export interface ResearchInput {
  readonly site: string;
  readonly reportPath: string;
  readonly customer: Customer;
}

export interface ResearchResult {
  readonly report: string;
  readonly contacted: Customer;
  readonly secrets: string;
  readonly payment: string;
}

/** A small agent: reads, thinks, writes, contacts, tries what it should not, and pays. */
export async function research({ site, reportPath, customer }: ResearchInput): Promise<ResearchResult> {
  const page = await fetchPage(`${site}/news`);
  const report = await writeReport(reportPath, await summarisePage(page));
  const contacted = await contactCustomer(customer);
  const secrets = await fetchPage(`${site}/internal/secrets`).catch((error: unknown) => {
    if (error instanceof ActivityFailure && error.cause !== undefined) return error.cause.message;
    throw error;
  });
  const payment = await payInvoice(950);
  return { report, contacted, secrets, payment };
}

/** An agent gone astray; it is terminated before it can. */
export async function runaway(): Promise<string> {
  return deleteDatabase();
}
