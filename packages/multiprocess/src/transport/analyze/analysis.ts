/** What the text of a function says about it. Positions are offsets into the text. */
export type Range = [start: number, end: number];

export interface Reference {
  start: number;
  end: number;
  /** `{ x }`: must become `{ x: … }`. */
  shorthand: boolean;
  /** `x()`: must stay a call without `this`. */
  callee: boolean;
}

export interface FreeVariable {
  references: Reference[];
  written: boolean;
}

/** A method of the class whose name was computed by code that ran outside of it. */
export interface ComputedMethod {
  key: Range;
  isStatic: boolean;
  kind: 'method' | 'get' | 'set';
  /** As `toString` of the method gives it. */
  text: string;
}

export interface Analysis {
  text: string;
  kind: 'arrow' | 'class' | 'function' | 'method';
  form: 'expression' | 'method' | 'get' | 'set';
  isAsync: boolean;
  isGenerator: boolean;
  /** All parameters are plain names: calling it runs nothing before its body. */
  simpleParameters: boolean;
  ownName: string | undefined;
  /** Where V8's position of the function points. */
  parametersStart: number;
  free: Map<string, FreeVariable>;
  /** These four are about the function itself, not about functions inside it that have their own. */
  usesThis: boolean;
  usesSuper: boolean;
  usesNewTarget: boolean;
  thisReferences: Range[];
  importMeta: Range[];
  usesDynamicImport: boolean;
  /** The expression after `extends`, when the text is a class. */
  heritage: Range | undefined;
  computedMethods: ComputedMethod[];
  /** A field has a computed name: the variables in it were read outside of the class. */
  hasComputedFields: boolean;
  /** #names of an enclosing class. */
  freePrivateNames: Set<string>;
  /** The name of a method, with its brackets if computed. */
  key: Range | undefined;
}
