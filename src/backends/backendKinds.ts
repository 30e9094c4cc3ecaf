import { anthropicKind } from './anthropic';
import type { BackendKindRow } from './backendKind';
import type { BackendKind } from './contract';
import { geminiKind } from './gemini';
import { llamaServerKind } from './llamaServer';
import { lmStudioKind } from './lmStudio';
import { ollamaKind } from './ollama';
import { openaiKind } from './openai';
import { openaiCompatibleKind } from './openaiCompatible';
import { vllmKind } from './vllm';
import { vscodeKind } from './vscode';

/** Every kind of backend: the one place that knows them all. */
export const BACKEND_KIND_TABLE: Readonly<Record<BackendKind, BackendKindRow>> = {
  ollama: ollamaKind,
  llama_server: llamaServerKind,
  lm_studio: lmStudioKind,
  vllm: vllmKind,
  openai_compatible: openaiCompatibleKind,
  openai: openaiKind,
  anthropic: anthropicKind,
  gemini: geminiKind,
  vscode: vscodeKind,
};
