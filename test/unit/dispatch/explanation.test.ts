import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackendConfig, BackendKind } from '../../../src/backends/contract';
import type { ChatRequest } from '../../../src/dispatch/chat';
import { Dispatcher } from '../../../src/dispatch/dispatcher';
import type { ExplainedResolution, ExplainedRoute, Explanation } from '../../../src/dispatch/explanation';
import { explainRoute } from '../../../src/dispatch/explanation';
import type { RouteSources } from '../../../src/dispatch/resolve';
import { systemClock } from '../../../src/shared/clock';
import type { DispatchRecord } from '../../../src/shared/dispatchRecord';
import { dispatchRecordSchema } from '../../../src/shared/dispatchRecord';
import { HttpClient } from '../../../src/shared/http';
import { silentLogger } from '../../../src/shared/logger';
import type { ModelRef } from '../../../src/shared/modelRef';
import type { EscalationSetting } from '../../../src/shared/routeSettings';
import { setReadiness } from '../../support/registryState';
import type { Loopback } from './support/loopback';
import { startLoopback } from './support/loopback';
import { chatRequest, hear } from './support/rig';
import type { RouteRig, Served } from './support/routeRig';
import { breakerWith, NO_FAILURES, openRouteRig } from './support/routeRig';
import { anthropicWire } from './support/wireAnthropic';
import { geminiWire } from './support/wireGemini';
import { ollamaWire } from './support/wireOllama';
import { llamaServerWire } from './support/wireOpenai';

const QWEN = model('ollama', 'qwen', 'qwen3:8b');
const PLAIN = model('ollama', 'local', 'plain:1b');
const BOX = model('gpubox', 'qwen', 'qwen3:8b');
const BIG = model('gpubox', 'qwen', 'qwen3:32b');
const GEMMA = model('llama', 'google', 'gemma-3-4b');
const STUDIO = model('studio', 'meta', 'llama-3.2');
const VLLM = model('vllm', 'mistralai', 'mistral-small');
const GATEWAY = model('gateway', 'deepseek', 'deepseek/r1');
const GPT = model('openai', 'openai', 'gpt-x');
const CLAUDE = model('anthropic', 'anthropic', 'claude-x');
const GEMINI = model('gemini', 'google', 'gemini-x');
const EDITORS = model('editor', 'copilot', 'gpt-5');
const UNSEEN = model('unseen', 'qwen', 'qwen3:8b');

const KINDS: Readonly<Record<string, BackendKind>> = {
  ollama: 'ollama',
  gpubox: 'ollama',
  llama: 'llama_server',
  studio: 'lm_studio',
  vllm: 'vllm',
  gateway: 'openai_compatible',
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'gemini',
  editor: 'vscode',
  unseen: 'ollama',
  down: 'ollama',
};

const SERVED: readonly Served[] = [
  { ...QWEN, score: 60, capabilities: { tools: true, thinking: true, contextLength: 40_960 } },
  { ...PLAIN, score: 70, capabilities: { tools: false, thinking: false, contextLength: 4_096 } },
  { ...BOX, score: 55, capabilities: { contextLength: 40_960 } },
  { ...BIG, score: 80, capabilities: { thinking: true } },
  { ...GEMMA, score: 40, capabilities: { allocatedContext: 8_192 }, running: { contextTokens: 8_192 } },
  { ...STUDIO, capabilities: { tools: true } },
  { ...VLLM, capabilities: { allocatedContext: 32_768 } },
  GATEWAY,
  GPT,
  { ...CLAUDE, capabilities: { thinking: true, tools: true } },
  GEMINI,
  EDITORS,
];

/** What is set, what is asked, and which backends then answer with an error. */
interface Scenario {
  readonly request?: Partial<ChatRequest>;
  readonly change?: Partial<RouteSources>;
  readonly failing?: readonly string[];
}

