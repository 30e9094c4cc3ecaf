import * as vscode from 'vscode';
import * as z from 'zod';
import type { EditorModel, EditorModels } from '../backends/contract';
import { CHAT_VENDOR } from './manifest/views';

/** VS Code sets this on every model, but has not made it a part of its stable API yet. */
const withCapabilities = z.object({
  capabilities: z.object({
    supportsToolCalling: z.boolean().optional().catch(undefined),
    supportsImageToText: z.boolean().optional().catch(undefined),
  }),
});

/** The chat models of all extensions but our own, whose models are the registry's and must not come back to it. Lists without asking the person for anything. */
export const editorModels: EditorModels = {
  async list() {
    const models = await vscode.lm.selectChatModels({});
    return models.filter(({ vendor }) => vendor !== CHAT_VENDOR).map(editorModel);
  },
};

function editorModel(model: vscode.LanguageModelChat): EditorModel {
  const { id, name, vendor, family, maxInputTokens } = model;
  const told = withCapabilities.safeParse(model).data?.capabilities;
  return {
    ...{ id, name, vendor, family, maxInputTokens },
    ...(told?.supportsToolCalling === undefined ? {} : { tools: told.supportsToolCalling }),
    ...(told?.supportsImageToText === undefined ? {} : { vision: told.supportsImageToText }),
  };
}
