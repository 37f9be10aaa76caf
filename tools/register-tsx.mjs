// `--import tsx` does not register inside worker threads on Node 20: https://github.com/privatenumber/tsx/issues/354
import { register } from 'tsx/esm/api';

register();