const TOOLS = [{ name: 'f', description: 'does it', parameters: { type: 'object' } }];
const ON = { mode: 'enabled' } as const;
const BUDGET = { mode: 'enabled', budgetTokens: 2_048 } as const;
const HIGH = { mode: 'effort', level: 'high' } as const;
const QUICK = { maxAttempts: 2, minDelayMs: 0, maxDelayMs: 0 } as const;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a model of Ollama': { request: { model: QWEN } },
  'a model of llama-server': { request: { model: GEMMA } },
  'a model of LM Studio': { request: { model: STUDIO } },
  'a model of vLLM': { request: { model: VLLM } },
  'a model of a gateway': { request: { model: GATEWAY } },
  'a model of OpenAI': { request: { model: GPT } },
  'a model of Anthropic': { request: { model: CLAUDE } },
  'a model of Gemini': { request: { model: GEMINI } },
  'a model of the editor': { request: { model: EDITORS } },
  'a model of a backend that was not asked yet': { request: { model: UNSEEN } },
  'the pick': { change: { pick: () => GEMMA } },
  'a pick that is gone': { change: { pick: () => model('ollama', 'qwen', 'gone') } },
  'a pick of another provider': { change: { pick: () => model('ollama', 'google', 'qwen3:8b') } },
  'a pick of a backend that is not configured': { change: { pick: () => model('nowhere', 'qwen', 'x') } },
  'a model of a backend that is down': { request: { model: model('down', 'qwen', 'x') } },
  'the best model': {},
  'the best one for agentic work': { request: { model: { best: { task: 'agentic' } } } },
  'the best one that calls tools': {
    request: { model: { best: { requireToolCalling: true } }, tools: TOOLS },
  },
  'the best one of a machine': { request: { model: { best: { host: 'gpubox' } } } },
  'the best one of a machine that has none': { request: { model: { best: { host: 'nobody' } } } },
  'the best one with a context': { request: { model: { best: { minContext: 20_000, host: 'local' } } } },
  'no model at all': { change: { candidates: () => [] } },
  'tools for a model that has them': { request: { model: QWEN, tools: TOOLS } },
  'tools for a model that has none': { request: { model: PLAIN, tools: TOOLS } },
  'tools for one of which they were tried': {
    request: { model: BIG, tools: TOOLS },
    change: { toolCalling: () => false },
  },
  'tools by a rule': {
    request: { model: PLAIN, tools: TOOLS },
    change: { capabilityRules: () => [{ model: 'plain*', tools: true, thinking: true }] },
  },
  'a wire format by a rule': {
    request: { model: QWEN },
    change: { capabilityRules: () => [{ backend: 'ollama', model: '*', wireFormat: 'openai_compat' }] },
  },
  'thinking of the call': { request: { model: QWEN, parameters: { thinking: HIGH } } },
  'thinking with a budget': { request: { model: CLAUDE, parameters: { thinking: BUDGET } } },
  'thinking of the setting': { request: { model: QWEN }, change: { thinking: () => ON } },
  'thinking off by default': { request: { model: QWEN }, change: { thinking: () => ({ mode: 'off' }) } },
  'thinking of a model that cannot': { request: { model: PLAIN, parameters: { thinking: ON } } },
  'the context of the call': { request: { model: QWEN, parameters: { contextTokens: 2_048 } } },
  'the context of the model': { request: { model: QWEN }, change: { contextFor: () => 16_384 } },
  'a context where none can be asked for': {
    request: { model: GEMMA, parameters: { contextTokens: 2_048 } },
  },
  'retries of the setting': { request: { model: QWEN }, change: { retry: () => QUICK }, failing: ['ollama'] },
  'retries of the call': {
    request: { model: QWEN, retry: { ...QUICK, maxAttempts: 3 } },
    change: { retry: () => false },
    failing: ['ollama'],
  },
  'an escalation that is not needed': escalated({ backend: 'gpubox' }, { model: QWEN }, []),
  'an escalation to another machine': escalated({ backend: 'gpubox' }, { model: QWEN, tools: TOOLS }),
  'an escalation to another model there': escalated(
    { backend: 'gpubox', model: BIG.modelId },
    { model: QWEN },
  ),
  'an escalation to a provider, which is not named': escalated(
    { backend: 'anthropic', model: CLAUDE.modelId },
    { model: QWEN, parameters: { thinking: BUDGET } },
  ),
  'an escalation that thinks': escalated(
    { backend: 'gemini', model: GEMINI.modelId, thinking: HIGH },
    { model: QWEN },
  ),
  'an escalation with a context': escalated(
    { model: PLAIN.modelId, backend: 'ollama', contextTokens: 2_048 },
    {
      model: GEMMA,
    },
  ),
  'an escalation that inherits a context': escalated(
    { backend: 'gpubox' },
    { model: QWEN, parameters: { contextTokens: 4_096, thinking: ON } },
  ),
  'an escalation that is tried more often': escalated({ backend: 'gpubox', retry: QUICK }, { model: QWEN }, [
    'ollama',
    'gpubox',
  ]),
  'an escalation that leads nowhere': escalated({ backend: 'gpubox', model: 'gone' }, { model: QWEN }),
  'an escalation to the same': escalated({ model: QWEN.modelId }, { model: QWEN }),
};

let servers: Loopback;
let rig: RouteRig;
let agent: Agent;
let failing: readonly string[];
let appended: object[];

