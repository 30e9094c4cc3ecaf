import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame } from 'playwright-core';
import { expect } from 'vitest';
import type { Workbench } from './workbench';

interface AxeResult {
  readonly violations: readonly Violation[];
  /** Number of rules that applied and found nothing. */
  readonly passed: number;
}

/** A finding of axe, as far as it is shown here. */
interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds, in short. The page's own security policy stays as it is: this is not a script of the page. */
export async function violations(workbench: Workbench): Promise<readonly string[]> {
  const frame = await reportFrame(workbench);
  await frame.evaluate(AXE);
  const found = await frame.evaluate<AxeResult>(
    'axe.run(document.body).then(({ violations, passes }) => ({ violations, passed: passes.length }))',
  );
  expect(found.passed, 'rules that axe could apply').toBeGreaterThan(10);
  return found.violations.map(
    ({ id, impact, nodes }) =>
      `${id} (${String(impact)}): ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`).join('\n')}`,
  );
}

/** The page of the report, once it is shown. */
export async function reportFrame(workbench: Workbench): Promise<Frame> {
  const main = await workbench.webview().locator('main').elementHandle();
  const frame = await main.ownerFrame();
  if (!frame) throw new Error('The report is not shown.');
  return frame;
}
