import type { Analysis } from './analysis.ts';
import { boundNames, childrenOf, type Tree } from './parse.ts';
import { hoistedNames, lexicalNames, Scopes } from './scopes.ts';

/** Walks a function or class and writes down what it takes from outside: variables, `this`, `super`, #names, import.meta. */
export class FreeVariableWalker {
  readonly #analysis: Analysis;
  readonly #offset: number;
  readonly #scopes = new Scopes();
  #root: Tree | undefined;
  /** Inside a function, static block or field of the root that has a `this` of its own. */
  #ownThis = false;
  /** Inside anything that has `arguments` and `new.target`, the root included. */
  #ownArguments = false;
  #privateNames: Set<string>[] = [];

  constructor(analysis: Analysis, offset: number) {
    this.#analysis = analysis;
    this.#offset = offset;
  }

  walkRoot(root: Tree): void {
    this.#root = root;
    if (root.type === 'ClassExpression') this.#class(root);
    else this.#function(root);
  }

  #walk(node: Tree | null | undefined): void {
    if (!node) return;
    const visit = this.#visitors[node.type];
    if (visit) visit(node);
    else for (const child of childrenOf(node)) this.#walk(child);
  }

  #walkAll(nodes: (Tree | null)[]): void {
    for (const node of nodes) this.#walk(node);
  }

  readonly #visitors: Record<string, (node: Tree) => void> = {
    Identifier: (node) => this.#refer(node),
    FunctionDeclaration: (node) => this.#function(node),
    FunctionExpression: (node) => this.#function(node),
    ArrowFunctionExpression: (node) => this.#function(node),
    ClassDeclaration: (node) => this.#class(node),
    ClassExpression: (node) => this.#class(node),
    ThisExpression: (node) => {
      if (this.#ownThis) return;
      this.#analysis.usesThis = true;
      this.#analysis.thisReferences.push([node.start - this.#offset, node.end - this.#offset]);
    },
    Super: () => {
      if (this.#ownThis) return;
      this.#analysis.usesSuper = true;
      this.#analysis.usesThis = true;
    },
    MetaProperty: (node) => {
      if (node.meta.name === 'import')
        this.#analysis.importMeta.push([node.start - this.#offset, node.end - this.#offset]);
      else if (!this.#ownArguments) this.#analysis.usesNewTarget = true;
    },
    ImportExpression: (node) => {
      this.#analysis.usesDynamicImport = true;
      this.#walk(node.source);
      this.#walk(node.options);
    },
    PrivateIdentifier: (node) => {
      if (!this.#privateNames.some((names) => names.has(node.name))) this.#analysis.freePrivateNames.add(node.name);
    },
    MemberExpression: (node) => {
      this.#walk(node.object);
      if (node.computed || node.property.type === 'PrivateIdentifier') this.#walk(node.property);
    },
    CallExpression: (node) => {
      this.#callee(node.callee);
      this.#walkAll(node.arguments);
    },
    TaggedTemplateExpression: (node) => {
      this.#callee(node.tag);
      this.#walk(node.quasi);
    },
    Property: (node) => {
      if (node.computed) this.#walk(node.key);
      if (node.shorthand && node.value.type === 'Identifier') this.#refer(node.value, { shorthand: true });
      else this.#walk(node.value);
    },
    LabeledStatement: (node) => this.#walk(node.body),
    BreakStatement: () => {},
    ContinueStatement: () => {},
    AssignmentExpression: (node) => {
      this.#assign(node.left);
      this.#walk(node.right);
    },
    UpdateExpression: (node) => this.#assign(node.argument),
    VariableDeclaration: (node) => {
      for (const { id, init } of node.declarations) {
        this.#defaults(id);
        this.#walk(init);
      }
    },
    BlockStatement: (node) => this.#scopes.within(lexicalNames(node.body), () => this.#walkAll(node.body)),
    SwitchStatement: (node) => {
      this.#walk(node.discriminant);
      const names = lexicalNames(node.cases.flatMap((c: Tree) => c.consequent));
      this.#scopes.within(names, () => this.#walkAll(node.cases.flatMap((c: Tree) => [c.test, ...c.consequent])));
    },
    CatchClause: (node) => {
      this.#scopes.within([...boundNames(node.param), ...lexicalNames(node.body.body)], () => {
        this.#defaults(node.param);
        this.#walkAll(node.body.body);
      });
    },
    ForStatement: (node) => {
      this.#scopes.within(lexicalNames([node.init].filter(Boolean)), () =>
        this.#walkAll([node.init, node.test, node.update, node.body]),
      );
    },
    ForInStatement: (node) => this.#forEach(node),
    ForOfStatement: (node) => this.#forEach(node),
  };

  #forEach(node: Tree): void {
    this.#scopes.within(lexicalNames([node.left]), () => {
      if (node.left.type === 'VariableDeclaration') this.#walk(node.left);
      else this.#assign(node.left);
      this.#walkAll([node.right, node.body]);
    });
  }

  #callee(node: Tree): void {
    if (node.type === 'Identifier') this.#refer(node, { callee: true });
    else this.#walk(node);
  }

  #refer(node: Tree, { shorthand = false, callee = false, write = false } = {}): void {
    const { name } = node;
    if (name === 'undefined' || this.#scopes.has(name)) return;
    const { free } = this.#analysis;
    let variable = free.get(name);
    if (!variable) {
      variable = { references: [], written: false };
      free.set(name, variable);
    }
    variable.references.push({ start: node.start - this.#offset, end: node.end - this.#offset, shorthand, callee });
    if (write) variable.written = true;
  }

  /** The target of an assignment. */
  #assign(pattern: Tree): void {
    switch (pattern.type) {
      case 'Identifier':
        this.#refer(pattern, { write: true });
        break;
      case 'ObjectPattern':
        for (const property of pattern.properties) this.#assignProperty(property);
        break;
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) this.#assign(element);
        break;
      case 'AssignmentPattern':
        this.#assign(pattern.left);
        this.#walk(pattern.right);
        break;
      case 'RestElement':
        this.#assign(pattern.argument);
        break;
      default:
        this.#walk(pattern);
    }
  }

  #assignProperty(property: Tree): void {
    const { value, computed, key, shorthand } = property;
    if (computed) this.#walk(key);
    if (!shorthand) {
      this.#assign(property.type === 'RestElement' ? property.argument : value);
      return;
    }
    const isDefaulted = value.type === 'AssignmentPattern';
    this.#refer(isDefaulted ? value.left : value, { write: true, shorthand: true });
    if (isDefaulted) this.#walk(value.right);
  }

  /** What runs when a pattern binds names: its default values and computed keys. */
  #defaults(pattern: Tree | null): void {
    switch (pattern?.type) {
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.computed) this.#walk(property.key);
          this.#defaults(property.type === 'RestElement' ? property.argument : property.value);
        }
        break;
      case 'ArrayPattern':
        for (const element of pattern.elements) this.#defaults(element);
        break;
      case 'AssignmentPattern':
        this.#defaults(pattern.left);
        this.#walk(pattern.right);
        break;
      case 'RestElement':
        this.#defaults(pattern.argument);
        break;
    }
  }

  #function(node: Tree): void {
    const isArrow = node.type === 'ArrowFunctionExpression';
    const hasBlock = node.body.type === 'BlockStatement';
    const names: string[] = node.params.flatMap((parameter: Tree) => boundNames(parameter));
    if (node.type === 'FunctionExpression' && node.id) names.push(node.id.name);
    if (!isArrow) names.push('arguments');
    if (hasBlock) names.push(...hoistedNames(node.body), ...lexicalNames(node.body.body));
    this.#withOwn({ self: !isArrow && node !== this.#root, args: !isArrow }, () =>
      this.#scopes.within(names, () => {
        for (const parameter of node.params) this.#defaults(parameter);
        if (hasBlock) this.#walkAll(node.body.body);
        else this.#walk(node.body);
      }),
    );
  }

  #class(node: Tree): void {
    const members: Tree[] = node.body.body;
    const privates = members.filter(({ key }) => key?.type === 'PrivateIdentifier').map(({ key }) => key.name);
    this.#scopes.within(node.id ? [node.id.name] : [], () => {
      if (node !== this.#root) this.#walk(node.superClass);
      else if (node.superClass)
        this.#analysis.heritage = [node.superClass.start - this.#offset, node.superClass.end - this.#offset];
      this.#privateNames.push(new Set(privates));
      for (const member of members) this.#member(member, node === this.#root);
      this.#privateNames.pop();
    });
  }

  #member(member: Tree, ofRoot: boolean): void {
    if (member.computed && ofRoot && member.type === 'MethodDefinition') this.#computedMethod(member);
    else if (member.computed) {
      if (ofRoot) this.#analysis.hasComputedFields = true;
      this.#walk(member.key);
    }
    if (member.type === 'MethodDefinition') this.#function(member.value);
    else this.#initializer(member);
  }

  // A field's value or a static block: code with a `this` of its own.
  #initializer(member: Tree): void {
    this.#withOwn({ self: true, args: true }, () => {
      if (member.type !== 'StaticBlock') {
        this.#walk(member.value);
        return;
      }
      const names = [...member.body.flatMap((s: Tree) => hoistedNames(s)), ...lexicalNames(member.body)];
      this.#scopes.within(names, () => this.#walkAll(member.body));
    });
  }

  // `extends` and computed names of the root ran outside of it, where V8 need not have kept their variables; the class
  // itself has the results.
  #computedMethod(member: Tree): void {
    const text = this.#analysis.text.slice(member.start - this.#offset, member.end - this.#offset);
    this.#analysis.computedMethods.push({
      key: [member.key.start - this.#offset, member.key.end - this.#offset],
      isStatic: member.static,
      kind: member.kind,
      text: member.static ? text.replace(/^static\s+/, '') : text,
    });
  }

  #withOwn({ self, args }: { self: boolean; args: boolean }, body: () => void): void {
    const before = [this.#ownThis, this.#ownArguments] as const;
    this.#ownThis ||= self;
    this.#ownArguments ||= args;
    body();
    [this.#ownThis, this.#ownArguments] = before;
  }
}
