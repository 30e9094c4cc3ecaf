import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../e2e/support/eventually';
import type { ExplainedRoute, Explanation } from '../../src/dispatch/explanation';
import { DEFAULT_RETRY_POLICY } from '../../src/shared/retryPolicy';
import { routeDocument } from '../../src/ui/routeText';

const ROUTE: ExplainedRoute = {
  ...{ ok: true, ref: { backend: 'ollama', provider: 'qwen', modelId: 'a|b_c' } },
  ...{ kind: 'ollama', hosted: false, host: 'http://127.0.0.1:11434', wireFormat: 'ollama' },
  ...{ toolFormat: 'none', thinking: { mode: 'enabled', budgetTokens: 512 }, contextTokens: 2_048 },
  provenance: {
    ...{ backend: 'operator_pin', provider: 'operator_pin', model: 'operator_pin' },
    ...{ wireFormat: 'catalog_default', thinking: 'pipeline_input', toolFormat: 'catalog_default' },
    contextTokens: 'inherited_from_primary',
  },
  retry: DEFAULT_RETRY_POLICY,
  breaker: 'closed',
};
const PLAIN: Explanation = { primary: ROUTE, runnersUp: [], escalation: null, warnings: [] };

describe('the page about a route', () => {
  it('has every field with its value and where it comes from, and reads no name as Markdown', () => {
    const page = routeDocument(PLAIN, undefined, null);
    assert.match(page, /^# Route of a call$/m);
    assert.match(page, /^\| Model \| a\\\|b\\_c \| your pick or setting \(`operator_pin`\) \|$/m);
    assert.match(page, /^\| Thinking \| on, at most 512 tokens \| the call itself \(`pipeline_input`\) \|$/m);
    assert.match(page, /^\| Context \| 2,048 tokens \| .*\(`inherited_from_primary`\) \|$/m);
    assert.match(page, /^- At most 3 times, for at most 60 s after the first time\\?\.$/m);
    assert.match(page, /^Nowhere: the setting modelPool\.route\.escalation names no other route\.$/m);
    assert.doesNotMatch(page, /Other models|To know/);
  });

  it('has the other models, the escalation and what to know, where there are any', () => {
    const page = routeDocument(
      {
        primary: ROUTE,
        runnersUp: [{ ref: { ...ROUTE.ref, modelId: 'other' }, why: '61.0 points for coding' }],
        escalation: { ...ROUTE, retry: { ...DEFAULT_RETRY_POLICY, maxAttempts: 1 } },
        warnings: ['Take care.'],
      },
      ROUTE.ref,
      null,
    );
    assert.match(page, /^1\. \*\*other\*\* \(ollama, qwen\): 61\.0 points for coding$/m);
    assert.match(page, /^- Take care\.$/m);
    assert.equal(page.match(/^\| Model \|/gm)?.length, 2);
    assert.match(page, /^Once: it is not tried again\.$/m);
  });

  it('says what an automatic pick means, where it is what counts', () => {
    const auto = { best: { task: 'coding' } } as const;
    assert.match(routeDocument(PLAIN, undefined, auto), /^Your pick is Auto: coding: the best installed/m);
    assert.doesNotMatch(routeDocument(PLAIN, ROUTE.ref, auto), /Your pick/);
    assert.doesNotMatch(routeDocument(PLAIN, undefined, ROUTE.ref), /Your pick/);
  });

  it('says why there is no route, and nothing of retries and escalations then', () => {
    const failure = { code: 'no_route', message: 'There is no model to ask.' } as const;
    const page = routeDocument(
      { ...PLAIN, primary: { ok: false, failure, ref: null, origin: 'unknown' } },
      undefined,
      null,
    );
    assert.match(page, /^\*\*It would fail\.\*\* There is no model to ask\.$/m);
    assert.doesNotMatch(page, /\||How often|after a failure/);
  });
});

describe('Explain Route', () => {
  it('opens a page that says what the next call would do', async () => {
    await vscode.commands.executeCommand('modelPool.explainRoute');
    await eventually('its tab', async () =>
      vscode.window.tabGroups.all.some(({ tabs }) =>
        tabs.some(({ label }) => label.includes('Route of the next call')),
      ),
    );
    const uri = vscode.Uri.from({ scheme: 'model-pool-route', path: '/Again.md', query: '{"at":1}' });
    const document = await vscode.workspace.openTextDocument(uri);
    assert.match(document.getText(), /^# Route of a call$/m);
  });
});
