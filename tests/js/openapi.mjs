// Reads an OpenAPI 3.1 description: references, and JSON Schema (2020-12) by npm ajv in strict mode.
import Ajv2020 from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export function at(doc, pointer) {
	return pointer.replace(/^#\//, '').split('/')
		.reduce((node, k) => node?.[decodeURIComponent(k).replaceAll('~1', '/').replaceAll('~0', '~')], doc);
}

export function resolve(doc, node) {
	return node?.$ref ? { ...at(doc, node.$ref), ...node } : node;
}

// check(pointer, value): what is wrong with the value by the schema there, as text; null when nothing is. Strict mode refuses a schema
// with a keyword that nobody knows.
export function compiler(doc) {
	const ajv = new Ajv2020({ strict: true, strictTypes: true, allowUnionTypes: true, allErrors: false, strictRequired: false });
	const compiled = new Map();
	formats(ajv);
	ajv.addVocabulary(['components', 'paths', 'x-limit']);
	ajv.addSchema({ $id: 'openapi:doc', components: doc.components, paths: doc.paths }, 'doc');
	const validator = (pointer) => {
		if (!compiled.has(pointer))
			compiled.set(pointer, ajv.compile({ $ref: `openapi:doc${encodeURI(pointer)}` }));
		return compiled.get(pointer);
	};
	return {
		// What is wrong with the schema itself; null when nothing is.
		fault(pointer) {
			try {
				return void validator(pointer) ?? null;
			} catch (e) {
				return e.message;
			}
		},
		check(pointer, value) {
			const validate = validator(pointer);
			return validate(value) ? null : validate.errors.map((e) => `${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`).join('; ');
		},
	};
}
