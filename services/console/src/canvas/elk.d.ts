/** The package has types for the whole, but not for the part that leaves out the worker. */
declare module "elkjs/lib/elk-api.js" {
  export { default } from "elkjs/lib/elk-api";
}
