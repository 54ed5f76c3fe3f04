/** How many random cases property tests try: fast-check's own number in `npm test`, many in the long forms. */
import * as fc from 'fast-check';

if (process.env.KUBELAB_LONG_TESTS === '1') fc.configureGlobal({ numRuns: 20_000, interruptAfterTimeLimit: 60_000 });
