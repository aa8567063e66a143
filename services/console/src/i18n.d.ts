import "i18next";
import type app from "./app/locales/en.json";
import type home from "./features/home/locales/en.json";
import type instances from "./features/instances/locales/en.json";
import type session from "./features/session/locales/en.json";
import type templates from "./features/templates/locales/en.json";
import type shared from "./shared/locales/en.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "shared";
    resources: {
      app: typeof app;
      home: typeof home;
      instances: typeof instances;
      session: typeof session;
      shared: typeof shared;
      templates: typeof templates;
    };
  }
}
