import { readdirSync } from "node:fs";
import path from "node:path";
import i18next from "eslint-plugin-i18next";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = readdirSync(path.join(import.meta.dirname, "src/features"));

/** Nobody but app imports a feature, and no feature another one. */
function closed(files, others, message) {
  const patterns = others.map((name) => ({ group: [`@/${name}`, `@/${name}/**`], message }));
  return { files, rules: { "no-restricted-imports": ["error", { patterns }] } };
}

export default tseslint.config(
  { ignores: ["node_modules", "generator", "src/api/schema.d.ts", "public", "eslint.config.js"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  hooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { i18next },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/only-throw-error": ["error", { allow: ["Redirect", "NotFoundError"] }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_" }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: { attributes: false } },
      ],
      eqeqeq: "error",
      "max-lines": ["error", 400],
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportDeclaration[source.value=/^\\.\\.\\/\\.\\./]",
          message: "Say where it is from the top: @/...",
        },
      ],
      "i18next/no-literal-string": ["error", { mode: "jsx-text-only" }],
    },
  },
  closed(["src/{api,shared,canvas}/**"], ["app", "features"], "Only app knows features."),
  ...features.map((name) =>
    closed(
      [`src/features/${name}/**`],
      ["app", ...features.filter((one) => one !== name).map((one) => `features/${one}`)],
      "Features do not know each other: what two of them need is in shared.",
    ),
  ),
);
