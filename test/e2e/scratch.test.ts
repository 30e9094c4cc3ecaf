import { it } from 'vitest';
import { setTimeout as delay } from 'node:timers/promises';
import { useEditor } from './support/editor';
const editor = useEditor();
it('scratch', async () => {
  await delay(20000);
  await editor().keepEvidence('scratch');
});
