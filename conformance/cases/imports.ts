import assert from 'node:assert/strict';
import type { Case } from '../surface.ts';
import { steps } from './steps.ts';

export const importCases: readonly Case[] = [
  {
    id: 'with the preload every import form is governed, saved references too',
    proves: ['preload.import-forms'],
    async run({ start, importForms, folder, core, exists }) {
      await core.setRules([{ when: { hook_type: 'file_operation', stage: 'started' }, answer: { verdict: 'block', reason: 'no' } }]);
      for (const { form, writeFile } of importForms) {
        await using openbox = await start();
        const path = `${folder}/${importForms.findIndex((one) => one.form === form)}.txt`;
        const run = openbox.runWorkflow({ workflowType: 'Forms' }, [], ({ activity }) => activity('write', [], () => writeFile(path, form)));
        await assert.rejects(run, { code: 'OPENBOX_BLOCKED' }, form);
        assert.equal(exists(path), false, form);
      }
      const asked = steps(await core.asked()).filter((step) => step === 'file_operation/started');
      assert.equal(asked.length, importForms.length);
      assert.ok(asked.length > 0);
    },
  },
  {
    id: 'with the preload the report says that saved references are governed',
    proves: ['preload.import-forms'],
    async run({ start }) {
      await using openbox = await start();
      const row = openbox.coverageReport().find(({ route }) => route === 'saved references');
      assert.equal(row?.state, 'governed');
    },
  },
];
