import * as vscode from 'vscode';
import { parseSettings } from '../shared/settings';
import { writeSetting } from './settingsReader';
import type { UiContext } from './uiContext';

interface Organisation {
  readonly name: string;
  /** Recommended models of it that fit the machine. */
  readonly models: number;
}

/** Asks which organisations proposals may come from; those that are no longer checked are taken off the list. */
export async function chooseAllowedOrganisations(context: UiContext): Promise<void> {
  const { engine } = context;
  const allowed = engine.settings.poolAllowedOrgs;
  const other = { label: vscode.l10n.t('$(add) Other…'), alwaysShow: true };
  const organisations = (await recommendedOrganisations(context, allowed)).map(({ name, models }) => ({
    label: name,
    description:
      models === 0
        ? ''
        : models === 1
          ? vscode.l10n.t('1 model for this machine')
          : vscode.l10n.t('{0} models for this machine', models),
    picked: allowed.includes(name),
    name,
  }));
  const choice = await vscode.window.showQuickPick<vscode.QuickPickItem & { readonly name?: string }>(
    [other, ...organisations],
    {
      title: vscode.l10n.t('Allow which organisations?'),
      placeHolder:
        engine.settings.poolAutonomy === 'within-budget'
          ? vscode.l10n.t('Whose better models may be installed unasked?')
          : vscode.l10n.t('Whose better models may be proposed?'),
      canPickMany: true,
      ignoreFocusOut: true,
    },
  );
  if (!choice) return;
  const named = choice.includes(other) ? await askName(allowed) : undefined;
  // Who asked for another one and then left has not finished choosing.
  if (choice.includes(other) && named === undefined) return;
  const names = choice.flatMap(({ name }) => (name === undefined ? [] : [name]));
  await writeSetting('poolAllowedOrgs', [...new Set([...names, ...(named === undefined ? [] : [named])])]);
}

/** Adds organisations to the list of those that proposals may come from. */
export async function allowOrganisations({ engine }: UiContext, names: readonly string[]): Promise<void> {
  await writeSetting('poolAllowedOrgs', [...new Set([...engine.settings.poolAllowedOrgs, ...names])]);
}

/** Those that are allowed first, then by how many models they have. */
async function recommendedOrganisations(
  { engine }: UiContext,
  allowed: readonly string[],
): Promise<readonly Organisation[]> {
  const ranking = await engine.rankings.rank(engine.settings.task, engine.rankings.host);
  const fitting = ranking.models.filter(({ fitsHardware }) => fitsHardware || !ranking.hardwareKnown);
  const counts = new Map(allowed.map((name) => [name, 0]));
  for (const { modelId } of fitting) {
    const [name, model] = modelId.split('/');
    if (name !== undefined && model !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const isAllowed = (name: string): number => Number(allowed.includes(name));
  return [...counts]
    .map(([name, models]) => ({ name, models }))
    .sort(
      (a, b) => isAllowed(b.name) - isAllowed(a.name) || b.models - a.models || a.name.localeCompare(b.name),
    );
}

async function askName(allowed: readonly string[]): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Allow an organisation'),
    prompt: vscode.l10n.t(
      'Its name on Hugging Face, as it stands before the slash; upper and lower case count.',
    ),
    placeHolder: 'Qwen',
    validateInput: (value) => organisationProblem(value.trim(), allowed),
  });
  return name?.trim();
}

/** What is wrong with a name, or null. */
function organisationProblem(name: string, allowed: readonly string[]): string | null {
  if (name === '') return vscode.l10n.t('Write a name.');
  if (parseSettings({ poolAllowedOrgs: [name] }).problems.length > 0)
    return vscode.l10n.t('A name has letters, digits, dots, hyphens and underscores, and no slash.');
  return allowed.includes(name) ? vscode.l10n.t('{0} is allowed already.', name) : null;
}
