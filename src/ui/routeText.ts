import * as vscode from 'vscode';
import type { ExplainedResolution, ExplainedRoute, Explanation } from '../dispatch/explanation';
import type { Provenance, RouteField } from '../dispatch/route';
import type { ModelRef } from '../shared/modelRef';
import { formatFigure, formatNumber } from '../shared/numberText';
import type { ModelRetryPolicy } from '../shared/retryPolicy';
import { asText, table } from './markdownText';
import type { UserPick } from './pickStore';
import { pickName } from './userPick';

const MILLISECONDS_PER_SECOND = 1_000;

/**
 * A whole explanation as a Markdown document, for the call that names this model and nothing else, or not even that: then
 * the user's pick counts.
 */
export function routeDocument(
  explanation: Explanation,
  target: ModelRef | undefined,
  pick: UserPick | null,
): string {
  const { primary, escalation, runnersUp, warnings } = explanation;
  const others = runnersUp.map(({ ref, why }, n) => `${n + 1}. ${modelName(ref)}: ${asText(why)}`);
  return sections([
    `# ${asText(vscode.l10n.t('Route of a call'))}`,
    asText(
      target
        ? vscode.l10n.t('What a call of {0} that asks for nothing else would do now.', target.modelId)
        : vscode.l10n.t('What a call that names no model and asks for nothing else would do now.'),
    ),
    ...(!target && pick && 'best' in pick ? [asText(autoText(pick))] : []),
    resolutionText(primary),
    ...titled(
      vscode.l10n.t('To know'),
      warnings.map((warning) => `- ${asText(warning)}`),
    ),
    ...(primary.ok ? titled(vscode.l10n.t('How often it is tried'), retryLines(primary.retry)) : []),
    ...(primary.ok
      ? titled(vscode.l10n.t('Where it goes after a failure'), escalationLines(escalation))
      : []),
    ...titled(vscode.l10n.t('Other models that could be taken'), others),
  ]);
}

/** What an automatic pick means, which the table alone does not tell. */
function autoText(pick: UserPick): string {
  return vscode.l10n.t(
    'Your pick is {0}: the best installed model for that task which answers, chosen anew at each call. A call with tools takes the best one that calls tools.',
    pickName(pick),
  );
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`## ${asText(title)}`, lines.join('\n')];
}

function sections(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

function resolutionText(resolution: ExplainedResolution): string {
  if (resolution.ok) return routeTable(resolution);
  return `**${asText(vscode.l10n.t('It would fail.'))}** ${asText(resolution.failure.message)}`;
}

function routeTable(route: ExplainedRoute): string {
  const { ref, wireFormat, toolFormat, provenance } = route;
  const fields: readonly (readonly [string, string, RouteField])[] = [
    [vscode.l10n.t('Model'), ref.modelId, 'model'],
    [vscode.l10n.t('Backend'), ref.backend, 'backend'],
    [vscode.l10n.t('Provider'), ref.provider, 'provider'],
    [vscode.l10n.t('Wire format'), wireFormat, 'wireFormat'],
    [vscode.l10n.t('Thinking'), thinkingText(route), 'thinking'],
    [
      vscode.l10n.t('Tools'),
      toolFormat === 'none' ? vscode.l10n.t('none in this call') : toolFormat,
      'toolFormat',
    ],
    [vscode.l10n.t('Context'), contextText(route), 'contextTokens'],
  ];
  const rows = fields.map(([label, value, field]) => {
    const origin = provenance[field];
    return [asText(label), asText(value), `${asText(originText(origin))} (\`${origin}\`)`];
  });
  return table(
    [vscode.l10n.t('Field'), vscode.l10n.t('Value'), vscode.l10n.t('Where it comes from')].map(asText),
    [...rows, [asText(vscode.l10n.t('Server')), asText(serverText(route)), '']],
  );
}

function thinkingText({ thinking }: ExplainedRoute): string {
  switch (thinking.mode) {
    case 'default':
      return vscode.l10n.t("the model's own");
    case 'effort':
      return vscode.l10n.t('effort {0}', thinking.level);
    case 'enabled':
      return thinking.budgetTokens === undefined
        ? vscode.l10n.t('on')
        : vscode.l10n.t('on, at most {0} tokens', formatNumber(thinking.budgetTokens));
    case 'off':
      return vscode.l10n.t('off');
    case 'adaptive':
      return vscode.l10n.t('as the model sees fit');
  }
}

function contextText({ contextTokens }: ExplainedRoute): string {
  return contextTokens === null
    ? vscode.l10n.t("the server's own")
    : vscode.l10n.t('{0} tokens', formatNumber(contextTokens));
}

function serverText({ host, kind, hosted }: ExplainedRoute): string {
  if (kind === 'vscode') return vscode.l10n.t('this editor');
  return hosted ? vscode.l10n.t('{0}, a hosted service', host) : host;
}

function escalationLines(escalation: ExplainedResolution | null): readonly string[] {
  if (escalation === null) {
    const nowhere = vscode.l10n.t('Nowhere: the setting modelPool.route.escalation names no other route.');
    return [asText(nowhere)];
  }
  if (!escalation.ok) return [resolutionText(escalation)];
  const once = vscode.l10n.t(
    'Once more to this route, when the first one has failed for good and nothing was shown yet.',
  );
  return [asText(once), '', routeTable(escalation), '', ...retryLines(escalation.retry)];
}

function retryLines(policy: ModelRetryPolicy): readonly string[] {
  if (policy.maxAttempts === 1) return [asText(vscode.l10n.t('Once: it is not tried again.'))];
  const causes = Object.entries({
    [vscode.l10n.t('no connection')]: policy.retryOn.network,
    [vscode.l10n.t('no answer in time')]: policy.retryOn.timeout,
    [vscode.l10n.t('too many requests')]: policy.retryOn.rateLimit,
    [vscode.l10n.t('errors of the server')]: policy.retryOn.serverError,
  }).flatMap(([cause, counts]) => (counts ? [cause] : []));
  const lines = [
    vscode.l10n.t(
      'At most {0} times, for at most {1} after the first time.',
      policy.maxAttempts,
      seconds(policy.maxActiveElapsedMs),
    ),
    vscode.l10n.t('Tried again after: {0}.', [...causes, vscode.l10n.t('an empty answer')].join(', ')),
    vscode.l10n.t(
      'With waits between {0} and {1}, longer each time.',
      seconds(policy.minDelayMs),
      seconds(policy.maxDelayMs),
    ),
    policy.respectRetryAfter
      ? vscode.l10n.t(
          'A wait that the provider names counts instead, up to {0}.',
          seconds(policy.maxActiveDelayMs),
        )
      : vscode.l10n.t('A wait that the provider names does not count.'),
  ];
  return lines.map((line) => `- ${asText(line)}`);
}

function seconds(milliseconds: number): string {
  return vscode.l10n.t('{0} s', formatFigure(milliseconds / MILLISECONDS_PER_SECOND, 3));
}

function modelName({ backend, provider, modelId }: ModelRef): string {
  return `**${asText(modelId)}** (${asText(`${backend}, ${provider}`)})`;
}

function originText(origin: Provenance): string {
  switch (origin) {
    case 'operator_pin':
      return vscode.l10n.t('your pick or setting');
    case 'pipeline_input':
      return vscode.l10n.t('the call itself');
    case 'escalation_override':
      return vscode.l10n.t('the setting of the escalation');
    case 'catalog_default':
      return vscode.l10n.t('what Model Pool knows, or its default');
    case 'inherited_from_primary':
      return vscode.l10n.t('taken over from the first route');
    case 'unknown':
      return vscode.l10n.t('not known');
  }
}
