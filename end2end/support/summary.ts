// A last word after the tests: how many, how long, and where the pictures are.

import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

export default class Summary implements Reporter {
  private readonly outcomes = new Map<string, number>();
  private readonly secondChances: string[] = [];
  private slowest = { title: 'none', ms: 0 };

  onTestEnd(test: TestCase, result: TestResult) {
    this.outcomes.set(result.status, (this.outcomes.get(result.status) ?? 0) + 1);
    if (result.retry > 0 && result.status === test.expectedStatus) {
      this.secondChances.push(test.titlePath().slice(1).join(' › '));
    }
    if (result.duration > this.slowest.ms) {
      this.slowest = { title: test.titlePath().slice(1).join(' › '), ms: result.duration };
    }
  }

  onEnd(result: FullResult) {
    const counts = [...this.outcomes].map(([status, count]) => `${count} ${status}`).join(', ');
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    console.log(`\nbrowser tests: ${counts || 'none'} in ${seconds(result.duration)}`);
    for (const title of this.secondChances) {
      console.log(`passed only at the second try: ${title}`);
    }
    console.log(`slowest: ${this.slowest.title}, ${seconds(this.slowest.ms)}`);
    console.log('pictures: end2end/artefacts/screens');
  }
}
