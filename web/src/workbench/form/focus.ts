/** Where the keys are in a form, and how they get to a question. */

const CONTROL = "textarea, input:not([type=search]):not(:disabled), select, [data-option]";

/** Whether the keys are in this form. */
export function hasFocus(form: Element): boolean {
  return form.contains(document.activeElement);
}

/** Puts the keys into a question's control: what is chosen, or the first. False when the question is not there. */
export function focusField(within: ParentNode, attributeId: string): boolean {
  const row = within.querySelector<HTMLElement>(`[data-value="${CSS.escape(attributeId)}"]`);
  if (!row) return false;
  row.scrollIntoView({ block: "nearest" });
  if (row.contains(document.activeElement)) return true;
  const controls = [...row.querySelectorAll<HTMLElement>(CONTROL)];
  const first = controls.find((c) => (c as HTMLInputElement).checked) ?? controls[0] ?? row.querySelector<HTMLElement>("button");
  first?.focus({ preventScroll: true });
  return first !== undefined;
}

/** The form of the page, where it has one. */
export function pageForm(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-form]");
}
