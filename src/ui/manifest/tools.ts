import * as z from 'zod';
import { TOOL_INPUTS, type ToolName } from '../languageModelToolInputs';
import type { ManifestText } from './manifestText';

/** A language model tool as package.json shows it. */
interface ToolSpec {
  /** For people. */
  readonly title: string;
  /** How a person names it in a prompt, after `#`. */
  readonly reference: string;
  readonly icon: string;
  /** For people: what it does. */
  readonly description: string;
  /** For models: when to take it, what it answers, and what it does not do. */
  readonly modelDescription: string;
}

/** Every tool; one without an input schema, or the other way round, does not compile. */
const TOOLS: Readonly<Record<ToolName, ToolSpec>> = {
  model_pool_list_models: {
    title: 'List Served Models',
    reference: 'modelPoolModels',
    icon: 'server',
    description: 'The models that your model servers serve now.',
    modelDescription:
      'Lists the language models that the user can call now through Model Pool: those that local servers (Ollama, llama-server, LM Studio, vLLM) and added services serve. Returns JSON with each backend and whether it answers, and each model with its backend, id, machine, context in tokens, whether it is loaded and whether it calls tools. Use it to find out what is installed or running. It changes nothing and loads nothing. For models that could be installed use model_pool_rank.',
  },
  model_pool_rank: {
    title: 'Rank Models for This Machine',
    reference: 'modelPoolRank',
    icon: 'list-ordered',
    description: 'The open models that suit this machine best, with their evidence.',
    modelDescription:
      "Ranks open-weight language models for the hardware of the user's machine and a task (general, coding, reasoning, agentic, vision, small). Returns JSON with the machine and, best first, each model's id, score from 0 to 100, confidence, whether it fits and where (gpu, offload, cpu), size in GiB, speed in tokens per second with whether that was measured or estimated, licence, and whether it is installed. Use it when the user asks which model to install or whether a model would run. It changes nothing.",
  },
  model_pool_explain_route: {
    title: 'Explain Route',
    reference: 'modelPoolRoute',
    icon: 'git-compare',
    description: 'Which model the next call would go to, and why.',
    modelDescription:
      'Explains which model, backend and machine the next call through Model Pool would go to, where each part of that choice comes from, what else could have been taken, and where the call would go after a failure. Use it when the user asks why a model was used or why a call fails. It makes no call and changes nothing.',
  },
  model_pool_install: {
    title: 'Install Model',
    reference: 'modelPoolInstall',
    icon: 'desktop-download',
    description: 'Installs a model on your Ollama server, after you agree.',
    modelDescription:
      "Installs one model on the user's Ollama server, within the disk budget. The user is first shown its size, the disk space afterwards, its licence and which models would be removed for it, and can decline. Takes the modelId of a row of model_pool_rank. Downloads are gigabytes: only use it when the user asked for that model. Returns JSON with what happened; a long download goes on after the answer, and model_pool_list_models shows the model when it is there.",
  },
};

/** package.json's `languageModelTools`. What models read of them is the same in every language. */
export function languageModelTools(text: ManifestText) {
  return (Object.keys(TOOLS) as ToolName[]).map((name) => {
    const { title, reference, icon, description, modelDescription } = TOOLS[name];
    const inputSchema = z.toJSONSchema(TOOL_INPUTS[name], { io: 'input' });
    // package.json's own schema knows no dialects.
    delete inputSchema.$schema;
    return {
      ...{ name, displayName: text(`tool.${name}.title`, title), toolReferenceName: reference },
      ...{ canBeReferencedInPrompt: true, icon: `$(${icon})` },
      userDescription: text(`tool.${name}.description`, description),
      ...{ modelDescription, inputSchema },
      tags: ['model-pool', 'language-models'],
    };
  });
}
