import { describe, expect, it } from 'vitest';
import { capabilitiesOfTemplate } from '../../../src/catalog/chatTemplate';

/** Shapes of templates, written anew after what the makers' templates do; none of them is a copy. */
const TEMPLATES: readonly (readonly [string, string, boolean, boolean])[] = [
  [
    'ChatML',
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] }}{% endfor %}",
    false,
    false,
  ],
  [
    'Qwen2.5: tools',
    '{%- if tools %}{{- "# Tools" }}{%- endif %}{%- for message in messages %}{%- endfor %}',
    true,
    false,
  ],
  [
    'Qwen3: both',
    '{%- if tools %}{%- endif %}{%- if enable_thinking is defined %}{{- "<think>\\n\\n</think>" }}{%- endif %}',
    true,
    true,
  ],
  [
    'R1: strips thoughts',
    "{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}",
    false,
    true,
  ],
  [
    'calls by index only',
    "{% if message['tool_calls'] %}{{ message['tool_calls'] | tojson }}{% endif %}",
    true,
    false,
  ],
  ['calls by field', '{%- if message.tool_calls %}{%- endif %}', true, false],
  ['Mistral', "{%- if tools is not none %}{{- '[AVAILABLE_TOOLS]' }}{%- endif %}", true, false],
  ['Magistral', "{{- '[THINK]' + block['thinking'] + '[/THINK]' }}", false, true],
  ['Granite', '{%- if thinking %}{%- endif %}', false, true],
  ['DeepSeek V3.1', '{%- if not thinking is defined %}{%- set thinking = false %}{%- endif %}', false, true],
  [
    'gpt-oss',
    '{%- if reasoning_effort is not defined %}{%- endif %}{{ "<|channel|>analysis" }}{%- if tools %}{%- endif %}',
    true,
    true,
  ],
  ['Seed-OSS', '{{ "<seed:think>" }}', false, true],
  ['Command A Reasoning', '{{ "<|START_THINKING|>" }}{% if available_tools %}{% endif %}', true, true],
  ['Functions', '{% if functions %}{{ functions }}{% endif %}', true, false],
  ['a text that speaks of tools', "{{ 'You have no tools, and tools are not for you.' }}", false, false],
  ['a text that asks to think', "{{ 'Take your time for thinking and reasoning.' }}", false, false],
  ['prose outside of code', 'Use your tools for thinking. {{ messages }}', false, false],
  ['a comment', '{# tools, tool_calls, enable_thinking, <think> #}{{ messages }}', false, false],
  ['an escaped quote', "{{ 'it\\'s tools' }}{{ messages }}", false, false],
  ['code that never closes', '{{ messages }}{% if tools', false, false],
];

describe('capabilitiesOfTemplate', () => {
  it.each(TEMPLATES)('reads %s', (_, template, tools, thinking) => {
    expect(capabilitiesOfTemplate(template)).toEqual({ tools, thinking });
  });

  it('knows nothing without a template', () => {
    expect(capabilitiesOfTemplate(undefined)).toEqual({ tools: null, thinking: null });
    expect(capabilitiesOfTemplate(' \n')).toEqual({ tools: null, thinking: null });
  });

  it('takes no longer for a template that was made to be slow', () => {
    const slow = ['{%', '{{', "{{'\\", "{% '", '{# ', '{', "{%%}'", '<think', "{{\"'\\'}}"];
    const before = performance.now();
    for (const piece of slow) capabilitiesOfTemplate(piece.repeat(400_000));
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
