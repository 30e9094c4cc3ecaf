import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSamplePages, type SamplePages } from '../../scripts/report/samplePages.mjs';
import { toolPath } from '../../scripts/setup/knownTools.mjs';
import { BEHAVIOURS } from '../fixtures/report/behaviours.mjs';

/** The packed page alone in a browser, with made-up messages of a host: what a reader does there, case by case. */
describe('the report page', () => {
  let pages: SamplePages;
  beforeAll(async () => {
    pages = await openSamplePages({ executablePath: toolPath('chromium') });
  });
  afterAll(() => pages.close());

  it.each(BEHAVIOURS)('$name', async (behaviour) => {
    await pages.behave(behaviour);
    expect(pages.faults.splice(0)).toEqual([]);
  });
});
