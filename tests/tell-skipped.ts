// A vitest reporter that says at the end which tests were skipped, so that none is missed in silence.

import type { Reporter, TestModule } from 'vitest/node';

export default class TellSkipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    if (skipped.length === 0) return;
    console.log(`\n${skipped.length} skipped on this machine:`);
    for (const test of skipped) {
      const result = test.result();
      const why = result.state === 'skipped' && result.note ? `: ${result.note}` : '';
      console.log(`  ${test.module.relativeModuleId} > ${test.fullName}${why}`);
    }
  }
}
