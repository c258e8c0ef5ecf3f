import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Leaves the counts of a run in a file of its own in the folder that `TEST_RESULTS` names. */
export default class ResultsReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const counts = { numPassedTests, numFailedTests, numRuntimeErrorTestSuites };
    writeFileSync(join(process.env.TEST_RESULTS, `${process.pid}.json`), JSON.stringify(counts));
  }
}
