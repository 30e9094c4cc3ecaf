/** What is known of a value in a template. */
export type TemplateShape =
  | { readonly kind: 'any' }
  | { readonly kind: 'text' | 'number' | 'boolean' }
  | { readonly kind: 'list' | 'map'; readonly element: TemplateShape }
  | { readonly kind: 'object'; readonly type: ObjectType };

/** A field and what it holds. */
export interface TemplateField {
  readonly shape: TemplateShape;
  readonly detail: string;
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
    System: [TEXT, 'the system message'],
    Prompt: [TEXT, "the user's message, in templates without .Messages and in fill-in requests"],
    Response: [TEXT, "the model's answer; what stands behind it is left out while it answers"],
    Messages: [
      listOf('message'),
      'the conversation: Role, Content, Thinking, Images, ToolCalls, ToolName, ToolCallID',
    ],
    Tools: [listOf('tool'), 'the tools that the model may call: Type, Function'],
    Suffix: [TEXT, 'the text after the cursor, in fill-in requests'],
    Think: [BOOLEAN, 'whether the model is asked to think'],
    ThinkLevel: [TEXT, 'how much it is asked to think: low, medium or high'],
    IsThinkSet: [BOOLEAN, 'whether the request says anything about thinking'],
  }),
  message: fields({
    Role: [TEXT, 'system, user, assistant or tool'],
    Content: [TEXT, "the message's text"],
    Thinking: [TEXT, 'what the model thought before it answered'],
    Images: [{ kind: 'list', element: ANY }, 'the pictures of the message'],
    ToolCalls: [listOf('tool call'), 'the calls that the model made: ID, Function'],
    ToolName: [TEXT, 'of a tool message: the tool that answered'],
    ToolCallID: [TEXT, 'of a tool message: the call that it answers'],
  }),
  'tool call': fields({
    ID: [TEXT, "the call's name"],
    Function: [objectOf('called function'), 'the call: Index, Name, Arguments'],
  }),
  'called function': fields({
    Index: [NUMBER, "the call's place in its message, from 0"],
    Name: [TEXT, "the tool's name"],
    Arguments: [{ kind: 'map', element: ANY }, 'the arguments by name; prints as JSON'],
  }),
  tool: fields({
    Type: [TEXT, 'function'],
    Items: [ANY, 'items as the request has them'],
    Function: [objectOf('tool function'), 'the tool: Name, Description, Parameters'],
  }),
  'tool function': fields({
    Name: [TEXT, "the tool's name"],
    Description: [TEXT, 'what the tool does'],
    Parameters: [objectOf('parameters'), 'what it takes: Type, Defs, Items, Required, Properties'],
  }),
  parameters: fields({
    Type: [TEXT, 'object'],
    Defs: [ANY, 'definitions as the request has them'],
    Items: [ANY, 'items as the request has them'],
    Required: [{ kind: 'list', element: TEXT }, 'the names of the parameters that must be given'],
    Properties: [{ kind: 'map', element: objectOf('property') }, 'the parameters by name; prints as JSON'],
  }),
  property: fields({
    AnyOf: [listOf('property'), 'the types of which it may be one'],
    Type: [{ kind: 'list', element: TEXT }, 'its type or types'],
    Items: [ANY, 'what its elements are'],
    Description: [TEXT, 'what it is for'],
    Enum: [{ kind: 'list', element: ANY }, 'the values that it may have'],
    Properties: [ANY, 'its own properties'],
    Required: [{ kind: 'list', element: TEXT }, 'the names of the properties that must be given'],
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

/** What a value is called in a sentence. */
export function shapeName(shape: TemplateShape): string {
  switch (shape.kind) {
    case 'any':
      return 'a value';
    case 'text':
      return 'a text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'list':
      return shape.element.kind === 'object' ? `a list (of a ${shape.element.type} each)` : 'a list';
    case 'map':
      return 'a map';
    case 'object':
      return shape.type === 'root' ? 'the variables' : `a ${shape.type}`;
  }
}

function objectOf(type: ObjectType): TemplateShape {
  return { kind: 'object', type };
}

function listOf(type: ObjectType): TemplateShape {
  return { kind: 'list', element: objectOf(type) };
}

function fields(
  rows: Readonly<Record<string, readonly [TemplateShape, string]>>,
): ReadonlyMap<string, TemplateField> {
  return new Map(Object.entries(rows).map(([name, [shape, detail]]) => [name, { shape, detail }]));
}
