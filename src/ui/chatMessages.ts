import * as vscode from 'vscode';
import * as z from 'zod';
import type { ChatMessage, ChatTool, ChatToolCall } from '../dispatch/chat';

const argumentsSchema = z.record(z.string(), z.unknown());

/**
 * VS Code's chat messages as ours. One of theirs may hold text, images, tool calls and tool results at once; results
 * become messages of their own, in order, because servers expect one message a result.
 */
export function toChatMessages(messages: readonly vscode.LanguageModelChatRequestMessage[]): ChatMessage[] {
  const toolNames = new Map<string, string>();
  return messages.flatMap((message) => {
    const parts = message.content;
    const text = parts
      .filter((part) => part instanceof vscode.LanguageModelTextPart)
      .map((part) => part.value);
    const images = parts
      .filter((part) => part instanceof vscode.LanguageModelDataPart)
      .filter((part) => part.mimeType.startsWith('image/'))
      .map((part) => ({ mediaType: part.mimeType, base64: Buffer.from(part.data).toString('base64') }));
    const toolCalls = parts
      .filter((part) => part instanceof vscode.LanguageModelToolCallPart)
      .map(toToolCall);
    for (const call of toolCalls) toolNames.set(call.id, call.name);
    const results = parts
      .filter((part) => part instanceof vscode.LanguageModelToolResultPart)
      .map((part): ChatMessage => {
        const toolName = toolNames.get(part.callId);
        return {
          role: 'tool',
          content: resultText(part.content),
          toolCallId: part.callId,
          ...(toolName === undefined ? {} : { toolName }),
        };
      });
    if (text.length === 0 && images.length === 0 && toolCalls.length === 0) return results;
    const own: ChatMessage = {
      role: roleOf(message),
      content: text.join(''),
      ...(images.length > 0 ? { images } : {}),
      ...(toolCalls.length > 0 ? { toolCalls } : {}),
    };
    return [...results, own];
  });
}

export function toChatTools(tools: readonly vscode.LanguageModelChatTool[] | undefined): ChatTool[] {
  return (tools ?? []).map((tool) => {
    const schema = argumentsSchema.safeParse(tool.inputSchema);
    return {
      name: tool.name,
      description: tool.description,
      parameters: schema.success ? schema.data : { type: 'object', properties: {} },
    };
  });
}

/** VS Code's own chat sends its instructions under this role, which the stable API has no name for yet. */
const SYSTEM_ROLE = 3;

function roleOf({ role }: vscode.LanguageModelChatRequestMessage): ChatMessage['role'] {
  if (role === vscode.LanguageModelChatMessageRole.Assistant) return 'assistant';
  const number: number = role;
  return number === SYSTEM_ROLE ? 'system' : 'user';
}

function toToolCall(part: vscode.LanguageModelToolCallPart): ChatToolCall {
  const parsed = argumentsSchema.safeParse(part.input);
  return { id: part.callId, name: part.name, arguments: parsed.success ? parsed.data : {} };
}

function resultText(content: readonly unknown[]): string {
  return content
    .map((part) => {
      if (part instanceof vscode.LanguageModelTextPart) return part.value;
      if (part instanceof vscode.LanguageModelPromptTsxPart) return JSON.stringify(part.value);
      return '';
    })
    .join('');
}
