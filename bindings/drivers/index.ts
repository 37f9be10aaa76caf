import { OpenBoxConfigError, type Wanted } from '../../core/index.ts';
import { type Driver, type DriverHost, wants } from './driver.ts';
import { pg } from './pg.ts';

type WantedDrivers = Pick<Wanted, 'instrumentDatabases' | 'dbLibraries' | 'databases'>;

/** Every driver that can be governed, by name. */
const DRIVERS: ReadonlyMap<string, Driver> = new Map([pg].map((driver) => [driver.name, driver]));

/** Hands over the named packages that are loaded, now or later; returns what ends that. */
export type OnLoaded = (names: Iterable<string>, found: (name: string, module: object) => void) => () => void;

/**
 * Governs the drivers that the option `databases` gives, and those that `onLoaded` finds. Returns what ends the finding.
 *
 * Throws `OpenBoxConfigError`, with all patches taken off, for a name that no driver has, there and in `dbLibraries`, and
 * for a module that is not the named driver.
 */
export function installDrivers(host: DriverHost, wanted: WantedDrivers, onLoaded: OnLoaded = () => () => undefined): () => void {
  try {
    installGiven(host, wanted);
  } catch (error) {
    host.patches.release();
    throw error;
  }
  const names = [...DRIVERS.keys()].filter((name) => wants(wanted, name));
  return onLoaded(names, (name, module) => void DRIVERS.get(name)?.install(host, module));
}

function installGiven(host: DriverHost, wanted: WantedDrivers): void {
  const { databases, dbLibraries = [] } = wanted;
  for (const name of dbLibraries) known('dbLibraries', name);
  for (const [name, module] of Object.entries(databases)) {
    const driver = known('databases', name);
    if (wants(wanted, name) && !driver.install(host, module)) {
      throw new OpenBoxConfigError(
        `Option databases has as "${name}" what is not that driver: expected its module, as in import ${name} from '${name}'`,
        { option: 'databases' },
      );
    }
  }
}

function known(option: string, name: string): Driver {
  const driver = DRIVERS.get(name);
  if (driver !== undefined) return driver;
  throw new OpenBoxConfigError(`Option ${option} names the driver "${name}": expected one of ${[...DRIVERS.keys()].join(', ')}; others are not governed yet`, {
    option,
  });
}
