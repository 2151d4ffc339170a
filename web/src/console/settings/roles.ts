/** The five roles in words. */
import type { Role } from "../../api/types";
import { msg } from "../../engine/text";

export const ROLES: readonly { value: Role; name: string; may: string }[] = [
  { value: "owner", name: msg`Owner`, may: msg`everything, also the workspace itself` },
  { value: "manager", name: msg`Manager`, may: "projects, people, datasets, training" },
  { value: "reviewer", name: msg`Reviewer`, may: msg`labels and reviews, sees quality` },
  { value: "annotator", name: msg`Annotator`, may: msg`labels in projects it was added to` },
  { value: "viewer", name: msg`Viewer`, may: msg`looks at projects it was added to` },
];

const rank = (role: Role | null): number => (role === null ? 99 : ROLES.findIndex((r) => r.value === role));

/** Roles one may give: up to one's own. */
export const rolesUpTo = (own: Role | null): typeof ROLES => ROLES.filter((r) => rank(r.value) >= rank(own));

/** Whether somebody of role `own` may change somebody of role `other`: those below; an owner any. */
export const mayChange = (own: Role | null, other: Role): boolean => own === "owner" || rank(own) < rank(other);
