import ts from 'typescript';

/** A JSON Schema, as far as the events need one. */
export interface Schema {
  readonly [keyword: string]: string | number | boolean | null | Schema | readonly (Schema | string | number)[];
}

/**
 * Makes the JSON Schema of the events from their TypeScript types: one definition for each event, under its name, and one
 * for each type that they name; docstrings are the descriptions. Whatever kind of type it has not met, it refuses.
 */
export function eventSchema(file: string): Schema {
  // Neither the browser's types nor Node's are needed, and they cost seconds.
  const options = { strict: true, noEmit: true, allowImportingTsExtensions: true, lib: ['lib.es2023.d.ts'], types: [] };
  const program = ts.createProgram([file], options);
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`no such file: ${file}`);
  const maker = schemaMaker(program.getTypeChecker());

  const event = aliasIn(source, 'Event');
  const body = aliasIn(source, 'EventBody');
  if (!ts.isIntersectionTypeNode(event.type) || !ts.isUnionTypeNode(body.type))
    throw new Error('Event is Stamp & EventBody, and EventBody the union of all events');
  const [stamp] = event.type.types;
  if (stamp === undefined) throw new Error('no stamp');
  const events = body.type.types.map((member) => maker.event([stamp, member]));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'An event of flurry: one line of its JSON output',
    description: maker.description(event),
    oneOf: events.map(([name]) => ({ $ref: `#/$defs/${name}` })),
    $defs: { ...Object.fromEntries(events), ...maker.named() },
  };
}

function aliasIn(source: ts.SourceFile, name: string): ts.TypeAliasDeclaration {
  const found = source.statements.filter(ts.isTypeAliasDeclaration).find((one) => one.name.text === name);
  if (found === undefined) throw new Error(`no type ${name}`);
  return found;
}

function schemaMaker(checker: ts.TypeChecker) {
  const named = new Map<string, Schema>();

  const description = (declaration: ts.Declaration): string =>
    ts
      .getJSDocCommentsAndTags(declaration)
      .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
      .join(' ')
      .replaceAll(/\s+/g, ' ');
  const described = (declaration: ts.Declaration): Schema => {
    const text = description(declaration);
    return text === '' ? {} : { description: text };
  };

  const object = (properties: readonly ts.Symbol[]): Schema => {
    const fields = properties.map((property) => {
      const declaration = property.valueDeclaration;
      if (declaration === undefined || !ts.isPropertySignature(declaration) || declaration.type === undefined)
        throw new Error(`${property.name} is no property with a type`);
      const isOptional = declaration.questionToken !== undefined;
      return { name: property.name, isOptional, schema: { ...described(declaration), ...schemaOf(declaration.type) } };
    });
    return {
      type: 'object',
      properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
      required: fields.filter(({ isOptional }) => !isOptional).map(({ name }) => name),
    };
  };

  const schemaOf = (node: ts.TypeNode): Schema => {
    if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) return schemaOf(node.type);
    if (ts.isParenthesizedTypeNode(node)) return schemaOf(node.type);
    if (ts.isArrayTypeNode(node)) return { type: 'array', items: schemaOf(node.elementType) };
    if (ts.isTypeLiteralNode(node)) return object(checker.getPropertiesOfType(checker.getTypeFromTypeNode(node)));
    if (ts.isTypeReferenceNode(node)) return reference(node);
    const simple = plainSchema(checker.getTypeFromTypeNode(node));
    if (simple !== undefined) return simple;
    if (ts.isUnionTypeNode(node)) return union(node.types.map(schemaOf));
    throw new Error(`no schema is made of the type ${node.getText()}`);
  };

  const reference = (node: ts.TypeReferenceNode): Schema => {
    const name = node.typeName.getText();
    if (!named.has(name)) {
      named.set(name, {});
      const declaration = declarationOf(node.typeName);
      const schema = ts.isInterfaceDeclaration(declaration)
        ? object(checker.getPropertiesOfType(checker.getTypeAtLocation(declaration)))
        : schemaOf(declaration.type);
      named.set(name, { ...described(declaration), ...schema });
    }
    return { $ref: `#/$defs/${name}` };
  };

  const declarationOf = (name: ts.EntityName): ts.InterfaceDeclaration | ts.TypeAliasDeclaration => {
    const symbol = checker.getSymbolAtLocation(name);
    const meant =
      symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const [declaration] = meant?.declarations ?? [];
    if (declaration !== undefined && (ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration)))
      return declaration;
    throw new Error(`${name.getText()} is neither an interface nor an alias`);
  };

  return {
    description,
    named: (): Schema => Object.fromEntries([...named].sort(([one], [other]) => (one < other ? -1 : 1))),
    /** Gives an event's name and its definition, with the fields that every event has. */
    event(parts: readonly ts.TypeNode[]): readonly [string, Schema] {
      const own = parts.at(-1);
      if (own === undefined || !ts.isTypeReferenceNode(own)) throw new Error('an event is an interface with a name');
      const properties = parts.flatMap((part) => checker.getPropertiesOfType(checker.getTypeFromTypeNode(part)));
      const schema = object(properties);
      const tag = properties.find(({ name }) => name === 'event');
      const type = tag === undefined ? undefined : checker.getTypeOfSymbol(tag);
      if (type === undefined || !type.isStringLiteral()) throw new Error(`${own.getText()} has no name as an event`);
      return [type.value, { ...described(declarationOf(own.typeName)), ...schema }];
    },
  };
}

/** `["string", "null"]`, where nothing more than its type is said of each. */
function union(schemas: readonly Schema[]): Schema {
  const types = schemas.flatMap((schema) =>
    typeof schema['type'] === 'string' && Object.keys(schema).length === 1 ? [schema['type']] : [],
  );
  return types.length === schemas.length ? { type: types } : { anyOf: schemas };
}

/** Of what has no fields: text, numbers, null, and words, sorted. */
function plainSchema(type: ts.Type): Schema | undefined {
  if (type.flags & ts.TypeFlags.String) return { type: 'string' };
  if (type.flags & ts.TypeFlags.Number) return { type: 'number' };
  if (type.flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
  if (type.flags & ts.TypeFlags.Null) return { type: 'null' };
  if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
  if (!type.isUnion()) return undefined;
  const words = type.types.flatMap((one) => (one.isStringLiteral() || one.isNumberLiteral() ? [one.value] : []));
  return words.length === type.types.length ? { enum: words.sort((one, other) => (one < other ? -1 : 1)) } : undefined;
}
