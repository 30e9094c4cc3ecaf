import * as z from 'zod';
import { TASKS } from '../shared/settings';

/** Rows that a tool answers with unless told otherwise, and at most: an answer is part of a prompt. */
const USUAL_ROWS = 10;
const MAX_ROWS = 50;

const name = z.string().min(1).max(256);
const rows = z.number().int().min(1).max(MAX_ROWS).default(USUAL_ROWS);

/** What each language model tool takes; package.json's schemas are made of these. */
export const TOOL_INPUTS = {
  model_pool_list_models: z.object({
    backend: name.optional().describe('Only models of this backend, by its id.'),
    limit: rows.describe('How many models at most.'),
  }),
  model_pool_rank: z.object({
    task: z.enum(TASKS).optional().describe('What the models are for. Left out: what the user has set.'),
    limit: rows.describe('How many models at most, best first.'),
    onlyFitting: z.boolean().default(true).describe('Leave out models that do not fit this machine.'),
  }),
  model_pool_explain_route: z.object({
    modelId: name
      .optional()
      .describe('Id of a served model, as model_pool_list_models says it. Left out: a call that names none.'),
    backend: name.optional().describe('Id of its backend, where several serve a model of that id.'),
  }),
  model_pool_install: z.object({
    modelId: name.describe('The modelId of a row of model_pool_rank, for example Qwen/Qwen3-8B.'),
  }),
} as const;

export type ToolName = keyof typeof TOOL_INPUTS;
export type ToolInput<Name extends ToolName> = z.output<(typeof TOOL_INPUTS)[Name]>;
