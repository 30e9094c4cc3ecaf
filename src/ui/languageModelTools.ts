import * as vscode from 'vscode';
import * as z from 'zod';
import { systemClock } from '../shared/clock';
import { consentText } from './installConsent';
import { explainRouteAnswer, listModelsAnswer, rankAnswer, servedModelOf } from './languageModelToolAnswers';
import { TOOL_INPUTS, type ToolInput, type ToolName } from './languageModelToolInputs';
import { InstallTool } from './languageModelToolInstall';
import { asText } from './markdownText';
import type { UiContext } from './uiContext';

type Answer = Readonly<Record<string, unknown>>;

interface Tool<Input> {
  /** What is said while it runs, and what is asked before. */
  readonly prepare: (input: Input) => Promise<vscode.PreparedToolInvocation>;
  readonly answer: (input: Input, signal: AbortSignal) => Promise<Answer>;
}

/** Offers what agents may ask of Model Pool. Everything but an install only looks. */
export function registerLanguageModelTools(context: UiContext): vscode.Disposable {
  const { engine } = context;
  const { rankings, installs } = engine;
  const says = (invocationMessage: string) => () => Promise.resolve({ invocationMessage });
  return vscode.Disposable.from(
    register('model_pool_list_models', TOOL_INPUTS.model_pool_list_models, {
      prepare: says(vscode.l10n.t('Looking at the served models')),
      answer: (input) => Promise.resolve(listModelsAnswer(engine, input, context.picks.pick)),
    }),
    register('model_pool_rank', TOOL_INPUTS.model_pool_rank, {
      prepare: says(vscode.l10n.t('Ranking models for this machine')),
      answer: async (input) => {
        const ranking = await rankings.rank(input.task ?? engine.settings.task, rankings.host);
        return rankAnswer(ranking, input, (model) => installs.isInstalled(model));
      },
    }),
    register('model_pool_explain_route', TOOL_INPUTS.model_pool_explain_route, {
      prepare: says(vscode.l10n.t('Looking at the route of the next call')),
      answer: (input) => {
        const model = servedModelOf(engine, input);
        if (typeof model === 'string') return Promise.resolve({ goesTo: { nowhere: model } });
        const request = { messages: [], sessionId: 'explain', ...(model ? { model } : {}) };
        return Promise.resolve(explainRouteAnswer(engine, engine.dispatcher.explainRoute(request)));
      },
    }),
    register('model_pool_install', TOOL_INPUTS.model_pool_install, installing(context)),
  );
}

function installing({ engine }: UiContext): Tool<ToolInput<'model_pool_install'>> {
  const { rankings, installs } = engine;
  const installTool = new InstallTool({
    ranked: async () => (await rankings.rank(engine.settings.task, rankings.host)).models,
    plan: (model) => installs.plan(model),
    install: (request) => installs.install(request),
    isInstalled: (model) => installs.isInstalled(model),
    clock: systemClock,
  });
  return {
    prepare: async (input) => {
      const plan = await installTool.prepare(input);
      const invocationMessage = vscode.l10n.t('Installing {0}', input.modelId);
      if (plan === null) return { invocationMessage };
      const { backend, ollamaName } = plan.request;
      const begun = engine.pulls.runs.find((run) => run.backend === backend && run.name === ollamaName);
      const consent = consentText(plan, {
        settings: engine.settings,
        begunBytes: begun?.highWaterBytes ?? 0,
        nowMs: systemClock.now(),
      });
      return { invocationMessage, confirmationMessages: confirmation(consent) };
    },
    answer: (input, signal) => installTool.install(input, signal),
  };
}

/** The same words as in the dialog of an install, without the button that allows an organisation. */
function confirmation({
  message,
  detail,
  organisation,
}: ReturnType<typeof consentText>): vscode.LanguageModelToolConfirmationMessages {
  const lines = detail.split('\n');
  // The last line explains that button.
  const shown = organisation === null ? lines : lines.slice(0, -1);
  const text = shown
    .filter((line) => line !== '')
    .map(asText)
    .join('\n\n');
  return { title: message, message: new vscode.MarkdownString(text) };
}

function register<Input>(name: ToolName, schema: z.ZodType<Input>, tool: Tool<Input>): vscode.Disposable {
  return vscode.lm.registerTool<unknown>(name, {
    prepareInvocation: async ({ input }) => {
      const parsed = schema.safeParse(input);
      return parsed.success ? tool.prepare(parsed.data) : {};
    },
    invoke: async ({ input }, token) => {
      const parsed = schema.safeParse(input);
      // Models make up inputs: what is wrong is told them, so that they try again.
      if (!parsed.success) return resultOf({ error: z.prettifyError(parsed.error) });
      const abort = new AbortController();
      const listener = token.onCancellationRequested(() => abort.abort());
      try {
        return resultOf(await tool.answer(parsed.data, abort.signal));
      } finally {
        listener.dispose();
      }
    },
  });
}

function resultOf(answer: Answer): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(answer))]);
}
