import "i18next";
import type app from "./app/locales/en.json";
import type designer from "./features/designer/locales/en.json";
import type panel from "./features/designer/panel/locales/en.json";
import type home from "./features/home/locales/en.json";
import type instances from "./features/instances/locales/en.json";
import type run from "./features/run/locales/en.json";
import type session from "./features/session/locales/en.json";
import type start from "./features/start/locales/en.json";
import type templates from "./features/templates/locales/en.json";
import type forms from "./shared/forms/locales/en.json";
import type graph from "./shared/graph/locales/en.json";
import type shared from "./shared/locales/en.json";
import type newTemplate from "./shared/newTemplate/locales/en.json";
import type plugins from "./features/plugins/locales/en.json";
import type settings from "./features/settings/locales/en.json";
import type uses from "./shared/uses/locales/en.json";
import type visibility from "./shared/visibility/locales/en.json";
import type waiting from "./features/waiting/locales/en.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "shared";
    resources: {
      waiting: typeof waiting;
      visibility: typeof visibility;
      uses: typeof uses;
      settings: typeof settings;
      plugins: typeof plugins;
      newTemplate: typeof newTemplate;
      app: typeof app;
      designer: typeof designer;
      forms: typeof forms;
      graph: typeof graph;
      home: typeof home;
      instances: typeof instances;
      run: typeof run;
      panel: typeof panel;
      session: typeof session;
      shared: typeof shared;
      start: typeof start;
      templates: typeof templates;
    };
  }
}
