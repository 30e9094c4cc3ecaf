import type { ChatBody } from './requests';
import { parseChatBody } from './requests';

/** What another API's chat says in the words of `/api/chat`. */
interface ChatRequest {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content: string;
    readonly images?: readonly string[];
  }[];
  readonly tools: readonly {
    readonly name: string;
    readonly parameters: unknown;
  }[];
  readonly stream: boolean;
  readonly maxTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly think: boolean | string | undefined;
  readonly format?: unknown;
}

/** The body that the real server's middleware hands on, or the text of its 400. */
export function chatBody(request: ChatRequest): ReturnType<typeof parseChatBody> {
  const { model, messages, tools, stream, maxTokens, temperature, think, format } = request;
  const body = {
    ...{ model, messages, stream, think, format },
    tools: tools.map(({ name, parameters }) => ({ type: 'function', function: { name, parameters } })),
    options: { num_predict: maxTokens, temperature },
  } satisfies Partial<Record<keyof ChatBody, unknown>>;
  return parseChatBody(JSON.stringify(body));
}
