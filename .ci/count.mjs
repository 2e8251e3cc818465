// Prints `N passed, N failed` from vitest's JSON results, as the last line of .ci/run, and exits with 1 if anything failed.

import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
let passed = 0;
let failed = 0;
try {
  const results = JSON.parse(readFileSync(file, 'utf8'));
  passed = results.numPassedTests;
  failed = results.numFailedTests;
  // A file that cannot even be loaded has no tests to fail.
  failed += results.testResults.filter((one) => one.status === 'failed' && one.assertionResults.length === 0).length;
} catch (error) {
  console.error(`the tests left no results: ${error.message}`);
}
if (status !== '0' && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
