/**
 * Finds the text that people read in Svelte templates and has it told in their language.
 *
 * A run of text and values between two elements is one message: `{count} objects selected` becomes
 * `tell("{0} objects selected", [count])`. So are attributes that people read or hear, and the strings that an expression
 * may come to, such as both ends of `isOn ? "Hide" : "Show"`. Keys, code and symbols are left alone.
 */
import MagicString from "magic-string";
import { parse } from "svelte/compiler";

const READ_ATTRIBUTES = new Set(["title", "placeholder", "alt", "label", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext"]);
/** Of components: what they show. */
const READ_PROPS = new Set([...READ_ATTRIBUTES, "add", "corner", "heads", "hint", "name", "note", "text", "unit", "what", "xName"]);
/** Components whose name is the name of a drawing, not of a thing. */
const DRAWN = new Set(["Icon"]);
const SILENT = new Set(["script", "style", "code", "kbd", "pre"]);
const HELPER = "__tell";

export const isText = (text) => /\p{L}{2,}/u.test(text);
const squeezed = (text) => text.replace(/\s+/g, " ").trim();

/** The messages of one template, and the template that tells them. */
export function translated(source, filename, helperFrom) {
  const tree = parse(source, { modern: true, filename });
  const code = new MagicString(source);
  const messages = [];
  const found = { source, code, messages, filename };
  visitFragment(tree.fragment, found);
  if (messages.length && helperFrom) inject(tree, code, helperFrom);
  return { code, messages };
}

/** The messages that the expressions of a template tell by themselves: msg`...`. */
export function toldIn(source, filename) {
  const messages = [];
  const visit = (node) => {
    if (node?.type === "TaggedTemplateExpression" && node.tag.name === "msg") messages.push(messageOf(node.quasi));
    for (const child of Object.values(node ?? {})) if (child !== null && typeof child === "object") visit(child);
  };
  visit(parse(source, { modern: true, filename }).fragment);
  return messages;
}

/** For `svelte({ preprocess })`: before the others. */
export function tellingTemplates(helperFrom) {
  return {
    name: "telling-templates",
    markup({ content, filename }) {
      const { code } = translated(content, filename, helperFrom(filename));
      return { code: code.toString(), map: code.generateMap({ hires: true, source: filename }) };
    },
  };
}

function inject(tree, code, helperFrom) {
  const line = `import { tell as ${HELPER} } from ${JSON.stringify(helperFrom)};`;
  if (tree.instance) code.appendLeft(tree.instance.content.start, line);
  else code.prepend(`<script lang="ts">${line}</script>\n`);
}

function visitFragment(fragment, found) {
  let run = [];
  const close = () => {
    if (run.some((node) => node.type === "Text" && isText(node.data))) tellRun(run, found);
    else for (const node of run) if (node.type === "ExpressionTag") tellResults(node.expression, found);
    run = [];
  };
  for (const node of fragment.nodes) {
    if (node.type === "Text" || node.type === "ExpressionTag") {
      run.push(node);
      continue;
    }
    close();
    visitNode(node, found);
  }
  close();
}

function visitNode(node, found) {
  if (SILENT.has(node.name)) return;
  for (const attribute of node.attributes ?? []) visitAttribute(node, attribute, found);
  for (const part of ["fragment", "body", "consequent", "alternate", "fallback", "pending", "then", "catch"]) {
    if (node[part]?.type === "Fragment") visitFragment(node[part], found);
  }
}

function visitAttribute(node, attribute, found) {
  if (attribute.type !== "Attribute" || attribute.value === true || DRAWN.has(node.name)) return;
  const isRead = (node.type === "Component" ? READ_PROPS : READ_ATTRIBUTES).has(attribute.name);
  if (!isRead) return;
  if (!Array.isArray(attribute.value)) return tellResults(attribute.value.expression, found);
  if (!attribute.value.some((part) => part.type === "Text" && isText(part.data))) return;
  const { start } = attribute.value[0];
  const { end } = attribute.value.at(-1);
  const quoted = found.source[start - 1] === '"' || found.source[start - 1] === "'";
  const told = call(attribute.value, found);
  found.code.overwrite(quoted ? start - 1 : start, quoted ? end + 1 : end, `{${told}}`);
}

function tellRun(run, found) {
  const { start } = run[0];
  const { end } = run.at(-1);
  const raw = found.source.slice(start, end);
  const lead = run[0].type === "Text" ? /^\s*/.exec(raw)[0] : "";
  const tail = run.at(-1).type === "Text" ? /\s*$/.exec(raw)[0] : "";
  const told = call(run, found);
  found.code.overwrite(start, end, `${lead}{${told}}${tail}`);
}

/** A message of texts and values as a call. */
function call(parts, found) {
  let message = "";
  const values = [];
  for (const part of parts) {
    if (part.type === "Text") message += part.data;
    else {
      message += `{${values.length}}`;
      values.push(valueOf(part.expression, found));
    }
  }
  return callOf(squeezed(message), values, found);
}

function callOf(message, values, found) {
  found.messages.push(message);
  return values.length ? `${HELPER}(${JSON.stringify(message)}, [${values.join(", ")}])` : `${HELPER}(${JSON.stringify(message)})`;
}

/** The source of an expression, with the strings that it may come to told. */
function valueOf(expression, found) {
  const inner = { ...found, code: new MagicString(found.source) };
  tellResults(expression, inner);
  return inner.code.slice(expression.start, expression.end).toString();
}

function tellResults(expression, found) {
  switch (expression.type) {
    case "Literal":
      if (typeof expression.value === "string" && isText(expression.value)) found.code.overwrite(expression.start, expression.end, callOf(squeezed(expression.value), [], found));
      return;
    case "TemplateLiteral":
      return tellTemplate(expression, found);
    case "ConditionalExpression":
      tellResults(expression.consequent, found);
      return tellResults(expression.alternate, found);
    case "LogicalExpression":
      tellResults(expression.left, found);
      return tellResults(expression.right, found);
    case "BinaryExpression":
      if (expression.operator !== "+") return;
      tellResults(expression.left, found);
      return tellResults(expression.right, found);
    case "ArrayExpression":
      return expression.elements.forEach((element) => element && tellResults(element, found));
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSNonNullExpression":
      return tellResults(expression.expression, found);
  }
}

const messageOf = (literal) => literal.quasis.map((quasi, index) => (index ? `{${index - 1}}` : "") + quasi.value.cooked).join("");

function tellTemplate(literal, found) {
  const message = messageOf(literal);
  if (!isText(message)) return;
  const values = literal.expressions.map((expression) => valueOf(expression, found));
  found.code.overwrite(literal.start, literal.end, callOf(message, values, found));
}
