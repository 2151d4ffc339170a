/** Makes the few long-lived objects and mounts the shell. */
import { mount } from "svelte";
import { Api } from "./api/client";
import { Http } from "./api/http";
import { KeptStore } from "./outbox/kept";
import { Outbox } from "./outbox/outbox.svelte";
import App from "./shell/App.svelte";
import { Preferences } from "./shell/preferences.svelte";
import { foresee } from "./shell/foresee";
import { Router } from "./shell/router.svelte";
import { routes } from "./shell/routes";
import { Session } from "./shell/session.svelte";
import { ThemeChoice } from "./shell/theme.svelte";
import { Toasts } from "./shell/toasts.svelte";
import { PersonalKeys } from "./workbench/keys.svelte";
import "./app.css";

const http = new Http({
  fetch: (input, init) => fetch(input, init),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});
const api = new Api(http);
const theme = new ThemeChoice();
const session = new Session(api);
const outbox = new Outbox(new KeptStore(indexedDB), api, session);
const preferences = new Preferences({
  read: () => api.preferences(),
  change: (changes) => api.changePreferences(changes),
  userId: () => (session.state === "in" ? (session.me?.user.user_id ?? null) : null),
  storage: localStorage,
  later: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});
const context = { api, router: new Router(), session, theme, toasts: new Toasts(), outbox, preferences, keys: new PersonalKeys(preferences) };

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app.");
mount(App, { target, props: { context } });
foresee(routes);
void session.restore().then(() => outbox.start());
