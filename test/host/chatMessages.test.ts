import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { toChatMessages, toChatTools } from '../../src/ui/chatMessages';

const { User, Assistant } = vscode.LanguageModelChatMessageRole;
type Part = vscode.LanguageModelChatRequestMessage['content'][number];

function message(
  role: vscode.LanguageModelChatMessageRole,
  ...content: readonly Part[]
): vscode.LanguageModelChatRequestMessage {
  return { role, content, name: undefined };
}

const text = (value: string): Part => new vscode.LanguageModelTextPart(value);
const call = (id: string, name: string, input: object): Part =>
  new vscode.LanguageModelToolCallPart(id, name, input);
const result = (id: string, ...content: readonly unknown[]): Part =>
  new vscode.LanguageModelToolResultPart(id, [...content]);

describe("VS Code's chat messages", () => {
  it('keep their order, their roles and their text, however many parts it has', () => {
    assert.deepEqual(
      toChatMessages([
        message(User, text('Who '), text('are you?')),
        message(Assistant, text('A model.')),
        message(User, text('Really?')),
      ]),
      [
        { role: 'user', content: 'Who are you?' },
        { role: 'assistant', content: 'A model.' },
        { role: 'user', content: 'Really?' },
      ],
    );
  });

  it("keep the instructions of VS Code's own chat apart from what the user says", () => {
    // The role that the stable API has no name for; the real chat view sends it.
    const instructions = message(User, text('Be brief.'));
    Object.assign(instructions, { role: 3 });
    const [first, second] = toChatMessages([instructions, message(User, text('Hello'))]);
    assert.deepEqual([first?.role, second?.role], ['system', 'user']);
  });

  it('carry images as base64 with their type, and leave out other data', () => {
    const image = vscode.LanguageModelDataPart.image(Uint8Array.from([1, 2, 255]), 'image/png');
    const usage = vscode.LanguageModelDataPart.json({ tokens: 3 });
    assert.deepEqual(toChatMessages([message(User, text('What is this?'), image, usage)]), [
      {
        role: 'user',
        content: 'What is this?',
        images: [{ mediaType: 'image/png', base64: Buffer.from([1, 2, 255]).toString('base64') }],
      },
    ]);
  });

  it('make a message of each tool result, before what the user adds, with the name of its tool', () => {
    const messages = toChatMessages([
      message(User, text('How is the weather in both?')),
      message(
        Assistant,
        text('Let me look.'),
        call('1', 'weather', { city: 'Paris' }),
        call('2', 'weather', { city: 'Rome' }),
      ),
      message(User, result('2', text('hot')), result('1', text('rain'), text(' all day')), text('Go on.')),
    ]);
    assert.deepEqual(messages, [
      { role: 'user', content: 'How is the weather in both?' },
      {
        role: 'assistant',
        content: 'Let me look.',
        toolCalls: [
          { id: '1', name: 'weather', arguments: { city: 'Paris' } },
          { id: '2', name: 'weather', arguments: { city: 'Rome' } },
        ],
      },
      { role: 'tool', content: 'hot', toolCallId: '2', toolName: 'weather' },
      { role: 'tool', content: 'rain all day', toolCallId: '1', toolName: 'weather' },
      { role: 'user', content: 'Go on.' },
    ]);
  });

  it('survive a result whose call is not in the conversation, and one that is no text', () => {
    const prompt = new vscode.LanguageModelPromptTsxPart({ node: 'x' });
    assert.deepEqual(toChatMessages([message(User, result('7', prompt, 5, null))]), [
      { role: 'tool', content: '{"node":"x"}', toolCallId: '7' },
    ]);
  });

  it('drop a message in which there is nothing for a model', () => {
    assert.deepEqual(toChatMessages([message(User, vscode.LanguageModelDataPart.json({}))]), []);
  });
});

describe("VS Code's tools", () => {
  it('keep their schema, and get an empty one where they have none', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    assert.deepEqual(
      toChatTools([
        { name: 'weather', description: 'Says the weather', inputSchema: schema },
        { name: 'time', description: 'Says the time' },
      ]),
      [
        { name: 'weather', description: 'Says the weather', parameters: schema },
        { name: 'time', description: 'Says the time', parameters: { type: 'object', properties: {} } },
      ],
    );
    assert.deepEqual(toChatTools(undefined), []);
  });
});
