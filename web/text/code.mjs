/** Finds text for people in TypeScript: what is written msg`...`, and what should be. */
import ts from "typescript";
import { isText } from "./templates.mjs";

const TAG = "msg";
/** Calls and properties whose strings no person reads. */
const SILENT_CALLS = /^(node|import|require|querySelector\w*|closest|getElementById|matches|addEventListener|removeEventListener|createElement|setAttribute|getAttribute|includes|startsWith|endsWith|split|join|replace\w*|indexOf|has|get|set|test|fetch|resolve|shown?Keys|emitMessage|console\.\w+|localStorage\.\w+|sessionStorage\.\w+)$/;
const SILENT_NEWS = /^(RangeError|Error|TypeError|ShapeError|ClipError|URL|Worker|DOMException|RegExp|Event|CustomEvent)$/;
const SILENT_PROPERTIES = new Set(["key", "code", "id", "kind", "type", "icon", "color", "path", "url", "href", "chord", "method", "selector", "headers", "accept"]);

/** Sentences and names as people read them: they begin with a capital or hold several words. */
function isForPeople(text) {
  return isText(text) && (/^\p{Lu}\p{Ll}/u.test(text) || /\p{Ll}{2,} [\p{Ll}{]/u.test(text) || /\{\d+\} \p{Ll}{2}/u.test(text)) && !/^[\w-]+[:;]|^\d+ \d+px |var\(--|[<>{}]{2}|\bpx\b.*\bpx\b|^\p{Lu}\p{Ll}+\p{Lu}/u.test(text);
}

/** Every message in the source, and every string that looks like text but is not written as a message. */
export function textIn(source, filename) {
  const file = ts.createSourceFile(filename, source, ts.ScriptTarget.Latest, true);
  const told = [];
  const untold = [];
  const visit = (node) => {
    if (isSilent(node)) return;
    if (ts.isTaggedTemplateExpression(node)) {
      if (node.tag.getText() === TAG) told.push(messageOf(node.template));
      return ts.forEachChild(node.template, visit);
    }
    const message = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ? messageOf(node) : null;
    if (message !== null && isForPeople(message) && !isCompared(node)) untold.push({ message, node, line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { told, untold };
}

export function messageOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  return node.head.text + node.templateSpans.map((span, index) => `{${index}}${span.literal.text}`).join("");
}

function isSilent(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node) || ts.isImportTypeNode(node)) return true;
  if (ts.isCallExpression(node)) {
    const callee = node.expression.getText();
    return SILENT_CALLS.test(callee.split(".").slice(-1)[0]) || SILENT_CALLS.test(callee);
  }
  if (ts.isNewExpression(node)) return SILENT_NEWS.test(node.expression.getText());
  if (ts.isPropertyAssignment(node)) return SILENT_PROPERTIES.has(node.name.getText().replace(/["']/g, ""));
  return ts.isPropertyDeclaration(node) && node.name.getText() === "name";
}

/** Names of keys and the like: held against something, or a property's name. */
function isCompared(node) {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) return /^[!=]==?$|^in$/.test(parent.operatorToken.getText());
  if (ts.isCaseClause(parent) || ts.isElementAccessExpression(parent)) return true;
  return ts.isPropertyAssignment(parent) && parent.name === node;
}
