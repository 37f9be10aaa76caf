import type { RunningSite } from './site.ts';
import type { Surface } from './surface.ts';
import type { LocalCore } from './testing.ts';

/** Where the cases play: a local Core, a site and a folder. */
export interface Stage extends AsyncDisposable {
  readonly core: LocalCore;
  readonly site: Omit<RunningSite, keyof AsyncDisposable | 'close'>;
  readonly http: Surface['http'];
  readonly disk: Pick<Surface, 'files' | 'filesSync' | 'execFileSync' | 'importForms' | 'exists' | 'readText' | 'writeText'>;
  /** A fresh folder, and what removes it. */
  openFolder(): { readonly folder: string; remove(): void };
}

export const STAGE_KEY = 'obx_test_conformance';
