import * as l10n from '@vscode/l10n';

/** A piece of a Modelfile to fill in, as VS Code writes snippets. */
interface ModelfileSnippet {
  readonly label: string;
  readonly detail: () => string;
  readonly text: string;
}

/** What people write again and again. `\$` is a dollar that is no place to fill in. */
export const SNIPPETS: readonly ModelfileSnippet[] = [
  {
    label: 'assistant',
    detail: () => l10n.t('a model with a role, a context length and a temperature'),
    text: [
      'FROM ${1:llama3.2}',
      'PARAMETER num_ctx ${2:8192}',
      'PARAMETER temperature ${3:0.7}',
      'SYSTEM """${4:You are a careful reviewer.}"""',
      '$0',
    ].join('\n'),
  },
  {
    label: 'examples',
    detail: () => l10n.t('a question and an answer that stand before every conversation'),
    text: 'MESSAGE user ${1:question}\nMESSAGE assistant ${2:answer}\n$0',
  },
  {
    label: 'chat template',
    detail: () => l10n.t('a template for messages with roles (ChatML)'),
    text: [
      'TEMPLATE """{{- range .Messages }}<|im_start|>{{ .Role }}',
      '{{ .Content }}<|im_end|>',
      '{{ end }}<|im_start|>assistant',
      '"""',
      'PARAMETER stop <|im_end|>',
      '$0',
    ].join('\n'),
  },
  {
    label: 'adapter',
    detail: () => l10n.t('a base model with a LoRA adapter'),
    text: 'FROM ${1:llama3.2}\nADAPTER ${2:./adapter.gguf}\n$0',
  },
];
