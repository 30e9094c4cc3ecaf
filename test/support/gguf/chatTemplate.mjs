/** The control tokens that the template writes. The last three send the model into one of its scripts. */
export const CHAT_TEMPLATE_MARKS = {
  beginTurn: '<|im_start|>',
  endTurn: '<|im_end|>',
  loop: '<|r_loop|>',
  tool: '<|r_tool|>',
  think: '<|r_think|>',
};

const marks = CHAT_TEMPLATE_MARKS;

/**
 * A ChatML template in Jinja with tools. The last user message chooses the script: "loop" in it never ends, "think"
 * reasons first, offered tools are called, anything else gets the sentence.
 */
export const CHAT_TEMPLATE = `{%- if tools %}
{{- '${marks.beginTurn}system\\n' }}
{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}
{{- "# Tools\\n\\nYou may call one or more functions. Signatures within <tools></tools>:\\n<tools>" }}
{%- for tool in tools %}{{- "\\n" }}{{- tool | tojson }}{%- endfor %}
{{- "\\n</tools>\\n\\nReturn each call as <tool_call>\\n{\\"name\\": <function-name>, \\"arguments\\": <args-json-object>}\\n</tool_call>${marks.endTurn}\\n" }}
{%- elif messages[0].role == 'system' %}{{- '${marks.beginTurn}system\\n' + messages[0].content + '${marks.endTurn}\\n' }}{%- endif %}
{%- for message in messages %}
{%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}{{- '${marks.beginTurn}' + message.role + '\\n' + message.content + '${marks.endTurn}\\n' }}
{%- elif message.role == 'assistant' %}{{- '${marks.beginTurn}assistant\\n' }}
{%- if message.reasoning_content %}{{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{%- endif %}
{%- if message.content %}{{- message.content }}{%- endif %}
{%- if message.tool_calls %}{%- for tool_call in message.tool_calls %}{%- if tool_call.function %}{%- set tool_call = tool_call.function %}{%- endif %}
{{- '\\n<tool_call>\\n{"name": "' + tool_call.name + '", "arguments": ' }}{{- tool_call.arguments | tojson }}{{- '}\\n</tool_call>' }}{%- endfor %}{%- endif %}
{{- '${marks.endTurn}\\n' }}
{%- elif message.role == 'tool' %}{{- '${marks.beginTurn}user\\n<tool_response>\\n' + message.content + '\\n</tool_response>${marks.endTurn}\\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '${marks.beginTurn}assistant\\n' }}
{%- set last = messages[-1].content if messages[-1].content is string else '' %}
{%- if messages[-1].role == 'user' and 'loop' in last %}{{- '${marks.loop}' }}{%- elif messages[-1].role == 'user' and 'think' in last %}{{- '${marks.think}' }}{%- elif tools and messages[-1].role == 'user' %}{{- '${marks.tool}' }}{%- endif %}
{%- endif %}`;
