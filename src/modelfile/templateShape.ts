import * as l10n from '@vscode/l10n';

/** What is known of a value in a template. */
export type TemplateShape =
  | { readonly kind: 'any' }
  | { readonly kind: 'text' | 'number' | 'boolean' }
  | { readonly kind: 'list' | 'map'; readonly element: TemplateShape }
  | { readonly kind: 'object'; readonly type: ObjectType };

/** A field and what it holds. */
export interface TemplateField {
  readonly shape: TemplateShape;
  readonly detail: () => string;
}

type ObjectType =
  'root' | 'message' | 'tool call' | 'called function' | 'tool' | 'tool function' | 'parameters' | 'property';

export const ANY: TemplateShape = { kind: 'any' };
export const TEXT: TemplateShape = { kind: 'text' };
export const NUMBER: TemplateShape = { kind: 'number' };
export const BOOLEAN: TemplateShape = { kind: 'boolean' };
export const ROOT: TemplateShape = { kind: 'object', type: 'root' };

/**
 * What Ollama v0.32.15 hands to a template: the variables (`root`, a map: what it lacks prints `<no value>`) and the
 * structures in them (what those lack fails when the template runs).
 */
const FIELDS: Readonly<Record<ObjectType, ReadonlyMap<string, TemplateField>>> = {
  root: fields({
    System: [TEXT, () => l10n.t('the system message')],
    Prompt: [
      TEXT,
      () => l10n.t("the user's message, in templates without .Messages and in fill-in requests"),
    ],
    Response: [TEXT, () => l10n.t("the model's answer; what stands behind it is left out while it answers")],
    Messages: [
      listOf('message'),
      () => l10n.t('the conversation: Role, Content, Thinking, Images, ToolCalls, ToolName, ToolCallID'),
    ],
    Tools: [listOf('tool'), () => l10n.t('the tools that the model may call: Type, Function')],
    Suffix: [TEXT, () => l10n.t('the text after the cursor, in fill-in requests')],
    Think: [BOOLEAN, () => l10n.t('whether the model is asked to think')],
    ThinkLevel: [TEXT, () => l10n.t('how much it is asked to think: low, medium or high')],
    IsThinkSet: [BOOLEAN, () => l10n.t('whether the request says anything about thinking')],
  }),
  message: fields({
    Role: [TEXT, () => l10n.t('system, user, assistant or tool')],
    Content: [TEXT, () => l10n.t("the message's text")],
    Thinking: [TEXT, () => l10n.t('what the model thought before it answered')],
    Images: [{ kind: 'list', element: ANY }, () => l10n.t('the pictures of the message')],
    ToolCalls: [listOf('tool call'), () => l10n.t('the calls that the model made: ID, Function')],
    ToolName: [TEXT, () => l10n.t('of a tool message: the tool that answered')],
    ToolCallID: [TEXT, () => l10n.t('of a tool message: the call that it answers')],
  }),
  'tool call': fields({
    ID: [TEXT, () => l10n.t("the call's name")],
    Function: [objectOf('called function'), () => l10n.t('the call: Index, Name, Arguments')],
  }),
  'called function': fields({
    Index: [NUMBER, () => l10n.t("the call's place in its message, from 0")],
    Name: [TEXT, () => l10n.t("the tool's name")],
    Arguments: [{ kind: 'map', element: ANY }, () => l10n.t('the arguments by name; prints as JSON')],
  }),
  tool: fields({
    Type: [TEXT, () => 'function'],
    Items: [ANY, () => l10n.t('items as the request has them')],
    Function: [objectOf('tool function'), () => l10n.t('the tool: Name, Description, Parameters')],
  }),
  'tool function': fields({
    Name: [TEXT, () => l10n.t("the tool's name")],
    Description: [TEXT, () => l10n.t('what the tool does')],
    Parameters: [
      objectOf('parameters'),
      () => l10n.t('what it takes: Type, Defs, Items, Required, Properties'),
    ],
  }),
  parameters: fields({
    Type: [TEXT, () => 'object'],
    Defs: [ANY, () => l10n.t('definitions as the request has them')],
    Items: [ANY, () => l10n.t('items as the request has them')],
    Required: [
      { kind: 'list', element: TEXT },
      () => l10n.t('the names of the parameters that must be given'),
    ],
    Properties: [
      { kind: 'map', element: objectOf('property') },
      () => l10n.t('the parameters by name; prints as JSON'),
    ],
  }),
  property: fields({
    AnyOf: [listOf('property'), () => l10n.t('the types of which it may be one')],
    Type: [{ kind: 'list', element: TEXT }, () => l10n.t('its type or types')],
    Items: [ANY, () => l10n.t('what its elements are')],
    Description: [TEXT, () => l10n.t('what it is for')],
    Enum: [{ kind: 'list', element: ANY }, () => l10n.t('the values that it may have')],
    Properties: [ANY, () => l10n.t('its own properties')],
    Required: [
      { kind: 'list', element: TEXT },
      () => l10n.t('the names of the properties that must be given'),
    ],
  }),
};

