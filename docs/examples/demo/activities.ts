import { promises as fs } from 'node:fs';
import { traced } from '@openbox-ai/temporal-sdk';

export interface Customer {
  readonly name: string;
  readonly phone: string;
}

/** Stands for a call of a model: a function of one's own that shall be asked about. */
const summarise = traced(async (text: string) => `${text.split(' ').slice(0, 4).join(' ')} …`, {
  name: 'summarise',
  module: 'model',
});

/** Plain activities; nothing in them knows that they are governed. */
export const activities = {
  async fetchPage(url: string): Promise<string> {
    const response = await fetch(url);
    return response.text();
  },

  async summarisePage(text: string): Promise<string> {
    return summarise(text);
  },

  async writeReport(path: string, text: string): Promise<string> {
    await fs.writeFile(path, text);
    return fs.readFile(path, 'utf8');
  },

  /** Shows what reached it: the phone number is redacted before. */
  async contactCustomer(customer: Customer): Promise<Customer> {
    return customer;
  },

  async payInvoice(amount: number): Promise<string> {
    return `paid ${amount}`;
  },

  async deleteDatabase(): Promise<string> {
    return 'deleted';
  },
};