beforeEach(async () => {
  failing = [];
  appended = [];
  agent = new Agent();
  servers = await startLoopback(({ path, response }) => {
    const wire = [ollamaWire, llamaServerWire, anthropicWire, geminiWire].find(({ path: of }) =>
      path.includes(of.split('/').at(-1)?.split(':').at(-1) ?? of),
    );
    const fails = failing.some((id) => path.startsWith(`/${id}/`));
    if (!wire) throw new Error(`Nobody speaks at ${path}`);
    response.writeHead(fails ? 500 : 200, { 'content-type': fails ? 'application/json' : wire.contentType });
    const answer = wire.answer();
    response.end(fails ? wire.errorBody(500, 'broken') : answer.text('Hi.') + answer.end(wire.words.stop, 2));
  });
  rig = await openRouteRig(
    Object.entries(KINDS).map(([id, kind]): BackendConfig => ({
      ...{ id, kind, headers: {}, host: id === 'gpubox' ? 'gpubox' : 'local' },
      url: kind === 'vscode' ? '' : `${servers.url}/${id}`,
    })),
  );
  await rig.serve(...SERVED);
  await setReadiness(rig.registry, 'down', { readiness: 'unreachable', message: 'Nobody answers.' });
});

afterEach(async () => {
  await agent.destroy();
  await servers.close();
});

describe('what explain says', () => {
  it.each(Object.entries(SCENARIOS))(
    'is what the next call records, and asks nobody: %s',
    async (_name, scenario) => {
      failing = scenario.failing ?? [];
      const request = chatRequest(scenario.request);
      const sources = rig.sources(scenario.change);
      const { dispatcher, explanation } = explained(request, sources);
      expect(servers.connections).toBe(0);
      await hear(dispatcher.dispatch(request));
      const [record] = appended.map((each) => dispatchRecordSchema.strict().parse(each));
      if (!record) throw new Error('no record');
      const { primary, escalation } = explanation;
      const escalates = primary.ok && escalation?.ok === true && isFailing(primary);
      expect(told(record)).toEqual(toldBy(escalates ? escalation : primary));
      expect(record.escalation !== undefined).toBe(escalates);
      expect(attemptsOf(record, 'primary')).toBe(expectedAttempts(primary));
      expect(attemptsOf(record, 'escalation')).toBe(escalates ? expectedAttempts(escalation) : 0);
      // Every request that came is one of the call's: explaining has made none.
      expect(servers.exchanges).toHaveLength(record.wireFormat === 'vscode' ? 0 : record.attempts.length);
    },
  );

  it('is told of more than thirty of them', () => {
    expect(Object.keys(SCENARIOS).length).toBeGreaterThan(30);
  });
});

describe('an explanation', () => {
  it('is plain data, without the address that is called', () => {
    const explanation = explain({ model: QWEN }, { escalation: () => ({ backend: 'gpubox' }) });
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
    expect(JSON.stringify(explanation)).not.toContain('/ollama');
    expect(explanation.primary).not.toHaveProperty('url');
    expect(explanation.escalation).not.toHaveProperty('url');
  });

  it('tells what could be taken instead, of a model that was named, picked, gone, or chosen', () => {
    const idsBeside = (
      request: Partial<ChatRequest>,
      change: Partial<RouteSources> = {},
    ): readonly string[] =>
      explain(request, change).runnersUp.map(({ ref }) => `${ref.backend}/${ref.modelId}`);
    const best = ['gpubox/qwen3:32b', 'ollama/plain:1b', 'ollama/qwen3:8b', 'gpubox/qwen3:8b'];
    expect(idsBeside({ model: QWEN }).slice(0, 3)).toEqual(best.filter((id) => id !== 'ollama/qwen3:8b'));
    expect(idsBeside({}, { pick: () => PLAIN }).slice(0, 3)).toEqual(
      best.filter((id) => id !== 'ollama/plain:1b'),
    );
    expect(idsBeside({ model: model('nowhere', 'x', 'y') }).slice(0, 4)).toEqual(best);
    expect(idsBeside({}).slice(0, 3)).toEqual(best.slice(1));
    expect(idsBeside({ model: { best: { host: 'gpubox' } } })).toEqual(['gpubox/qwen3:8b']);
    expect(idsBeside({}, { candidates: () => [] })).toEqual([]);
  });

  it('warns of what the escalation takes over', () => {
    const { warnings } = explain(
      { model: QWEN, parameters: { thinking: ON } },
      { escalation: () => ({ backend: 'gpubox' }) },
    );
    expect(warnings).toEqual([
      'The escalation takes over from the first route: model qwen3:8b, provider qwen, thinking enabled.',
    ]);
  });

  it('warns of an escalation that leads nowhere, and of thinking that cannot be', () => {
    const { warnings } = explain(
      { model: PLAIN, parameters: { thinking: ON } },
      { escalation: () => ({ backend: 'gpubox', model: 'gone' }) },
    );
    expect(warnings).toEqual([
      'Thinking was asked for, but plain:1b does not support it.',
      'The escalation leads nowhere. gpubox does not have the model gone. Install it, or pick another model.',
    ]);
  });

  it('warns of a model that is left alone, and says where the call goes', () => {
    const breaker = breakerWith([[QWEN, 'open']]);
    const request = chatRequest({ model: QWEN });
    const alone = 'qwen3:8b of ollama failed again and again, and is left alone for a while';
    expect(explainRoute(request, rig.sources(), breaker)).toMatchObject({
      primary: { breaker: 'open' },
      warnings: [`${alone}.`],
    });
    const [warning] = explainRoute(
      request,
      rig.sources({ escalation: () => ({ backend: 'gpubox', model: BIG.modelId }) }),
      breaker,
    ).warnings;
    expect(warning).toBe(`${alone}: the call goes to the escalation at once.`);
  });

  it('has no escalation where the first route leads nowhere', () => {
    expect(
      explain({ model: model('nowhere', 'x', 'y') }, { escalation: () => ({ backend: 'gpubox' }) }),
    ).toMatchObject({ primary: { ok: false, origin: 'pipeline_input' }, escalation: null, warnings: [] });
  });
});

