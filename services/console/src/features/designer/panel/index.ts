export { NodePanel } from "./NodePanel";
export { VariablesPanel } from "./VariablesPanel";
export { YamlSide } from "./YamlSide";
export type { NodePanelProps, Place, VariablesPanelProps, YamlSideProps } from "./types";
