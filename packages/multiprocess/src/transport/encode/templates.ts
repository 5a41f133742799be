import { newId } from '../origins.ts';
import type { Template } from '../wire/format.ts';

/** Which templates one receiver already has. Use one per receiver, and drop it when a message did not arrive. */
export class KnownTemplates {
  readonly #ids = new Set<string>();

  has(template: Template): boolean {
    return this.#ids.has(template.id);
  }

  add(templates: Iterable<Template>): void {
    for (const { id } of templates) this.#ids.add(id);
  }
}

const CACHE_SIZE = 5000;
const byText = new Map<string, Map<string, Template>>();

/** The one template of this text at this place with these parameters. */
export function internTemplate(sourceText: string, variant: string, make: (id: string) => Template): Template {
  let variants = byText.get(sourceText);
  if (!variants) {
    if (byText.size >= CACHE_SIZE) byText.clear();
    variants = new Map();
    byText.set(sourceText, variants);
  }
  let template = variants.get(variant);
  if (!template) {
    template = make(newId());
    variants.set(variant, template);
  }
  return template;
}