function model(backend: string, provider: string, modelId: string): ModelRef {
  return { backend, provider, modelId };
}

function escalated(
  setting: EscalationSetting,
  request: Partial<ChatRequest>,
  fails: readonly string[] = [request.model && 'backend' in request.model ? request.model.backend : ''],
): Scenario {
  return { request, change: { escalation: () => setting, retry: () => false }, failing: fails };
}

function explain(request: Partial<ChatRequest>, change: Partial<RouteSources> = {}): Explanation {
  return explainRoute(chatRequest(request), rig.sources(change), NO_FAILURES);
}

function explained(
  request: ChatRequest,
  sources: RouteSources,
): { readonly dispatcher: Dispatcher; readonly explanation: Explanation } {
  let ids = 0;
  const http = new HttpClient(agent);
  const dispatcher = new Dispatcher({
    ...sources,
    http: () => http,
    transcript: { append: (record) => appended.push(record) },
    clock: systemClock,
    logger: silentLogger,
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    editorChat: {
      async *send() {
        await Promise.resolve();
        yield { type: 'text' as const, text: 'Hi.' };
      },
    },
  });
  return { dispatcher, explanation: explainRoute(request, sources, dispatcher.breaker) };
}

/** What a record says of its route. */
function told(record: DispatchRecord): object {
  const { backend, provider, model: modelId, host, wireFormat, toolFormat, provenance, error } = record;
  const { mode, budgetTokens, level } = record.thinking;
  const thinking = {
    mode,
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
    ...(level === undefined ? {} : { level }),
  };
  return {
    ...{ backend, provider, modelId, host, wireFormat, toolFormat, thinking, provenance },
    contextTokens: record.contextRequested,
    thinkingNote: record.thinkingNote,
    refused: wireFormat === '' ? error : null,
  };
}

/** What the record must say by the explanation. */
function toldBy(route: ExplainedResolution): object {
  if (route.ok) {
    const { ref, host, wireFormat, toolFormat, thinking, provenance, contextTokens, thinkingNote } = route;
    return {
      ...ref,
      host,
      wireFormat,
      toolFormat,
      thinking,
      provenance,
      contextTokens,
      thinkingNote,
      refused: null,
    };
  }
  const { ref, origin, failure } = route;
  const unknown = 'unknown';
  return {
    ...{ backend: ref?.backend ?? '', provider: ref?.provider ?? '', modelId: ref?.modelId ?? '' },
    ...{ host: '', wireFormat: '', toolFormat: 'none', thinking: { mode: 'default' } },
    provenance: {
      ...{ backend: origin, provider: origin, model: origin },
      ...{ wireFormat: unknown, thinking: unknown, toolFormat: unknown, contextTokens: unknown },
    },
    contextTokens: null,
    thinkingNote: undefined,
    refused: { code: failure.code, message: failure.message },
  };
}

function isFailing({ ref }: ExplainedRoute): boolean {
  return failing.includes(ref.backend);
}

function expectedAttempts(route: ExplainedResolution): number {
  if (!route.ok) return 0;
  return isFailing(route) ? route.retry.maxAttempts : 1;
}

function attemptsOf(record: DispatchRecord, route: 'primary' | 'escalation'): number {
  return record.attempts.filter((attempt) => attempt.route === route).length;
}
