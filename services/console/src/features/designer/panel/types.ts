import type { SchemaFaultView } from "@/api/schema";
import type { JsonObject } from "@/shared/forms/types";

/** Where a flow is written: what the panel asks the API with. */
export interface Place {
  readonly project: string;
  /** Key, in addresses. */
  readonly template: string;
}

export interface NodePanelProps {
  readonly place: Place;
  /** The whole document, as it is written now. */
  readonly definition: JsonObject;
  /** Id of a node of it. */
  readonly nodeId: string;
  /** What validation says about the document as a whole; the panel takes what is of its node. */
  readonly faults: readonly SchemaFaultView[];
  readonly readOnly?: boolean;
  /** Gets the node as a whole; its id is the same. */
  readonly onChange: (node: JsonObject) => void;
  /** Renames it wherever it is named; answers false for a name that is taken or does not fit. */
  readonly onRename: (id: string) => boolean;
  /** The text as it is on the screen: a test runs that. */
  readonly source: () => string;
}

export interface VariablesPanelProps {
  readonly place: Place;
  readonly definition: JsonObject;
  readonly faults: readonly SchemaFaultView[];
  readonly readOnly?: boolean;
  /** Gets the document as a whole, with other inputs, constants, outputs and so on. */
  readonly onChange: (definition: JsonObject) => void;
}

export interface YamlSideProps {
  readonly place: Place;
  readonly text: string;
  readonly faults: readonly SchemaFaultView[];
  readonly readOnly?: boolean;
  /** Gets every change of the text, whether it can be read or not. */
  readonly onText: (text: string) => void;
  /** The node that is looked at: its lines are shown. */
  readonly nodeId?: string | null;
  /** The node in whose lines the cursor stands; null outside of nodes. */
  readonly onNode?: (nodeId: string | null) => void;
}