const NO_FIELDS: ReadonlyMap<string, TemplateField> = new Map();

/** The variables that Ollama gives a template. */
export const TEMPLATE_VARIABLES = FIELDS.root;

/** The fields of a value by name, in the order of their use; none where they are not known. */
export function fieldsOf(shape: TemplateShape): ReadonlyMap<string, TemplateField> {
  return shape.kind === 'object' ? FIELDS[shape.type] : NO_FIELDS;
}

/** Methods of Ollama's types that a template can use like fields. */
const METHODS: ReadonlySet<string> = new Set(['String', 'ToTypeScriptType']);

/** What a field of a value holds; undefined where it certainly has none of that name. */
export function memberOf(shape: TemplateShape, name: string): TemplateShape | undefined {
  if (shape.kind === 'any') return ANY;
  if (shape.kind === 'map') return shape.element;
  const isMethod = METHODS.has(name) && shape.kind !== 'text' && shape !== ROOT;
  return fieldsOf(shape).get(name)?.shape ?? (isMethod ? TEXT : undefined);
}

/** What a value holds in elements: what `range` puts into the dot. */
export function elementOf(shape: TemplateShape): TemplateShape {
  if (shape.kind === 'list' || shape.kind === 'map') return shape.element;
  // A number is counted up to.
  return shape.kind === 'number' ? NUMBER : ANY;
}

const OBJECT_NAMES: Readonly<Record<ObjectType, () => string>> = {
  root: () => l10n.t('the variables'),
  message: () => l10n.t('a message'),
  'tool call': () => l10n.t('a tool call'),
  'called function': () => l10n.t('a called function'),
  tool: () => l10n.t('a tool'),
  'tool function': () => l10n.t('a tool function'),
  parameters: () => l10n.t('a parameters'),
  property: () => l10n.t('a property'),
};

/** What a value is called in a sentence. */
export function shapeName(shape: TemplateShape): string {
  switch (shape.kind) {
    case 'any':
      return l10n.t('a value');
    case 'text':
      return l10n.t('a text');
    case 'number':
      return l10n.t('a number');
    case 'boolean':
      return l10n.t('true or false');
    case 'list':
      return shape.element.kind === 'object'
        ? l10n.t('a list (of {0} each)', OBJECT_NAMES[shape.element.type]())
        : l10n.t('a list');
    case 'map':
      return l10n.t('a map');
    case 'object':
      return OBJECT_NAMES[shape.type]();
  }
}

function objectOf(type: ObjectType): TemplateShape {
  return { kind: 'object', type };
}

function listOf(type: ObjectType): TemplateShape {
  return { kind: 'list', element: objectOf(type) };
}

function fields(
  rows: Readonly<Record<string, readonly [TemplateShape, () => string]>>,
): ReadonlyMap<string, TemplateField> {
  return new Map(Object.entries(rows).map(([name, [shape, detail]]) => [name, { shape, detail }]));
}
