import * as l10n from '@vscode/l10n';
import { untilAborted } from '../shared/abort';
import { messageOf } from '../shared/errors';
import { silentLogger } from '../shared/logger';
import type { BackendKindRow } from './backendKind';
import type { Backend, BackendOptions, EditorModel, ListedModel, ProbeResult } from './contract';
import { displayNameOf, modelList } from './listedModels';
import { presentFields } from './presentFields';

/** It asks no network: what takes longer hangs. */
const DEADLINE_MS = 10_000;

const notListed = (): ProbeResult => ({
  readiness: 'unreachable',
  message: l10n.t('The editor did not list its chat models.'),
  nextStep: l10n.t(
    'Check that an extension which offers chat models is installed and signed in, then refresh.',
  ),
});

/**
 * The chat models that the editor offers to every extension. An empty list is the truth: nobody is signed in. Other
 * kinds ask the network; this one asks whoever stands in as `editorModels`.
 */
function createVscodeBackend({ config, editorModels, logger = silentLogger }: BackendOptions): Backend {
  return {
    config,
    deadlineMs: DEADLINE_MS,
    async probe(signal): Promise<ProbeResult> {
      // The editor itself cannot be told to stop.
      const listing = editorModels?.list(signal).catch((thrown: unknown) => {
        logger.log('warn', 'vscode.list_failed', { why: messageOf(thrown) });
        return undefined;
      });
      const models = await untilAborted(Promise.resolve(listing), signal);
      if (models === undefined) return notListed();
      return { readiness: 'ok', models: modelList(models.map(listedModel)) };
    },
  };
}

function listedModel(model: EditorModel): ListedModel {
  const { id, name, vendor, maxInputTokens: limit } = model;
  return {
    modelId: id,
    displayName: displayNameOf(name, id),
    provider: vendor,
    capabilities: presentFields({
      tools: model.tools,
      vision: model.vision,
      contextLength: Number.isSafeInteger(limit) && limit > 0 ? limit : undefined,
      family: model.family === '' || model.family.length > MAX_FAMILY_CHARACTERS ? undefined : model.family,
    }),
  };
}

/** The registry takes no longer texts. */
const MAX_FAMILY_CHARACTERS = 200;

export const vscodeKind: BackendKindRow = {
  label: 'VS Code',
  hosted: false,
  defaultUrls: [],
  auth: 'none',
  provider: 'vendor',
  create: createVscodeBackend,
  // It is no server; it is added by its kind.
  recognise: () => Promise.resolve(null),
};
