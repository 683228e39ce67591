// Judges all examples and vectors of an exported standard: node check.mjs BUNDLE > verdicts.json
import { readFileSync, readdirSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { applyPatch } from "fast-json-patch/index.mjs";
import { isMap, memberFindings } from "./members.mjs";
import { ruleFindings, run } from "./rules.mjs";
import { Refused, read } from "./text.mjs";

const file = (...path) => readFileSync([process.argv[2], ...path].join("/"));
const folder = (at) => readdirSync(`${process.argv[2]}/${at}`).map((f) => [f, file(at, f)]);
const codes = (list) => `${file("codelists", `${list}.csv`)}`.match(/^[^,"\r\n]+/gm);
const RULES = folder("rules").map(([, rules]) => JSON.parse(rules)), ID = Symbol("requirement");

// Each $ref replaced by what it leads to, so that each keyword knows its requirement.
const inlined = (node, at, id) => {
  if (Array.isArray(node)) return node.map((one) => inlined(one, at, id));
  if (!isMap(node)) return node === false ? { not: {}, [ID]: () => id } : node;
  const { $ref, $id, $schema, $defs, "x-requirement": x, ...rest } = node;
  const out = { [ID]: (keyword) => x?.[keyword] ?? (typeof x === "string" ? x : id) };
  for (const k in rest) out[k] = k === "const" ? rest[k] : inlined(rest[k], at, out[ID](k));
  if (!$ref) return out;
  const [to, way = ""] = $ref.split("#"), schema = JSON.parse(file(to || at));
  const found = way.split("/").slice(1).reduce((one, name) => one[name], schema);
  return { ...out, allOf: [...(out.allOf ?? []), inlined(found, to || at, out[ID]("$ref"))] };
};
const ajv = formats(new Ajv({ allErrors: true, strict: false, verbose: true }));
const KINDS = ["ProductFootprint", "ProductDeclaration", "SupplierDisclosure", "CustomerReport"];
const SHAPES = Object.fromEntries(KINDS.map((kind) => {
  const name = `${kind.replace(/\B[A-Z]/, "-$&").toLowerCase()}.schema.json`;
  const schema = inlined(JSON.parse(file(name)), name, "DOC-02");
  return [kind, { schema, valid: ajv.compile(schema) }];
}));
const shapeFindings = (valid, document) => (valid(document) ? [] : valid.errors)
  .filter((e) => e.keyword !== "if" && !/\/(anyOf\/[0-9]+|propertyNames)\//.test(e.schemaPath))
  .map((e) => [e.parentSchema[ID](e.keyword), /\/unevaluated/.test(e.schemaPath)
    ? e.instancePath.replace(/\/[^/]*$/, "") : e.instancePath]);

const judged = (bytes, now) => {
  const document = read(bytes), { specVersion: version } = document;
  const kind = "pcf" in document && !("type" in document) ? "ProductFootprint" : document.type;
  if (!KINDS.includes(kind)) return [["DOC-01", ""]];
  if (kind === "ProductFootprint" && /^2\./.test(version)) return [["PCF-01", "/specVersion"]];
  const lenient = kind === "ProductFootprint" || /^(1\.([1-9]|0\.[1-9])|[2-9])/.test(version);
  const { schema, valid } = SHAPES[kind], shape = shapeFindings(valid, document);
  return [...shape, ...memberFindings(document, [schema], codes, lenient),
    ...ruleFindings(RULES, document, kind, now, shape.map(([, pointer]) => pointer))];
};
const verdict = ({ raw, base, patch = [], now = "2026-11-01T00:00:00Z", expression, equals }) => {
  if (expression) return run(`(${expression}) == ${equals}`, {});
  const patched = () => applyPatch(JSON.parse(file("examples", base)), patch).newDocument;
  const bytes = raw ? Buffer.from(raw, "base64") : Buffer.from(JSON.stringify(patched()));
  try { return judged(bytes, now); } catch (error) {
    if (error instanceof Refused) return [[error.message, ""]];
    throw error;
  }
};
const verdicts = Object.fromEntries(folder("examples").map(([base]) => [base, verdict({ base })]));
for (const [name, list] of folder("vectors")) verdicts[name] = JSON.parse(list).map(verdict);
console.log(JSON.stringify(verdicts));
