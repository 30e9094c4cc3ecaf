/** What a chat template supports; null where there is no template to read. */
export interface TemplateCapabilities {
  readonly tools: boolean | null;
  readonly thinking: boolean | null;
}

/** Names of a template's own variables: what a caller hands over, not what the text for the model says. */
const TOOL_NAMES = /\b(?:tools|tool_calls|xml_tools|custom_tools|functions|available_tools)\b/;

/**
 * Marks of models that think first, in the template's own text: the switch (`enable_thinking`, `thinking`,
 * `reasoning_effort`), the field of earlier thoughts, and the tags that makers put around thoughts (Qwen, DeepSeek and
 * GLM; Magistral; Seed-OSS; Command A Reasoning; Kimi; gpt-oss and its channel; Hunyuan).
 */
const THOUGHT_MARKS =
  /enable_thinking|reasoning_content|reasoning_effort|thinking_budget|<\/?think(?:ing)?>|\[THINK\]|<seed:think>|<\|START_THINKING\|>|◁think▷|<\|channel\|?>\s*(?:analysis|thought)|<\|think\|>/;
const THOUGHT_NAMES = /\b(?:thinking|enable_thinking|reasoning)\b/;

/** Longer templates are read up to here, characters; the longest known ones have 20,000. */
const LONGEST_TEMPLATE = 256 * 1024;

/**
 * Reads a Jinja chat template: tools where it uses `tools` or `tool_calls` as a variable or a field, thinking where it
 * knows a mark of thoughts. A template without such marks says that the model was not made for it. Takes time in
 * proportion to the template's length, whatever is in it.
 */
export function capabilitiesOfTemplate(template: string | undefined): TemplateCapabilities {
  if (template === undefined || template.trim() === '') return { tools: null, thinking: null };
  const { code, text } = partsOf(template.slice(0, LONGEST_TEMPLATE));
  const names = withoutTexts(code);
  return {
    tools:
      TOOL_NAMES.test(names) || /['"]tool_calls['"]/.test(code) || template.includes('[AVAILABLE_TOOLS]'),
    thinking: THOUGHT_MARKS.test(code) || THOUGHT_MARKS.test(text) || THOUGHT_NAMES.test(names),
  };
}

/** What stands within `{% %}` and `{{ }}`, and what stands outside; comments belong to neither. */
function partsOf(template: string): { readonly code: string; readonly text: string } {
  const code: string[] = [];
  const text: string[] = [];
  for (let from = 0; ;) {
    const open = nextOpening(template, from);
    const close = open === -1 ? -1 : template.indexOf(closingOf(template[open + 1]), open + 2);
    if (close === -1) {
      text.push(template.slice(from));
      return { code: code.join('\n'), text: text.join('\n') };
    }
    text.push(template.slice(from, open));
    if (template[open + 1] !== '#') code.push(template.slice(open + 2, close));
    from = close + 2;
  }
}

function nextOpening(template: string, from: number): number {
  for (let at = template.indexOf('{', from); at !== -1; at = template.indexOf('{', at + 1)) {
    if ('%{#'.includes(template[at + 1] ?? ' ')) return at;
  }
  return -1;
}

function closingOf(mark: string | undefined): string {
  return mark === '{' ? '}}' : `${mark ?? ''}}`;
}

/** The code with its quoted texts left out. */
function withoutTexts(code: string): string {
  const kept: string[] = [];
  let quote = '';
  for (let at = 0; at < code.length; at++) {
    const character = code[at] ?? '';
    if (quote === '') {
      if (character === "'" || character === '"') quote = character;
      else kept.push(character);
    } else if (character === '\\') at++;
    else if (character === quote) {
      quote = '';
      kept.push(' ');
    }
  }
  return kept.join('');
}
